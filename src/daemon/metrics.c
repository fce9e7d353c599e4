/* Collects the numbers from where they are counted, and prints them; see metrics.h. */
#include "daemon/metrics.h"

#include <inttypes.h>

#include "async/loop.h"
#include "base/log_event.h"
#include "chat/hub.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/setup.h"
#include "net/tls.h"

struct view {
    const struct server *server;
    const struct process_stats *process;
    struct co_loop_stats loop;
    struct buf *out;
};

struct metric {
    const char *name, *type, *help;
    /* One of them: */
    double (*value)(const struct view *view);
    void (*lines)(const struct view *view, const char *name); /* with labels, or a histogram */
};

/* ---- values ---- */

static double started(const struct view *view)
{
    return (double)view->server->started_ms / 1000;
}

static double healthy(const struct view *view)
{
    return !view->server->health.is_bad;
}

static double stopping(const struct view *view)
{
    return view->server->session_env.is_shutting_down;
}

static double unnamed(const struct view *view)
{
    return (double)registry_unnamed_count(&view->server->registry);
}

static double session_limit(const struct view *view)
{
    return (double)view->server->registry.config.sessions;
}

static double opened(const struct view *view)
{
    return (double)view->server->session_env.last_session_id;
}

static double users(const struct view *view)
{
    return (double)hub_user_count(view->server->hub);
}

static double rooms(const struct view *view)
{
    return (double)hub_room_count(view->server->hub);
}

static double exhausted(const struct view *view)
{
    uint64_t count = 0;
    for (size_t i = 0; i < view->server->endpoints.count; i++)
        count += view->server->endpoints.items[i]->listener.exhausted_count;
    return (double)count;
}

static double received_lines(const struct view *view)
{
    return (double)view->server->session_env.stats.lines;
}

static double messages(const struct view *view)
{
    return (double)view->server->session_env.stats.messages;
}

static double received_bytes(const struct view *view)
{
    return (double)view->server->session_env.stats.bytes_in;
}

static double sent_bytes(const struct view *view)
{
    return (double)view->server->session_env.stats.bytes_out;
}

static double events(const struct view *view)
{
    return (double)view->server->delivery.stats.events;
}

static double batches(const struct view *view)
{
    return (double)view->server->delivery.stats.batches;
}

static double deliveries(const struct view *view)
{
    return (double)view->server->delivery.stats.deliveries;
}

static double missed(const struct view *view)
{
    return (double)view->server->delivery.stats.gaps;
}

static double queued(const struct view *view)
{
    return (double)view->server->delivery.events.items.count;
}

static double queue_limit(const struct view *view)
{
    return (double)view->server->delivery.config.queue_events;
}

static double behind(const struct view *view)
{
    return (double)view->server->delivery.behind.count;
}

/* The list is in the order of time. */
static double behind_seconds(const struct view *view)
{
    const struct delivery *delivery = &view->server->delivery;
    const struct outbox *first = list_first(&delivery->behind, struct outbox, behind_link);
    return first ? (double)(clock_mono_ms(delivery->clock) - first->behind_since_ms) / 1000 : 0;
}

static double last_reload_good(const struct view *view)
{
    return view->server->reloader.problem[0] == '\0';
}

static double longest_turn(const struct view *view)
{
    return (double)view->loop.longest_turn_ns / 1e9;
}

static double resident(const struct view *view)
{
    return (double)view->process->resident_bytes;
}

static double heap_used(const struct view *view)
{
    return (double)view->process->heap_used_bytes;
}

static double heap_free(const struct view *view)
{
    return (double)view->process->heap_free_bytes;
}

static double open_fds(const struct view *view)
{
    return (double)view->process->open_fds;
}

static double max_fds(const struct view *view)
{
    return (double)view->process->max_fds;
}

static double cpu(const struct view *view)
{
    return view->process->cpu_seconds;
}

/* ---- with labels ---- */

static void build(const struct view *view, const char *name)
{
    buf_printf(view->out, "%s{version=\"%s\"} 1\n", name, PACKAGE_VERSION);
}

static void sessions(const struct view *view, const char *name)
{
    const struct stats *stats = &view->server->session_env.stats;
    for (size_t i = 0; i < STATS_DIALECTS && stats->dialects[i].name; i++)
        for (int is_tls = 0; is_tls < 2; is_tls++)
            buf_printf(view->out, "%s{dialect=\"%s\",tls=\"%s\"} %" PRIu64 "\n", name,
                       stats->dialects[i].name, is_tls ? "yes" : "no", stats->dialects[i].count[is_tls]);
}

