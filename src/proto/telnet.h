/* Telnet: the protocol's bytes taken out of the stream, and options negotiated.
 *
 * RFC 854 (commands), 855 (subnegotiations), 1143 (the state of an option, "Q method"), 856 BINARY, 857
 * ECHO, 858 SGA, 860 TIMING-MARK, 885 EOR, 1091 TTYPE, 1073 NAWS, 1572 NEW-ENVIRON. Pure: bytes in, events and reply bytes
 * out; however the stream is split into calls, the same events come out. Answers are given only to what
 * changes something, and no more than TELNET_CHANGES_MAX of them, so that two servers that are connected
 * to each other fall silent. */
#ifndef PROTO_TELNET_H
#define PROTO_TELNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"

#define TELNET_CHANGES_MAX 64 /* requests of the other side; later ones are ignored */
#define TELNET_SUB_BYTES_MAX 1024
#define TELNET_NAME_BYTES_MAX 40 /* of a terminal's or a user's name; longer ones are cut */

/* The options that are known; all others are refused. */
enum telnet_option {
    TELNET_ECHO,
    TELNET_SGA,
    TELNET_TTYPE,
    TELNET_NAWS,
    TELNET_NEW_ENVIRON,
    TELNET_BINARY,
    TELNET_EOR,
    TELNET_OPTION_COUNT
};

enum telnet_event_kind {
    TELNET_EV_NONE, /* all bytes are used up */
    TELNET_EV_DATA, /* data */
    TELNET_EV_AYT,  /* are you there? */
    TELNET_EV_IP,   /* interrupt: drop what is typed */
    TELNET_EV_AO,   /* abort output */
    TELNET_EV_BREAK,
    TELNET_EV_EC,     /* erase the last character */
    TELNET_EV_EL,     /* erase the line */
    TELNET_EV_EOF,    /* end of the input */
    TELNET_EV_OPTION, /* option, is_local, is_on: a negotiation came to its end */
    TELNET_EV_TTYPE,  /* name: the terminal's */
    TELNET_EV_NAWS,   /* width, height; 0: not known */
    TELNET_EV_USER,   /* name: the user's, from NEW-ENVIRON */
};

struct telnet_event {
    enum telnet_event_kind kind;
    struct bytes data; /* a slice of the input */
    enum telnet_option option;
    bool is_local, is_on; /* is_local: our side of the option */
    unsigned width, height;
    char name[TELNET_NAME_BYTES_MAX + 1]; /* printable ASCII */
};

/* One side of one option. */
enum telnet_state { TELNET_NO, TELNET_YES, TELNET_WANT_NO, TELNET_WANT_YES };

struct telnet {
    int state;             /* of the byte parser, see telnet.c */
    unsigned char command; /* WILL, WONT, DO or DONT, while its option is awaited */
    unsigned change_count;
    enum telnet_state local[TELNET_OPTION_COUNT], remote[TELNET_OPTION_COUNT];
    bool local_opposite[TELNET_OPTION_COUNT], remote_opposite[TELNET_OPTION_COUNT]; /* the queue bits */
    bool is_sub_too_long;
    struct buf sub;
};

void telnet_init(struct telnet *telnet);
void telnet_done(struct telnet *telnet);

/* Takes bytes off the front of `in` up to the next event; returns how many. Call it until it says
 * TELNET_EV_NONE. The NUL of CR NUL is left out of the data. What is to be sent goes to `reply`. Of data,
 * any number of bytes may be used: call again from there. */
size_t telnet_step(struct telnet *telnet, struct bytes in, struct telnet_event *ret_event, struct buf *reply);

/* Asks for our side (WILL, WONT) or theirs (DO, DONT) of an option. Nothing is sent when it is that way. */
void telnet_set_local(struct telnet *telnet, enum telnet_option option, bool on, struct buf *reply);
void telnet_set_remote(struct telnet *telnet, enum telnet_option option, bool on, struct buf *reply);

/* Tells that a prompt ends here: EOR if that was agreed on, else GA unless SGA was (RFC 854, "GO AHEAD"). */
void telnet_end_prompt(const struct telnet *telnet, struct buf *out);
/* To be sent when nothing else was for a while, so that nobody on the way forgets the connection. */
void telnet_keep_alive(struct buf *out);

/* Whether a client with this name shows prompts in a place of their own: those for MUDs do. */
bool telnet_wants_prompts(struct bytes name);
/* Whether a terminal with this name understands cursor movements. MUD clients, which edit by themselves
 * and take our ECHO as "hide the input", are not among them. */
bool telnet_is_terminal(struct bytes name);
/* Whether it says so in its name: "XTERM-256COLOR". */
bool telnet_has_256_colours(struct bytes name);

#endif
