/* The command line of minglectl, and the request line that it becomes. */
#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/buf.h"

#define REQUEST_BYTES_MAX 4096 /* the daemon takes no more, see docs/control.md */

struct request {
    const char *socket;
    bool is_json, is_help, is_version;
    char **words; /* the command and what belongs to it; NULL at the end */
};

/* 0, or -EINVAL with a message without newline in `error`. Options end at the first word that is none. */
MUST_CHECK int request_parse(char **argv, struct buf *error, struct request *ret_request);

/* The line, with its end. `width`: columns of the terminal, 0: none. 0, -EMSGSIZE (too long), -ENOMEM;
 * -EINVAL: a word has a line's end in it. */
MUST_CHECK int request_put(const struct request *request, unsigned width, struct buf *out);

#endif
