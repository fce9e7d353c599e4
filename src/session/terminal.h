/* A client that speaks telnet: what comes from it made into lines, and what goes to it fitted to its
 * screen.
 *
 * It begins in line mode, in which the client sends whole lines. If it names a terminal that can be drawn
 * on, it is told to send every key, and an editor (proto/editor.h) takes over; MUD clients and all others
 * stay in line mode, the former with a prompt that is marked as such. Synchronous; belongs to its session. */
#ifndef SESSION_TERMINAL_H
#define SESSION_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/bucket.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "proto/telnet.h"

struct editor;
struct session;

enum terminal_event {
    TERMINAL_EV_NONE,     /* all bytes are used up */
    TERMINAL_EV_LINE,     /* terminal->current */
    TERMINAL_EV_TOO_LONG, /* a line is over the limit; it is dropped */
    TERMINAL_EV_LEAVE,    /* the person wants to leave */
};

struct terminal {
    struct session *session;
    struct telnet telnet;
    struct editor *editor; /* NULL: line mode */
    unsigned width, height;
    struct bucket keys;   /* bytes that may still be taken now */
    size_t unpaid_bytes;  /* that were taken since it was asked last */
    struct bytes current; /* the line of the last event, until the next call of terminal_feed() */
    struct buf out;       /* gathered for one write */
    /* Line mode: */
    struct buf line;
    bool is_complete, is_discarding, is_after_cr;
    bool has_prompts;                     /* it shows prompts */
    bool is_at_prompt;                    /* and nothing was typed or printed behind the last one */
    bool is_asked;                        /* "are you there?", to be answered */
    bool is_resized;                      /* to be drawn anew */
    bool is_secret;                       /* a password is being typed */
    bool is_idle;                         /* nobody uses `current`; the session's to set */
    bool has_refused;                     /* to send every key */
    bool is_mode_due;                     /* an option was set that the mode depends on */
    char user[TELNET_NAME_BYTES_MAX + 1]; /* as the client says; "" unknown */
};

/* NULL when out of memory. Asks the client whether it speaks telnet: who does not sees nothing of it, for
 * the next line is written over the question. */
MUST_CHECK struct terminal *terminal_new(struct session *session);
void terminal_free(struct terminal *terminal);

/* Takes bytes from the connection up to the first event; returns how many. Also to be called with none, when
 * the line of the last event is done with. */
size_t terminal_feed(struct terminal *terminal, struct bytes raw, enum terminal_event *ret_event);
/* At the end of the stream: true if a last line without an end is there. */
bool terminal_take_rest(struct terminal *terminal);

/* 0, or how long its keys have to wait: every key is answered, so there is a limit, which no hand and no paste
 * reaches. */
int64_t terminal_wait_ms(struct terminal *terminal);

/* Whole lines to the client, above what is being typed; one write. As conn_write(). */
MUST_CHECK int terminal_print(struct terminal *terminal, struct bytes text);

/* The next line is a password: the client is not to show it, and the editor keeps nothing of it. */
void terminal_set_secret(struct terminal *terminal, bool is_secret);

/* The connection has been silent for long: sends something that nobody sees. As conn_write(). */
MUST_CHECK int terminal_keep_alive(struct terminal *terminal);

/* Gives the screen back; from now on terminal_print() just writes. */
void terminal_end(struct terminal *terminal);

#endif
