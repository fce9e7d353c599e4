/* The runs of a reload, and who waits for which; see reload.h. */
#include "daemon/reload.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/log_event.h"
#include "base/utf8.h"
#include "chat/hub.h"
#include "chat/user.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/setup.h"

#include "async/poison.h"

#define LINE_BYTES_MAX 2000 /* of a report, in the log */
#define STOPPING_TEXT "the server is stopping: nothing is reloaded any more\n"

/* One reading of the settings, shared by those who asked for it and the worker. */
struct reload_run {
    unsigned ref_count;
    struct co_event is_done;
    int verdict;
    struct buf report;
    struct list askers; /* struct reload_asker, each once */
};

/* Somebody in the chat. */
struct reload_asker {
    struct list_link link;
    uint64_t user_id;
};

static void unref(struct reload_run *run)
{
    struct list_link *link;

    if (!run || --run->ref_count > 0)
        return;
    while ((link = list_pop_front(&run->askers)))
        free(container_of(link, struct reload_asker, link));
    buf_done(&run->report);
    free(run);
}

void reloader_done(struct reloader *reloader)
{
    unref(reloader->next);
    reloader->next = NULL;
}

/* The run that has not begun, made when there is none; NULL: out of memory. */
static struct reload_run *next_run(struct reloader *reloader)
{
    if (reloader->next)
        return reloader->next;
    struct reload_run *run = calloc(1, sizeof(*run));
    if (!run)
        return NULL;
    run->ref_count = 1; /* the reloader's, then the worker's */
    buf_init(&run->report, RELOAD_REPORT_BYTES);
    list_init(&run->askers);
    reloader->next = run;
    co_event_set(&reloader->is_asked);
    return run;
}

void reloader_ask(struct reloader *reloader)
{
    if (!next_run(reloader))
        log_error("no memory to reload");
}

/* ---- asking in the chat ---- */

static struct user *find_asker(const struct server *server, uint64_t user_id)
{
    struct user *user = hub_find_user(server->hub, user_id);

    return user && !user->is_gone ? user : NULL;
}

static void tell_asker(struct server *server, uint64_t user_id, const char *before, struct bytes line)
{
    struct user *user = find_asker(server, user_id);
    struct buf text;

    if (!user)
        return;
    buf_init(&text, RELOAD_REPORT_BYTES);
    buf_put_text(&text, before);
    buf_put(&text, line);
    if (buf_error(&text) || hub_notify(server->hub, user, buf_bytes(&text)) < 0)
        log_warning("no memory to tell somebody of a reload");
    buf_done(&text);
}

/* A refusal is told with its first problem; all of them are in the log. */
static void tell_askers(struct server *server, const struct reload_run *run)
{
    LIST_FOREACH(asker, &run->askers, struct reload_asker, link) {
        struct bytes rest = buf_bytes(&run->report);

        if (run->verdict < 0) {
            tell_asker(server, asker->user_id,
                       "Reload refused, the settings are as they were: ", bytes_of(server->reloader.problem));
            continue;
        }
        while (rest.len > 0)
            tell_asker(server, asker->user_id, "Reload: ", bytes_cut(&rest, '\n'));
    }
}

static int add_asker(struct reload_run *run, uint64_t user_id)
{
    LIST_FOREACH(known, &run->askers, struct reload_asker, link) {
        if (known->user_id == user_id)
            return 0;
    }
    struct reload_asker *asker = calloc(1, sizeof(*asker));
    if (!asker)
        return -ENOMEM;
    asker->user_id = user_id;
    list_push_back(&run->askers, &asker->link);
    return 0;
}

