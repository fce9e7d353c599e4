/* What one reader is still owed, and writing it.
 *
 * A reader has cursors into the logs of its rooms (chat/room.h) and an inbox of events for it alone.
 * Nothing is rendered ahead: while its socket is full the reader stays behind in the logs, at no cost,
 * and is served from its cursors once it has drained. The inbox is bounded; so is the time it may stay
 * behind. Everything here is synchronous; the outbox belongs to its session and outlives its user. */
#ifndef SESSION_OUTBOX_H
#define SESSION_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "async/event.h"
#include "base/buf.h"
#include "base/list.h"
#include "proto/dialect.h"

struct chat_event;
struct conn;
struct delivery;
struct membership;
struct user;

/* Answers that are gathered (proto/irc_label.h). */
struct outbox_label;

struct outbox {
    struct delivery *delivery;
    struct conn *conn;
    struct user *user; /* whose events these are; NULL before the name and after the departure */
    struct wire_reader reader;
    struct wire_form form;    /* that follows from it */
    uint64_t current_room_id; /* as the reader was last told */
    struct list inbox;        /* struct chat_event by queue_link, a reference each */
    struct co_event finished; /* set when the user's departure was delivered */
    int64_t behind_since_ms;
    /* On the delivery's lists: */
    struct list_link slow_link;   /* to be served from its cursors in this batch */
    struct list_link behind_link; /* its socket is full; or, with has_drained, was: continue */
    struct list_link reap_link;   /* a departure was read to its end */
    uint64_t batch;               /* the batch that `rooms_in_batch` counts for */
    unsigned rooms_in_batch;
    bool needs_merge; /* in this batch: own messages to leave out, or replies in between */
    bool has_failed;  /* `fail` was called */
    bool has_drained; /* it is on the list of those, not on that of those who are behind */
    /* Writes for a reader with a screen, as conn_write() does; NULL: conn_write() itself. */
    int (*write)(struct outbox *outbox, struct bytes data);
    /* The reader's choices have changed, what came before is written; may be NULL. */
    void (*changed)(struct outbox *outbox);
    /* Somebody must end the session, e.g. for not reading. Called at most once; must only mark. */
    void (*fail)(struct outbox *outbox, enum close_reason reason);
    struct outbox_label *label; /* owned; NULL: no answers are gathered */
};

/* conn may change until the first event; `fail` may not be NULL. */
void outbox_init(struct outbox *outbox, struct delivery *delivery, struct conn *conn,
                 void (*fail)(struct outbox *, enum close_reason));

/* From now on the user's events come here. */
void outbox_attach(struct outbox *outbox, struct user *user);
/* No more events; drops what waits. Also when not attached, and again. */
void outbox_detach(struct outbox *outbox);

/* Tells the user's rooms of a reader who may want to see who comes and goes: they do not hold that back then. */
void outbox_note_watcher(const struct outbox *outbox);

/* Takes over the reference. */
void outbox_push(struct outbox *outbox, struct chat_event *event);

/* Something is known of the client, or no longer: a WIRE_FACT_…. From the next event on. */
void outbox_set_fact(struct outbox *outbox, uint32_t fact, bool is_so);

/* The client speaks IRC: from the next event on. `irc` stays the caller's, and must outlive the outbox. */
void outbox_set_irc(struct outbox *outbox, struct wire_irc *irc);

/* Writes what is owed, in the hub's order, until all is written or the socket is full. With
 * `is_last` also into a full socket: the reader leaves. */
void outbox_serve(struct outbox *outbox, bool is_last);

/* Sends bytes that were rendered for all readers of one form. */
void outbox_send(struct outbox *outbox, struct bytes data);

/* Notes since when the socket is full, if it is: also for whoever else writes to it. */
void outbox_note_full(struct outbox *outbox);
/* The connection has drained: the catch-up task goes on with it in its turn. May be called from a
 * libevent callback. */
void outbox_on_drained(struct outbox *outbox);
/* What the catch-up task does then. */
void outbox_continue(struct outbox *outbox);

/* CHAT_EV_LABEL: from here on answers are gathered, or they are all there and written to `out`. */
void outbox_label_take(struct outbox *outbox, const struct chat_event *event, struct buf *out);
/* Where the event is to be rendered: `out`, or to the answers that are gathered. */
struct buf *outbox_label_of(const struct outbox *outbox, const struct chat_event *event, struct buf *out);
void outbox_label_drop(struct outbox *outbox);

/* Ends the session, once. */
void outbox_fail(struct outbox *outbox, enum close_reason reason);

#endif
