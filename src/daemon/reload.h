/* Reading the settings again while the server runs: SIGHUP, whoever awaits `reload`, and operators in the chat.
 *
 *     struct buf report;
 *     buf_init(&report, RELOAD_REPORT_BYTES);
 *     AWAIT(CALL(&self->u.reload, reload, .server = server, .report = &report));
 *     if (self->u.reload.verdict == 0) …           // else the old settings are still in effect, whole
 *
 * A run reads all sources, certificates and keys included, on the executor; only when everything is good and
 * new addresses could be opened are the old settings replaced, in one step (server_apply()). Settings
 * that need a restart keep their value, and the report names them.
 *
 * One run at a time. Who asks while one runs gets the next one, together with all others who ask
 * meanwhile: nobody gets the verdict of a run that had begun before the question. A run is not stopped when
 * those who asked go away. The report of each run is logged, and the service manager is told. */
#ifndef DAEMON_RELOAD_H
#define DAEMON_RELOAD_H

#include <stdbool.h>

#include "async/co.h"
#include "async/event.h"
#include "async/executor.h"
#include "base/attr.h"
#include "base/buf.h"

struct options;
struct server;
struct setup;
struct tls_tickets;

#define RELOAD_REPORT_BYTES (128 * 1024) /* a maximum for the buf that takes a report */
#define RELOAD_PROBLEM_MAX 200

/* Asks for a run that begins from now on, and awaits its verdict. Suspends; fails with nothing but
 * ECANCELED. */
struct reload {
    struct co_frame co;
    struct server *server; /* argument */
    struct buf *report;    /* argument: lines that end in a newline are appended; stays the caller's */
    int verdict;           /* result: 0: in effect. -EINVAL, another -Exxx: refused, nothing has changed */
    struct reload_run *run;
    struct co_with with;
    struct co_event_op wait;
};
ASYNC_DECLARE(reload);

/* ---- for the server ---- */

/* Zero-initialised: nobody has asked. */
struct reloader {
    struct co_event is_asked;
    uint64_t good_count, refused_count;
    int64_t last_ms;                      /* when the last run ended, of the wall clock; 0: there was none */
    struct reload_run *next;              /* has not begun; NULL: nobody has asked for one */
    char problem[RELOAD_PROBLEM_MAX + 1]; /* why the last run was refused; empty: it was not */
};

void reloader_done(struct reloader *reloader);
/* Asks for a run without waiting for it. */
void reloader_ask(struct reloader *reloader);
/* The same for somebody in the chat, who is told by notices what came of it, if still there. 0 or -ENOMEM. For
 * session_env: `server` is a struct server. */
MUST_CHECK int reloader_ask_for(void *server, uint64_t user_id);

/* What a thread gets: plain memory. */
struct reload_job {
    const struct options *options;
    struct tls_tickets *tickets; /* of the setup in effect: only the worker replaces that */
    struct buf errors;
    struct setup *setup;
    int verdict;
};

/* The task that does the runs, until it is cancelled. */
struct reload_worker {
    struct co_frame co;
    struct server *server;
    struct reload_run *run;
    struct co_with with;
    struct reload_job load;
    union {
        struct co_event_op wait;
        struct co_job job;
    } u;
};
ASYNC_DECLARE(reload_worker);

#endif
