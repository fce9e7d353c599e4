/* The administrator's commands: a table of them, and a call of one, which is answered step by step.
 *
 * A handler is an ordinary function, called again and again until it says CONTROL_DONE. Each time it does a
 * bounded part (so many sessions, so many rooms) and keeps where it is in the call. What it looks at may
 * change in between: it holds ids and walks (session/registry.h), never pointers. */
#ifndef DAEMON_CONTROL_COMMAND_H
#define DAEMON_CONTROL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "daemon/control_line.h"
#include "daemon/control_tell.h"
#include "daemon/table.h"
#include "net/addr.h"
#include "session/registry.h"

struct control_call;
struct server;
struct session;

enum control_status { CONTROL_OK, CONTROL_FAILED, CONTROL_USAGE };
const char *control_status_str(enum control_status status); /* the last line of an answer */

enum control_progress { CONTROL_DONE, CONTROL_MORE };

struct control_command {
    const char *name; /* one word */
    const char *usage;
    const char *help;            /* one line, no full stop */
    const char *long_help;       /* lines */
    size_t words_min, words_max; /* behind the name */
    bool emits;                  /* chat events: a step waits until there is room for them */
    enum control_progress (*handler)(struct control_call *call);
};

const struct control_command *control_command_table(size_t *ret_count);
const struct control_command *control_command_find(struct bytes name);

#define CONTROL_PIECE 128 /* sessions, rooms, tasks or rows that one step looks at */
#define CONTROL_TABLE_BYTES_MAX (64 * 1024 * 1024)
#define CONTROL_TEXT_BYTES_MAX (256 * 1024)
#define CONTROL_COUNTS 10

struct control_call {
    struct server *server;
    const struct control_command *command; /* NULL: there was no such thing */
    const struct control_line *line;
    enum control_status status;
    bool is_filled;       /* the handler is done: the table is printed */
    struct table table;   /* for the handler to fill, or not */
    struct buf text;      /* lines: what it says beside a table */
    struct buf complaint; /* lines: why it failed */
    /* The handler's own, zero at first: */
    unsigned step;
    struct registry_walk walk;
    struct control_tell tell;
    struct buf notes;
    size_t at;
    size_t counts[CONTROL_COUNTS];
    bool wants_reload; /* before the next step the client reloads, and its report goes to `notes` */
    int verdict;       /* of that */
};

/* `line` must stay until the call is done. Does nothing yet. */
void control_call_begin(struct control_call *call, struct server *server, const struct control_line *line);
/* Appends the next piece of the answer. False when that was all: status and complaint are then to be told. */
bool control_call_step(struct control_call *call, struct buf *out);
void control_call_done(struct control_call *call);
/* Whether delivery_room() is to be awaited before a step. */
bool control_call_emits(const struct control_call *call);

/* ---- for handlers ---- */

/* The word behind the command's name; empty when there are fewer. */
struct bytes control_call_word(const struct control_call *call, size_t index);
/* All from that word on, with a blank between, in `out`. */
void control_call_rest(const struct control_call *call, size_t index, struct buf *out);
/* Ends the call with a complaint, a line. */
enum control_progress control_call_fail(struct control_call *call, enum control_status status,
                                        const char *format, ...) ATTR_PRINTF(3, 4);
/* An address in numbers without a port, or `unix`. */
MUST_CHECK int control_call_parse_host(struct bytes word, struct addr *ret_addr);
/* A line of what was done. In JSON it is {"message": ...}. */
void control_call_say(struct control_call *call, const char *format, ...) ATTR_PRINTF(2, 3);
/* The next session of the call's walk, which is begun when it is not. NULL at the end. */
struct session *control_call_next_session(struct control_call *call);

/* The handlers; see the table. */
enum control_progress control_help(struct control_call *call);
enum control_progress control_status(struct control_call *call);
enum control_progress control_stats(struct control_call *call);
enum control_progress control_memory(struct control_call *call); /* stats memory */
enum control_progress control_settings(struct control_call *call);
enum control_progress control_sessions(struct control_call *call);
enum control_progress control_rooms(struct control_call *call);
enum control_progress control_tasks(struct control_call *call);
enum control_progress control_log(struct control_call *call);
enum control_progress control_say(struct control_call *call);
enum control_progress control_kick(struct control_call *call);
enum control_progress control_ban(struct control_call *call);
enum control_progress control_unban(struct control_call *call);
enum control_progress control_bans(struct control_call *call);
enum control_progress control_why(struct control_call *call);
enum control_progress control_reload(struct control_call *call);
enum control_progress control_trace(struct control_call *call);
enum control_progress control_drain(struct control_call *call);
enum control_progress control_shutdown(struct control_call *call);

#endif
