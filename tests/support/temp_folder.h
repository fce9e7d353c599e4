/* A folder for the files of a test, in $TMPDIR (or /tmp). Whoever runs tests chooses by it where they write,
 * and nothing is left there. All of this fails the test when it cannot be done. */
#ifndef SUPPORT_TEMP_FOLDER_H
#define SUPPORT_TEMP_FOLDER_H

#include "base/bytes.h"

/* With the 0. It is what fits into sun_path, so that any of them may become a Unix socket. */
enum { TEMP_FOLDER_PATH_MAX = 108 };

struct temp_folder {
    char path[TEMP_FOLDER_PATH_MAX]; /* absolute when $TMPDIR is */
};

/* $TMPDIR may have 48 bytes: names in the folder need room, and what messages tell of a path is limited. */
void temp_folder_make(struct temp_folder *folder);

/* The path of what is called so in the folder. */
void temp_folder_path(const struct temp_folder *folder, const char *name,
                      char ret_path[TEMP_FOLDER_PATH_MAX]);

/* Makes a file in the folder, or replaces what is in it. */
void temp_folder_put(const struct temp_folder *folder, const char *name, struct bytes text);

/* The folder, with all that is in it; a link goes, not what it leads to. */
void temp_folder_remove(const struct temp_folder *folder);

#endif
