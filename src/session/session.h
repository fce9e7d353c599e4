/* One client's life: detect → first line → name → talk → leave → close.
 *
 * A session is one task. What it acquires is released by context managers, in reverse, whatever way it
 * ends: its place in the registry, the connection (goodbye, flush, orderly close), the user (who leaves
 * its rooms; the session waits until the departure is delivered). Every end has one close reason.
 *
 *     session_run
 *       WITH place                         session.c; session_close.c (its exit: the connection's end)
 *         session_proxy                    session_proxy.c, on listeners behind a balancer
 *         session_detect                   session_detect.c: TLS or not; from here on there is a connection
 *         session_first                    session_first.c: which dialect
 *         session_name                     session_name.c; session_irc.c for IRC clients
 *         WITH user                        session_talk.c (its exit)
 *           session_talk                   session_talk.c, between rests (rest.h)
 *             session_oper                 session_oper.c: the password of an operator
 *
 * Both session_name and session_talk take their lines from session_line (session_line.c).
 *
 * Most sessions are idle, so what an idle one occupies is what counts. Frames that only a part of its life
 * needs are on the heap for that part (struct session_arrival, session_talk, session_keys, session_oper,
 * session_close); words that few ever say, too.
 */
#ifndef SESSION_SESSION_H
#define SESSION_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "async/co.h"
#include "async/event.h"
#include "async/executor.h"
#include "async/fd.h"
#include "async/queue.h"
#include "async/semaphore.h"
#include "async/sleep.h"
#include "async/timeout.h"
#include "base/attr.h"
#include "base/bucket.h"
#include "base/clock.h"
#include "chat/command.h"
#include "chat/name.h"
#include "net/addr.h"
#include "net/conn.h"
#include "net/password.h"
#include "net/peek.h"
#include "proto/detect.h"
#include "proto/dialect.h"
#include "proto/paste.h"
#include "proto/plain.h"
#include "session/outbox.h"
#include "session/registry.h"
#include "session/stats.h"
#include "session/terminal.h"
#include "session/trace.h"
#include "session/zones.h"

struct addr_block;
struct ban_list;
struct delivery;
struct hub;
struct irc_dialect;
struct oper_guard;
struct operators;
struct quota;
struct recent;
struct rest;
struct session;
struct session_irc;
struct tls_context;
struct user;

/* A reload replaces all of it, and what the slices point to, between any two steps: read it where it is
 * needed, and keep nothing of it across an await but copies of numbers. */
struct session_config {
    struct bytes server_name, welcome;
    struct bytes tls_address; /* HOST:PORT for the hint to use TLS; empty: no hint */
    struct conn_limits limits;
    int64_t flood_rate_milli; /* lines per second times 1000; 0: no limit */
    int64_t flood_burst;
    int64_t greeting_delay_ms; /* how long a silent client waits for the greeting */
    int64_t browser_delay_ms;  /* the same, when its address made an HTTP request lately */
    int64_t name_timeout_ms;
    int64_t tls_handshake_ms;
    int64_t keepalive_ms; /* a telnet client is never left silent for longer */
    int64_t
        irc_keepalive_ms; /* an IRC client that was silent for so long is asked, and given up after as long */
    int64_t close_ms;     /* to flush and close a connection */
    unsigned lines_per_turn;
};

enum session_tls { SESSION_TLS_OFFERED, SESSION_TLS_REQUIRED, SESSION_TLS_OFF };

/* Ways to talk, as bits. A client with telnet's line ends is of PLAIN or TELNET until it says more. */
enum {
    SESSION_DIALECT_PLAIN = 1u << 0,
    SESSION_DIALECT_TELNET = 1u << 1,
    SESSION_DIALECT_IRC = 1u << 2,
    SESSION_DIALECT_HTTP = 1u << 3,
    SESSION_DIALECT_TLS = 1u << 4, /* around one of the others */
};

/* What differs between listeners. Whoever owns it keeps it until no session is left that came in there. */
struct session_port {
    size_t session_count; /* who still points here */
    bool is_greeting;     /* silent clients are greeted */
    unsigned refused;     /* SESSION_DIALECT_… that are not taken here */
    enum session_tls tls;
    const struct addr_block *proxies; /* who sends a PROXY header, and has to */
    size_t proxy_count;
};

/* Failed handshakes are told of one by one, but not when there are many. */
struct handshake_log {
    struct bucket bucket;
    uint64_t untold_count;
};

