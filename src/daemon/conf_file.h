/* Reader of the configuration file: text in, one setting or one mistake at a time out.
 *
 *     # a comment, also with ;
 *     [section]
 *     key = value
 *     key = "value"
 *     include = PATH
 *     include_directory = PATH
 *
 * A comment has its own line: in `key = value # note` the note belongs to the value. Blanks around
 * names and values do not count. A value that begins with ' or " must end with it; what stands
 * between the first and the last is taken as it is, there are no escapes. Lines end in LF or CRLF;
 * a byte order mark at the start is skipped. The includes belong to no section and may stand anywhere; to
 * follow them is for the caller.
 *
 * Pure: it knows no settings, opens no file and allocates nothing. All slices point into the text. A
 * mistake is an item like any other, so that the caller can report all of them. */
#ifndef DAEMON_CONF_FILE_H
#define DAEMON_CONF_FILE_H

#include <stdbool.h>

#include "base/bytes.h"

#define CONF_FILE_LINE_BYTES 4096 /* the longest line, without its end */

struct conf_file {
    struct bytes rest;
    struct bytes section; /* empty before the first one */
    unsigned line;
    bool is_section_broken; /* the settings below a bad header belong nowhere: they are passed over */
};

struct conf_file_item {
    unsigned line;             /* from 1 */
    const char *problem;       /* NULL: a setting; otherwise what is wrong with the line */
    struct bytes section, key; /* empty with a problem; never empty otherwise */
    struct bytes value;        /* may be empty */
    bool is_include;           /* key says which of the two; the section is none */
};

/* The text must stay until the last item has been used. */
void conf_file_init(struct conf_file *file, struct bytes text);

/* The next setting or mistake; false at the end. */
bool conf_file_next(struct conf_file *file, struct conf_file_item *ret_item);

#endif
