#include "support/temp_folder.h"

#include <errno.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

enum { PARENT_MAX = 48 }; /* as in tests/daemon/mingle_test.py */

_Static_assert(TEMP_FOLDER_PATH_MAX == sizeof(((struct sockaddr_un *)NULL)->sun_path), "see unix(7)");

void temp_folder_make(struct temp_folder *folder)
{
    const char *parent = getenv("TMPDIR");
    if (!parent || !*parent)
        parent = "/tmp";
    if (strlen(parent) > PARENT_MAX)
        fail_msg("no room for longer paths in %s: set TMPDIR to a shorter one", parent);
    snprintf(folder->path, sizeof(folder->path), "%s/mingle-test-XXXXXX", parent);
    if (!mkdtemp(folder->path))
        fail_msg("%s cannot be made: %s; see TMPDIR", folder->path, strerror(errno));
}

void temp_folder_path(const struct temp_folder *folder, const char *name, char ret_path[TEMP_FOLDER_PATH_MAX])
{
    int len = snprintf(ret_path, TEMP_FOLDER_PATH_MAX, "%s/%s", folder->path, name);
    assert_in_range(len, 1, TEMP_FOLDER_PATH_MAX - 1);
}

void temp_folder_put(const struct temp_folder *folder, const char *name, struct bytes text)
{
    char path[TEMP_FOLDER_PATH_MAX];
    temp_folder_path(folder, name, path);
    FILE *file = fopen(path, "we");
    if (!file)
        fail_msg("%s cannot be written: %s", path, strerror(errno));
    assert_int_equal(fwrite(text.ptr, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place)
{
    (void)st;
    (void)type;
    (void)place;
    return remove(path);
}

void temp_folder_remove(const struct temp_folder *folder)
{
    if (nftw(folder->path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        fail_msg("%s cannot be removed: %s", folder->path, strerror(errno));
}