/* What all sessions share; outlives them. */
struct session_env {
    struct hub *hub;
    struct delivery *delivery;
    struct registry *registry;
    struct zones *zones;
    struct rest *rest;
    struct recent *browsers; /* addresses that made HTTP requests */
    struct tls_context *tls; /* NULL: no TLS; for the next handshakes, live ones keep theirs */
    struct handshake_log *handshake_log;
    struct quota *handshake_quota; /* of each address */
    const struct clock *clock;
    const struct session_config *config;
    const struct irc_dialect *irc;
    const struct operators *operators;
    struct oper_guard *oper_guard;        /* against guessing */
    struct co_executor *executor;         /* for what takes long */
    struct co_semaphore *password_checks; /* how many may run at a time */
    uint64_t last_session_id;
    struct ban_list *bans;
    struct trace_watch trace_watch; /* for sessions that are yet to come */
    /* Has the settings read again; the user of this id is told how it went. 0 or -ENOMEM. Does not suspend. */
    int (*reload)(void *arg, uint64_t user_id);
    void *reload_arg;
    struct stats stats;
    bool is_shutting_down; /* why sessions are cancelled now */
    bool is_draining;      /* nobody new gets in */
};

/* ---- the coroutines, innermost first ---- */

/* Reads the PROXY header; the session's peer is then the client behind the balancer. */
struct session_proxy {
    struct co_frame co;
    struct session *session;
    int code, result;
    size_t left_bytes; /* of the header */
    struct co_timeout timeout;
    union {
        struct peek peek;
        struct co_fd_op wait;
    } u;
};
ASYNC_DECLARE(session_proxy);

/* TLS or not. Afterwards there is a connection, or a reason. */
struct session_detect {
    struct co_frame co;
    struct session *session;
    int code;
    size_t hello_bytes; /* that make a ClientHello, as far as is known */
    struct co_timeout timeout;
    union {
        struct peek peek;
        struct conn_handshake handshake;
    } u;
};
ASYNC_DECLARE(session_detect);

/* Which dialect: waits for the first line, and greets who is silent. Answers those that are not served
 * and gives a reason. */
struct session_first {
    struct co_frame co;
    struct session *session;
    int code;
    enum detect_result protocol;
    size_t least_bytes; /* to be waited for */
    struct co_timeout timeout;
    struct conn_read_op peek;
};
ASYNC_DECLARE(session_first);

/* The client's next line, typed on its terminal. Results as session_line(). */
struct session_keys {
    struct co_frame co;
    struct session *session;
    int code;
    struct bytes line;
    enum terminal_event event;
    int64_t wait_ms;
    uint64_t quiet_bytes_out; /* sent when the wait began */
    struct co_timeout timeout;
    union {
        struct conn_read_op read;
        struct conn_write_op drain;
        struct co_sleep_op sleep;
    } u;
};
ASYNC_DECLARE(session_keys);

/* The client's next line, also when it types it on a terminal. It does not fail: */
struct session_line {
    struct co_frame co;
    struct session *session;
    int code;      /* result: as of conn_readline(); CO_EEOF, too, when the session has a reason to end */
    bool has_crlf; /* result: the line ended in CR LF or CR NUL; only before there is a terminal */
    struct bytes
        line; /* result: valid until the next one; while reading is not paused, until the next await */
    struct conn_read_op read;
};
ASYNC_DECLARE(session_line);

struct session_name {
    struct co_frame co;
    struct session *session;
    unsigned bad_count;
    int64_t bad_at_ms; /* when the last name that is none came */
    struct session_line line;
};
ASYNC_DECLARE(session_name);

/* What is needed until there is a name. */
struct session_arrival {
    int64_t since_ms;          /* when its silence began: accepted, or the handshake done */
    struct co_timeout timeout; /* from the first byte to the name */
    union {
        struct session_proxy proxy;
        struct session_detect detect;
        struct session_first first;
        struct session_name name;
    } u;
};

/* /oper: asks for the password if none was given, checks it on the executor, and makes the user an
 * operator of the server. */