int reloader_ask_for(void *arg, uint64_t user_id)
{
    struct server *server = arg;
    const struct user *user = find_asker(server, user_id);

    if (server->stop.is_set) {
        tell_asker(server, user_id, "", bytes_trim(BYTES(STOPPING_TEXT)));
        return 0;
    }
    struct reload_run *run = next_run(&server->reloader);
    if (!run || add_asker(run, user_id) < 0)
        return -ENOMEM;
    log_event(LOG_KIND_RELOADING, LOG_LEVEL_NOTICE, LOG_STR("by", user ? user->name : ""));
    return 0;
}

/* ---- asking ---- */

static void reload_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    unref(container_of(with, struct reload, with)->run);
}

static struct co_with *hold(struct reload *self)
{
    self->run->ref_count++;
    co_with_init(&self->with, NULL, reload_finish);
    return &self->with;
}

ASYNC(reload)
{
    if (self->server->stop.is_set) {
        self->verdict = -ESHUTDOWN;
        buf_put_text(self->report, STOPPING_TEXT);
        return;
    }
    self->verdict = -ENOMEM;
    self->run = next_run(&self->server->reloader);
    if (!self->run) {
        buf_put_text(self->report, "no memory to reload; the settings are as they were\n");
        return;
    }
    WITH(hold(self)) {
        AWAIT(co_event_wait(&self->run->is_done, &self->wait));
        self->verdict = self->run->verdict;
        buf_put(self->report, buf_bytes(&self->run->report));
    }
    END_WITH;
}
END_ASYNC

/* ---- running ---- */

/* On a thread. */
static void load(void *arg)
{
    struct reload_job *job = arg;
    job->verdict = setup_load(job->options, OPTIONS_DEFAULT_CONFIG, job->tickets, &job->errors, &job->setup);
}

/* What differs is named; what needs a restart keeps its value. */
static void compare(const struct settings *old, struct settings *new, struct buf *report)
{
    const struct settings_row *row;
    struct buf changed, kept;

    buf_init(&changed, RELOAD_REPORT_BYTES);
    buf_init(&kept, RELOAD_REPORT_BYTES);
    for (size_t i = 0; (row = settings_row(i)); i++) {
        if (settings_is_same(old, new, row))
            continue;
        struct buf *names = row->is_reloadable ? &changed : &kept;
        buf_printf(names, "%s%s", names->len ? ", " : "", row->key);
        if (!row->is_reloadable)
            settings_copy(new, old, row);
    }
    if (changed.len)
        buf_printf(report, "changed: %.*s\n", BYTES_ARG(buf_bytes(&changed)));
    if (kept.len)
        buf_printf(report, "needs a restart, and is as it was until then: %.*s\n",
                   BYTES_ARG(buf_bytes(&kept)));
    buf_done(&changed);
    buf_done(&kept);
}

static int apply(struct server *server, struct reload_job *job, struct buf *report)
{
    struct buf differences;

    if (job->verdict < 0)
        return job->verdict;
    if (server->stop.is_set) {
        buf_put_text(report, STOPPING_TEXT);
        return -ESHUTDOWN;
    }
    buf_init(&differences, RELOAD_REPORT_BYTES);
    compare(server->settings, job->setup->settings, &differences);
    int r = settings_check(job->setup->settings, report); /* again: with what was kept */
    if (r == 0)
        r = server_apply(server, job->setup, report);
    if (r == 0) {
        job->setup = NULL;
        buf_printf(report, "settings reloaded%s\n", server->setup->tls ? ", certificates included" : "");
        buf_put(report, buf_bytes(&differences));
    }
    buf_done(&differences);
    return r;
}

static void tell(enum log_kind kind, enum log_level level, struct bytes line, const char *problem)
{
    char memory[LINE_BYTES_MAX + 16]; /* no heap: also what failed for want of memory is told */
    struct buf text;

    buf_init_fixed(&text, memory, sizeof(memory));
    line = utf8_prefix(line, LINE_BYTES_MAX);
    buf_printf(&text, "reload: %.*s", BYTES_ARG(line));
    const struct log_field fields[] = {LOG_SAY(buf_bytes(&text)), LOG_TEXT("line", line),
                                       LOG_STR("problem", problem)};
    log_event_at(__FILE__, __LINE__, kind, level, fields, problem[0] ? 3 : 2);
}

