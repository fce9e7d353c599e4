#include "load/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "load/scenario.h"

static const double second_ns = 1e9, ms_ns = 1e6;
static const double own_share_max = 0.9; /* above, this program may have been the limit */

static const struct {
    const char *name;
    double q;
} shown[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

/* Bytes of memory that came with the connections. */
static double bytes_per_connection(const struct report *report)
{
    return measure_ratio((double)(report->main.end.rss_bytes - report->getting_in.begin.rss_bytes),
                         (double)report->connections);
}

static double connect_cpu_us(const struct report *report)
{
    return measure_ratio(measure_server_cpu_s(&report->getting_in) * 1e6, (double)report->connections);
}

static double p99(const struct measure *measure)
{
    return (double)quantiles_at(&measure->latency, 0.99);
}

/* --- for people --------------------------------------------------------------------------------------- */

static void print_latency(const char *what, const struct quantiles *latency)
{
    if (latency->count == 0)
        return;
    printf("%-12s", what);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        printf(" %s %.3f ms", shown[i].name, (double)quantiles_at(latency, shown[i].q) / ms_ns);
    printf("\n");
}

static void print_measure(const struct measure *measure)
{
    if (measure->sent == 0)
        return;
    printf("messages     %" PRIu64 " in %.2f s, %.0f a second\n", measure->sent, measure->seconds,
           measure_ratio((double)measure->sent, measure->seconds));
    printf("deliveries   %" PRIu64 ", %.0f a second\n", measure->delivered,
           measure_deliveries_per_s(measure));
    print_latency("latency", &measure->latency);
}

static void print_slow(const struct report *report)
{
    const struct measure *with = &report->main, *without = &report->without_slow;

    printf("--- without the slow\n");
    print_measure(without);
    printf("--- with the slow, compared: deliveries a second x %.2f, p99 x %.2f",
           measure_ratio(measure_deliveries_per_s(with), measure_deliveries_per_s(without)),
           measure_ratio(p99(with), p99(without)));
    if (with->has_server)
        printf(", deliveries a processor second x %.2f",
               measure_ratio(measure_deliveries_per_cpu_s(with), measure_deliveries_per_cpu_s(without)));
    if (with->has_server)
        printf(", %.1f MiB more", (double)(with->end.rss_bytes - without->end.rss_bytes) / 1048576);
    printf("\n");
}

static void print_server(const struct report *report)
{
    double cpu_s = measure_server_cpu_s(&report->main);

    printf("server       %.2f s of processor time, %.1f %% of a core; %.0f us for each connection\n", cpu_s,
           100 * measure_ratio(cpu_s, report->main.seconds), connect_cpu_us(report));
    if (report->main.delivered)
        printf("             %.0f deliveries a processor second\n",
               measure_deliveries_per_cpu_s(&report->main));
    printf("             %.1f MiB, %.0f bytes more for each connection\n",
           (double)report->main.end.rss_bytes / 1048576, bytes_per_connection(report));
}

static void print_text(const struct report *report)
{
    printf("connections  %" PRIu64 " in %.2f s, %.0f a second\n", report->connections,
           report->getting_in.seconds,
           measure_ratio((double)report->connections, report->getting_in.seconds));
    print_latency("getting in", &report->connect);
    if (report->has_without_slow)
        print_slow(report);
    print_measure(&report->main);
    if (report->visits) {
        printf("visits       %" PRIu64 ", %.0f a second\n", report->visits,
               measure_ratio((double)report->visits, report->main.seconds));
        print_latency("getting in", &report->visit);
    }
    if (report->main.sent)
        printf("wrong        %" PRIu64 " lost, %" PRIu64 " repeated or out of order\n", report->lost,
               report->repeated);
    if (report->closed || report->slow_closed)
        printf("closed       %" PRIu64 " connections by the server, and %" PRIu64 " that never read\n",
               report->closed, report->slow_closed);
    if (report->main.has_server)
        print_server(report);
    printf("this program %.2f s of processor time, %.1f %% of a core\n",
           (double)report->main.own_cpu_ns / second_ns, 100 * measure_own_share(&report->main));
}

/* --- for programs ------------------------------------------------------------------------------------- */

static void put_latency(struct json *json, const char *key, const struct quantiles *latency)
{
    json_key(json, key);
    json_begin(json);
    for (size_t i = 0; i < ARRAY_LEN(shown); i++)
        json_put_uint(json, shown[i].name, quantiles_at(latency, shown[i].q));
    json_put_uint(json, "count", latency->count);
    json_end(json);
}

static void put_options(struct json *json, const struct load_options *options)
{
    json_put_text(json, "scenario", bytes_of(options->scenario->name));
    json_put_text(json, "dialect", bytes_of(options->dialect->name));
    json_put_bool(json, "tls", options->is_tls);
    json_put_uint(json, "rooms", options->rooms);
    json_put_uint(json, "members", options->members);
    json_put_uint(json, "senders", options->senders);
    json_put_uint(json, "payload", options->payload);
    json_put_uint(json, "window", options->window);
    json_put_uint(json, "rate", options->rate);
    json_put_uint(json, "slow_percent", options->slow_percent);
}

static void put_measure(struct json *json, const struct measure *measure)
{
    json_put_double(json, "seconds", measure->seconds);
    json_put_uint(json, "sent", measure->sent);
    json_put_uint(json, "delivered", measure->delivered);
    json_put_double(json, "deliveries_per_s", measure_deliveries_per_s(measure));
    put_latency(json, "latency_ns", &measure->latency);
    json_put_double(json, "own_cpu_s", (double)measure->own_cpu_ns / second_ns);
    json_put_bool(json, "is_generator_bound", measure_own_share(measure) > own_share_max);
    if (measure->has_server) {
        json_put_double(json, "server_cpu_s", measure_server_cpu_s(measure));
        json_put_double(json, "deliveries_per_cpu_s", measure_deliveries_per_cpu_s(measure));
        json_put_int(json, "server_rss_bytes", measure->end.rss_bytes);
    }
}

static void put_report(struct json *json, const struct report *report)
{
    json_put_uint(json, "connections", report->connections);
    json_put_double(json, "connect_seconds", report->getting_in.seconds);
    put_latency(json, "connect_ns", &report->connect);
    put_measure(json, &report->main);
    json_put_uint(json, "visits", report->visits);
    if (report->visits)
        put_latency(json, "visit_ns", &report->visit);
    if (report->has_without_slow) {
        json_key(json, "without_slow");
        json_begin(json);
        put_measure(json, &report->without_slow);
        json_end(json);
    }
    json_put_uint(json, "lost", report->lost);
    json_put_uint(json, "repeated", report->repeated);
    json_put_uint(json, "closed", report->closed);
    json_put_uint(json, "slow_closed", report->slow_closed);
    if (report->main.has_server) {
        json_put_double(json, "connect_cpu_us", connect_cpu_us(report));
        json_put_double(json, "bytes_per_connection", bytes_per_connection(report));
    }
}

static void print_json(const struct report *report, const struct load_options *options)
{
    struct buf out;
    struct json json;

    buf_init(&out, 65536);
    json_init(&json, &out);
    json_begin(&json);
    put_options(&json, options);
    put_report(&json, report);
    json_end(&json);
    printf("%.*s\n", BYTES_ARG(buf_bytes(&out)));
    buf_done(&out);
}

void report_print(const struct report *report, const struct load_options *options)
{
    if (options->is_json)
        print_json(report, options);
    else
        print_text(report);
    if (measure_own_share(&report->main) > own_share_max)
        fprintf(stderr,
                "mingle-bench: this program used %.0f %% of its core: it may have been the limit, not "
                "the server. Compare deliveries a processor second (--server-pid).\n",
                100 * measure_own_share(&report->main));
}

/* --- limits ------------------------------------------------------------------------------------------- */

bool report_holds(const struct report *report, const struct load_options *options)
{
    double worst = p99(&report->main);
    bool holds = true;

    if (options->max_p99_ns >= 0 && worst > (double)options->max_p99_ns) {
        fprintf(stderr, "mingle-bench: the p99 of the latency is %.3f ms, above %.3f ms\n", worst / ms_ns,
                (double)options->max_p99_ns / ms_ns);
        holds = false;
    }
    uint64_t wrong = report->lost + report->repeated + report->closed;
    if (options->max_lost >= 0 && wrong > (uint64_t)options->max_lost) {
        fprintf(stderr, "mingle-bench: %" PRIu64 " lost, repeated or closed, above %" PRId64 "\n", wrong,
                options->max_lost);
        holds = false;
    }
    return holds;
}