struct session_oper {
    struct co_frame co;
    struct session *session;
    const struct chat_request *request; /* until the first await */
    int code;
    bool is_known, is_right, is_unusable; /* unusable: too long to be one */
    char name[NAME_USER_BYTES_MAX + 1];   /* of the operator; only when it is known */
    char password[PASSWORD_BYTES_MAX + 1];
    size_t password_len;
    char asked[NAME_USER_BYTES_MAX + 1]; /* the name that was given, cut */
    int64_t wait_ms;
    struct password_hash hash;
    struct co_semaphore_with slot;
    union {
        struct session_line line;
        struct co_sleep_op wait;
        struct co_semaphore_op acquire;
        struct co_job job;
    } u;
};
ASYNC_DECLARE(session_oper);

/* Suspends until the request may be made. Several lines cost as many, at most all that a bucket can hold: they
 * are said at once, and what comes after them waits. In bytes they are no more than one line may be. */
struct session_wait {
    struct co_frame co;
    struct session *session;
    const struct chat_request *request;
    int64_t wait_ms;
    union {
        struct co_queue_op room;
        struct co_sleep_op sleep;
    } u;
};
ASYNC_DECLARE(session_wait);

#define SESSION_FLOOD_LINES_MAX 20 /* may wait behind the line that has to */

/* Only while it talks: with no line waiting there is nothing to be known. */
struct session_flood {
    struct conn_waiting waiting; /* what is kept and what is refused of the stream; zeroed: all is kept */
    size_t refused_count;        /* not told yet */
};

/* Whether the line that was read last is among the lines that are refused, for too many were waiting. */
bool session_flood_refuses(const struct session *session);
/* At the end of those, or of all: how many it were, once; otherwise 0. */
size_t session_flood_take_refused(struct session *session, bool is_end);

/* Does what a line asks for, which may be more than one request. Ends early when the session has a reason to. */
struct session_act {
    struct co_frame co;
    struct session_talk *talk; /* whose `request` is the first one */
    union {
        struct session_wait wait;
        struct conn_write_op drain;
        struct co_queue_op room;
        struct co_op yield;
        struct {
            struct co_with with;
            struct session_oper *call; /* owned; on the heap, for few people ever need it */
        } oper;
        struct {
            struct co_with with;
            struct zones_find *call; /* owned; the same */
        } zone;
    } u;
};
ASYNC_DECLARE(session_act);

struct session_talk {
    struct co_frame co;
    struct session *session;
    int code;
    unsigned turn_lines;         /* of limits.lines_per_turn */
    uint64_t batch;              /* the batch of the delivery before which it has been let through */
    struct list_link awake_link; /* while it waits for a line, and the tick when that began: see rest.h */
    unsigned tick;
    struct session_flood flood;
    struct bytes line;
    bool is_refused;             /* the line: too many are waiting */
    char *words;                 /* owned: for an answer of the session's own; NULL: none */
    bool has_words;              /* they are to be given in the place of the request */
    bool has_answers;            /* the same for those of session_irc_answer() */
    struct chat_request request; /* points into the connection's input, which is paused meanwhile */
    union {
        struct session_line line;
        struct co_queue_op room;
        struct session_act act;
        struct co_op yield;
    } u;
};
ASYNC_DECLARE(session_talk);

struct session_close {
    struct co_frame co;
    struct session *session;
    struct co_timeout timeout; /* of all of it; lingering has its own, shorter one */
    struct conn_close close;
};
ASYNC_DECLARE(session_close);

/* ---- the session ---- */

enum session_state {
    SESSION_ST_NEW,
    SESSION_ST_DETECT,    /* which protocol? */
    SESSION_ST_HANDSHAKE, /* TLS */
    SESSION_ST_NAME,      /* greeted and asked for a name */
    SESSION_ST_TALK,
    SESSION_ST_LEAVE, /* its departure is on its way to the others */
    SESSION_ST_CLOSE, /* goodbye, flush, close */
    SESSION_ST_COUNT
};