/* The first line of a good report, and the last one of a refusal, are the verdict. */
static void log_report(const struct reload_run *run, const char *problem)
{
    const bool is_good = run->verdict == 0;
    struct bytes rest = buf_bytes(&run->report);

    for (bool is_first = true; rest.len > 0; is_first = false) {
        struct bytes line = bytes_cut(&rest, '\n');
        if (!is_good && rest.len == 0)
            tell(LOG_KIND_RELOAD_REFUSED, LOG_LEVEL_ERROR, line, problem);
        else if (is_good && is_first)
            tell(LOG_KIND_RELOADED, LOG_LEVEL_NOTICE, line, "");
        else
            tell(LOG_KIND_RELOAD_REPORT, is_good ? LOG_LEVEL_NOTICE : LOG_LEVEL_ERROR, line, "");
    }
}

/* Everything that is to be told of a run: the report is closed, logged and handed out. */
static void conclude(struct server *server, struct reload_run *run)
{
    struct reloader *reloader = &server->reloader;

    if (run->verdict < 0 && run->report.len == 0)
        buf_printf(&run->report, "%s\n", strerror(-run->verdict));
    struct bytes first = buf_bytes(&run->report);
    reloader->problem[0] = '\0';
    reloader->last_ms = clock_wall_ms(clock_system());
    first = bytes_cut(&first, '\n');
    if (run->verdict == 0) {
        reloader->good_count++;
    } else {
        reloader->refused_count++;
        bytes_copy(utf8_prefix(first, RELOAD_PROBLEM_MAX), reloader->problem, sizeof(reloader->problem));
        buf_put_text(&run->report, "reload refused: the settings are as they were\n");
    }
    notify_status("%s%s", run->verdict < 0 ? "last reload refused: " : "settings reloaded",
                  reloader->problem);
    log_report(run, reloader->problem);
    tell_askers(server, run);
    if (buf_error(&run->report)) /* what it came to is told even so */
        log_error("reload: %s; there was no memory to say more",
                  run->verdict < 0 ? "reload refused: the settings are as they were" : "settings reloaded");
    co_event_set(&run->is_done);
}

static void worker_finish(struct co_task *task, struct co_with *with)
{
    struct reload_worker *self = container_of(with, struct reload_worker, with);
    (void)task;
    setup_free(self->load.setup);
    buf_done(&self->load.errors);
    if (!self->run->is_done.is_set) { /* cancelled: nobody shall wait for ever */
        self->run->verdict = -ECANCELED;
        co_event_set(&self->run->is_done);
    }
    unref(self->run);
}

static struct co_with *begin(struct reload_worker *self)
{
    struct reloader *reloader = &self->server->reloader;

    co_event_clear(&reloader->is_asked);
    self->run = reloader->next;
    reloader->next = NULL;
    self->load =
        (struct reload_job){.options = self->server->options, .tickets = self->server->setup->tickets};
    buf_init(&self->load.errors, RELOAD_REPORT_BYTES / 2);
    co_with_init(&self->with, NULL, worker_finish);
    notify_reloading(clock_mono_ms(clock_system()));
    return &self->with;
}

ASYNC(reload_worker)
{
    for (;;) {
        AWAIT(co_event_wait(&self->server->reloader.is_asked, &self->u.wait));
        WITH(begin(self)) {
            AWAIT(co_run_in_executor(self->server->executor, &self->u.job, load, &self->load));
            buf_put(&self->run->report, buf_bytes(&self->load.errors));
            self->run->verdict = apply(self->server, &self->load, &self->run->report);
            conclude(self->server, self->run);
            if (!self->server->stop.is_set)
                notify_ready();
        }
        END_WITH;
    }
}
END_ASYNC