static void put_closes(const struct view *view, const char *name, bool are_refusals)
{
    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++)
        if (session_is_refusal((enum close_reason)reason) == are_refusals)
            buf_printf(view->out, "%s{reason=\"%s\"} %" PRIu64 "\n", name,
                       close_reason_str((enum close_reason)reason),
                       view->server->registry.closed_count[reason]);
}

static void closed(const struct view *view, const char *name)
{
    put_closes(view, name, false);
}

static void refused(const struct view *view, const char *name)
{
    put_closes(view, name, true);
}

static void writes(const struct view *view, const char *name)
{
    const struct delivery_stats *stats = &view->server->delivery.stats;
    buf_printf(view->out, "%s{form=\"shared\"} %" PRIu64 "\n%s{form=\"own\"} %" PRIu64 "\n", name,
               stats->shared_writes, name, stats->own_writes);
}

static void oper_logins(const struct view *view, const char *name)
{
    const struct stats *stats = &view->server->session_env.stats;
    buf_printf(view->out,
               "%s{result=\"right\"} %" PRIu64 "\n%s{result=\"wrong\"} %" PRIu64
               "\n%s{result=\"held\"} %" PRIu64 "\n",
               name, stats->oper_logins, name, stats->oper_failures, name, stats->oper_held);
}

static void reloads(const struct view *view, const char *name)
{
    const struct reloader *reloader = &view->server->reloader;
    buf_printf(view->out, "%s{result=\"good\"} %" PRIu64 "\n%s{result=\"refused\"} %" PRIu64 "\n", name,
               reloader->good_count, name, reloader->refused_count);
}

static void certificate_end(const struct view *view, const char *name)
{
    if (view->server->setup->tls)
        buf_printf(view->out, "%s %" PRId64 "\n", name, tls_context_end_s(view->server->setup->tls));
}

static void suppressed(const struct view *view, const char *name)
{
    for (int kind = 0; kind < LOG_KIND_COUNT; kind++)
        if (log_kind_row((enum log_kind)kind)->is_limited)
            buf_printf(view->out, "%s{event=\"%s\"} %" PRIu64 "\n", name,
                       log_kind_row((enum log_kind)kind)->name, log_suppressed_count((enum log_kind)kind));
}

/* The loop resumes no more than 256 = 4^4 in a turn. */
#define RESUMES_BUCKETS 5

/* The first `buckets` are shown. `unit`: how many of what was counted make one of what is shown. */
static void put_histogram(const struct view *view, const char *name, const struct histogram *histogram,
                          double unit, size_t buckets)
{
    uint64_t count = 0, limit = 1;
    for (size_t i = 0; i < buckets; i++, limit *= 4) {
        count += histogram->counts[i];
        buf_printf(view->out, "%s_bucket{le=\"%.9g\"} %" PRIu64 "\n", name, (double)limit / unit, count);
    }
    for (size_t i = buckets; i < HISTOGRAM_BUCKETS; i++)
        count += histogram->counts[i];
    buf_printf(view->out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, count);
    buf_printf(view->out, "%s_sum %.9g\n%s_count %" PRIu64 "\n", name, (double)histogram->sum / unit, name,
               count);
}

static void turns(const struct view *view, const char *name)
{
    put_histogram(view, name, &view->loop.turn_us, 1e6, HISTOGRAM_BUCKETS - 1);
}

static void lateness(const struct view *view, const char *name)
{
    put_histogram(view, name, &view->loop.late_us, 1e6, HISTOGRAM_BUCKETS - 1);
}

static void resumes(const struct view *view, const char *name)
{
    put_histogram(view, name, &view->loop.turn_resumes, 1, RESUMES_BUCKETS);
}

/* ---- the table ---- */

#define GAUGE "gauge"
#define COUNTER "counter"
#define HISTOGRAM "histogram"