struct session {
    struct session_env *env;
    struct co_task *task;
    uint64_t id;
    struct addr_compact peer; /* see session_peer() */
    int fd;                   /* until the connection has taken it over; then -1 */
    enum session_state state;
    enum close_reason reason;
    bool has_reason;
    bool is_silent;    /* said nothing until the greeting was due */
    bool is_greeted;   /* and was asked for a name */
    bool is_mute;      /* hears no goodbye: it would not understand one, or has had one */
    bool has_answered; /* a line has come */
    uint8_t wrong_passwords;
    uint8_t rests_left; /* as often it may rest at once */
    struct trace trace;
    char name[NAME_USER_BYTES_MAX + 1]; /* the first one that it took, for the log; "": none yet */
    struct session_port *port;
    int64_t opened_ms;         /* when it was accepted */
    uint64_t line_count;       /* that came */
    uint64_t counted_in_bytes; /* what the statistics know of conn.bytes_in */
    uint64_t *counted;         /* where it is counted among those with a name; NULL: not yet */
    struct bucket bucket;      /* of lines */
    struct conn conn;
    struct terminal *terminal;  /* NULL: the client does not speak telnet, as far as is known */
    struct session_keys *keys;  /* owned; with the terminal */
    struct session_irc *irc;    /* owned; NULL: the client does not speak IRC */
    struct plain_reader reader; /* what is remembered from line to line */
    struct user *user;          /* while talking */
    struct paste *paste;        /* owned: what follows /paste; NULL: nothing */
    struct outbox outbox;
    char *why; /* owned: what the user said with /quit; NULL: nothing */
    struct registry_entry place;
    struct co_with place_with, user_with;
    struct session_arrival *arrival; /* owned; NULL once there is a name */
    struct session_talk *talk;       /* owned; NULL while it rests */
    struct session_close *closing;   /* owned; NULL before the end */
    union {
        struct conn_rest_op rest;
        struct co_event_op leave;
    } u;
};

struct session_run {
    struct co_frame co;
    struct session
        session; /* arguments: env, fd (taken over), peer and port, which counts it until it ends */
};
ASYNC_DECLARE(session_run);

/* Whether with this reason it was the server that did not want the client. */
bool session_is_refusal(enum close_reason reason);

/* ---- for the session's own sources ---- */

/* The only place that changes the state; CHECKs that the step is legal. */
void session_enter(struct session *session, enum session_state state);

const char *session_state_str(enum session_state state);
bool session_is_encrypted(const struct session *session); /* also before there is a connection */

/* Ends it from outside: its user is told why (which may be empty), and so are the others. Nothing runs
 * before this returns. */
void session_expel(struct session *session, enum close_reason reason, struct bytes why);

/* The first reason given is the reason. */
void session_set_reason(struct session *session, enum close_reason reason);
/* The reason for a failed read or write: CO_EEOF is the client's end, all else a lost connection. */
void session_set_reason_of(struct session *session, int code);

/* The greeting and the question, once. */
void session_greet(struct session *session);

/* The name that the client has asked for. 0: it has it; CHAT_ERR_NAME_BAD or CHAT_ERR_NAME_TAKEN (> 0); -EPERM: it may
 * not come in, and -ENOMEM: then the session has a reason. */
MUST_CHECK int session_take_name(struct session *session, struct bytes name);

struct addr session_peer(const struct session *session);

/* Whether the peer is a balancer, from which a PROXY header must come. */
bool session_has_proxy(const struct session *session);

/* Whether the port takes it. */
bool session_takes(const struct session *session, unsigned dialect);

/* The statistics learn of what came in since they were told last. */
void session_count_input(struct session *session);

/* How much longer a silent client waits for the greeting; 0: it is due; -1: it never comes. */
int64_t session_silence_ms(const struct session *session);

/* Line ends become CR LF, and the client is asked whether it is a terminal. False: out of memory, which is
 * then the session's reason to end. Once is enough. */
bool session_start_terminal(struct session *session);

/* Writes whole lines that are no events. As conn_write(). */
MUST_CHECK int session_write(struct session *session, struct bytes text);

/* Most that is written at once outside of the event order: greeting, name question, goodbye. */
#define SESSION_TEXT_MAX 4096

/* What was pasted is not needed any more; also when nothing was. */
void session_drop_paste(struct session *session);

/* The last line held a password: it cannot be called back. */
void session_forget_line(struct session *session);
/* The next line is a password: nothing of it is shown or kept, where the client leaves that to us. */
void session_set_secret(struct session *session, bool is_secret);

/* Has the daemon read its settings again, if the user may ask for that. In session_oper.c. */
void session_reload(struct session *session, const struct chat_request *request);

/* Refuses what the user asked for; out of memory is a reason to end. */
void session_refuse(struct session *session, enum chat_err err, struct bytes subject);

/* The exit of a session's place, session_run()'s outermost manager: says goodbye, flushes and closes. */
struct co_call session_close_conn(struct co_task *task, struct co_with *with);
/* A manager, whose exit leaves the hub and waits until the departure is delivered. */
struct co_with *session_user_open(struct session *session);

#endif
