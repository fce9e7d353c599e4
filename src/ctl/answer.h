/* Taking the daemon's answer apart: lines for stdout, lines for stderr, and how it went.
 *
 * The daemon has made every line harmless for terminals and as wide as asked for: nothing is changed here. */
#ifndef CTL_ANSWER_H
#define CTL_ANSWER_H

#include <stdbool.h>
#include <stdio.h>

#include "base/attr.h"
#include "base/bytes.h"

/* The exit status. */
enum answer_status { ANSWER_OK, ANSWER_FAILED, ANSWER_USAGE, ANSWER_NO_DAEMON };

/* One line without its end. True: it was the last one, which says how it went. */
bool answer_take(struct bytes line, FILE *out, FILE *err, enum answer_status *ret_status);

#endif
