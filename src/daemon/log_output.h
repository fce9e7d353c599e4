/* Where the log goes and how, as the settings say: one for the process, as the log itself.
 *
 * A change has two steps, so that a reload can be refused: log_output_prepare() connects and can fail,
 * log_output_commit() puts it in force and cannot. */
#ifndef DAEMON_LOG_OUTPUT_H
#define DAEMON_LOG_OUTPUT_H

#include "base/attr.h"
#include "base/buf.h"
#include "daemon/journal.h"

struct settings;

struct log_output {
    struct journal journal;
    enum log_format format; /* of lines, when the journal does not take them */
};

/* A journal that was asked for and is not there is an error, with a line in `errors`; one that was only hoped for
 * is not. On success end it with one of the two below. */
MUST_CHECK int log_output_prepare(const struct settings *settings, struct log_output *ret_output,
                                  struct buf *errors);
/* Takes `output` over; what was in force before is closed. */
void log_output_commit(struct log_output *output);
void log_output_abandon(struct log_output *output);

/* Tells what was held back; from then on lines go to stderr. */
void log_output_close(void);

#endif