/* clang-format off */
static const struct metric server_metrics[] = {
    {"mingle_build_info", GAUGE, "The version that runs; always 1", NULL, build},
    {"process_start_time_seconds", GAUGE, "When the process started, in seconds since 1970", started, NULL},
    {"mingle_healthy", GAUGE, "1 while events are delivered; 0 when the server is stuck", healthy, NULL},
    {"mingle_stopping", GAUGE, "1 while the server stops", stopping, NULL},
    {"mingle_sessions", GAUGE, "Connections that have a name, by what they speak", NULL, sessions},
    {"mingle_sessions_unnamed", GAUGE, "Connections that have no name yet", unnamed, NULL},
    {"mingle_sessions_limit", GAUGE, "Most connections at a time; 0: no limit", session_limit, NULL},
    {"mingle_sessions_opened_total", COUNTER, "Connections accepted", opened, NULL},
    {"mingle_sessions_closed_total", COUNTER, "Connections that ended by themselves or by the stop, by reason", NULL, closed},
    {"mingle_sessions_refused_total", COUNTER, "Connections that the server ended, by reason", NULL, refused},
    {"mingle_accept_failures_total", COUNTER, "Times that descriptors or memory ran out for a new connection", exhausted, NULL},
    {"mingle_operator_logins_total", COUNTER, "Passwords of operators by result: right, wrong, or held and not checked", NULL, oper_logins},
    {"mingle_users", GAUGE, "People with a name", users, NULL},
    {"mingle_rooms", GAUGE, "Rooms", rooms, NULL},
    {"mingle_received_lines_total", COUNTER, "Lines from clients", received_lines, NULL},
    {"mingle_messages_total", COUNTER, "Lines that say something to others", messages, NULL},
    {"mingle_received_bytes_total", COUNTER, "Bytes from clients, without those of TLS", received_bytes, NULL},
    {"mingle_sent_bytes_total", COUNTER, "Bytes to clients, without those of TLS", sent_bytes, NULL},
    {"mingle_events_total", COUNTER, "Events published", events, NULL},
    {"mingle_batches_total", COUNTER, "Batches in which events were delivered", batches, NULL},
    {"mingle_deliveries_total", COUNTER, "Events times their readers", deliveries, NULL},
    {"mingle_delivery_writes_total", COUNTER, "Writes to readers: of a block shared by many, or of their own", NULL, writes},
    {"mingle_missed_events_total", COUNTER, "Events that slow readers have missed", missed, NULL},
    {"mingle_queued_events", GAUGE, "Events that wait to be delivered", queued, NULL},
    {"mingle_queued_events_limit", GAUGE, "Queued events above which senders wait", queue_limit, NULL},
    {"mingle_behind_readers", GAUGE, "Readers that take less than there is for them", behind, NULL},
    {"mingle_behind_seconds", GAUGE, "How long the slowest of them has been behind", behind_seconds, NULL},
    {"mingle_loop_turn_seconds", HISTOGRAM, "How long a turn of the event loop takes", NULL, turns},
    {"mingle_loop_turn_max_seconds", GAUGE, "The longest turn since the start", longest_turn, NULL},
    {"mingle_loop_resumes", HISTOGRAM, "Tasks that are resumed in a turn", NULL, resumes},
    {"mingle_timer_lateness_seconds", HISTOGRAM, "How late timers fire", NULL, lateness},
    {"mingle_reloads_total", COUNTER, "Times that the settings were read again, by result", NULL, reloads},
    {"mingle_last_reload_good", GAUGE, "0 when the last reload was refused, and the old settings are in force", last_reload_good, NULL},
    {"mingle_tls_certificate_end_time_seconds", GAUGE, "When the first certificate ends, or one above it, in seconds since 1970; missing without TLS", NULL, certificate_end},
    {"mingle_log_suppressed_total", COUNTER, "Lines of the log that its limit has held back", NULL, suppressed},
};

static const struct metric process_metrics[] = {
    {"mingle_heap_used_bytes", GAUGE, "Memory in use, as the allocator counts it", heap_used, NULL},
    {"mingle_heap_free_bytes", GAUGE, "Memory that the allocator keeps for later", heap_free, NULL},
    {"process_resident_memory_bytes", GAUGE, "Memory in use, as the kernel counts it", resident, NULL},
    {"process_open_fds", GAUGE, "Open descriptors", open_fds, NULL},
    {"process_max_fds", GAUGE, "Most descriptors that may be open", max_fds, NULL},
    {"process_cpu_seconds_total", COUNTER, "Processor time used", cpu, NULL},
};
/* clang-format on */

static void render(const struct view *view, const struct metric *metrics, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct metric *metric = &metrics[i];
        buf_printf(view->out, "# HELP %s %s.\n# TYPE %s %s\n", metric->name, metric->help, metric->name,
                   metric->type);
        if (metric->lines)
            metric->lines(view, metric->name);
        else
            buf_printf(view->out, "%s %.15g\n", metric->name, metric->value(view));
    }
}

void metrics_render(const struct server *server, const struct process_stats *process, struct buf *out)
{
    const struct view view = {
        .server = server, .process = process, .loop = co_loop_stats(server->loop), .out = out};
    render(&view, server_metrics, ARRAY_LEN(server_metrics));
    if (process)
        render(&view, process_metrics, ARRAY_LEN(process_metrics));
}
