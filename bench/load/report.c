#include "load/report.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/json.h"
#include "load/scenario.h"

static const double second_ns = 1e9, ms_ns = 1e6;

static const struct {
    const char *name;
    double q;
} quantiles[] = {{"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99.9", 0.999}, {"max", 1}};

static double ratio(double a, double b)
{
    return b > 0 ? a / b : 0;
}

static double server_cpu_s(const struct report *report)
{
    return (double)(report->end.cpu_ns - report->begin.cpu_ns) / second_ns;
}

/* Bytes of memory that came with the connections. */
static double bytes_per_connection(const struct report *report)
{
    return ratio((double)(report->end.rss_bytes - report->before.rss_bytes), (double)report->connections);
}

/* --- for people --------------------------------------------------------------------------------------- */

static void print_latency(const char *what, const struct histogram *latency)
{
    if (latency->count == 0)
        return;
    printf("%-12s", what);
    for (size_t i = 0; i < ARRAY_LEN(quantiles); i++)
        printf(" %s %.3f ms", quantiles[i].name, (double)histogram_quantile(latency, quantiles[i].q) / ms_ns);
    printf("\n");
}

static void print_text(const struct report *report)
{
    double cpu_s = server_cpu_s(report);

    printf("connections  %" PRIu64 " in %.2f s, %.0f a second\n", report->connections,
           report->connect_seconds, ratio((double)report->connections, report->connect_seconds));
    print_latency("getting in", &report->connect);
    if (report->sent) {
        printf("messages     %" PRIu64 " in %.2f s, %.0f a second\n", report->sent, report->seconds,
               ratio((double)report->sent, report->seconds));
        printf("deliveries   %" PRIu64 ", %.0f a second; lost %" PRIu64 ", repeated or out of order %" PRIu64
               "\n",
               report->delivered, ratio((double)report->delivered, report->seconds), report->lost,
               report->repeated);
        print_latency("latency", &report->latency);
    }
    if (report->closed)
        printf("closed       %" PRIu64 " connections by the server\n", report->closed);
    if (report->has_server) {
        printf("server       %.2f s of processor time, %.1f %% of one; %.0f us for each connection\n", cpu_s,
               100 * ratio(cpu_s, report->seconds),
               ratio((double)report->connect_cpu_ns / 1000, (double)report->connections));
        if (report->delivered)
            printf("             %.0f deliveries a processor second\n",
                   ratio((double)report->delivered, cpu_s));
        printf("             %.1f MiB, %.0f bytes more for each connection\n",
               (double)report->end.rss_bytes / 1048576, bytes_per_connection(report));
    }
    printf("this program %.2f s of processor time, %.1f %% of one\n", (double)report->own_cpu_ns / second_ns,
           100 * ratio((double)report->own_cpu_ns / second_ns, report->seconds));
}

/* --- for programs ------------------------------------------------------------------------------------- */

static void put_latency(struct json *json, const char *key, const struct histogram *latency)
{
    json_key(json, key);
    json_begin(json);
    for (size_t i = 0; i < ARRAY_LEN(quantiles); i++)
        json_put_uint(json, quantiles[i].name, histogram_quantile(latency, quantiles[i].q));
    json_put_uint(json, "count", latency->count);
    json_end(json);
}

static void put_options(struct json *json, const struct options *options)
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

static void put_server(struct json *json, const struct report *report)
{
    json_put_double(json, "server_cpu_s", server_cpu_s(report));
    json_put_double(json, "deliveries_per_cpu_s", ratio((double)report->delivered, server_cpu_s(report)));
    json_put_double(json, "connect_cpu_us",
                    ratio((double)report->connect_cpu_ns / 1000, (double)report->connections));
    json_put_int(json, "server_rss_bytes", report->end.rss_bytes);
    json_put_double(json, "bytes_per_connection", bytes_per_connection(report));
}

static void print_json(const struct report *report, const struct options *options)
{
    struct buf out;
    struct json json;

    buf_init(&out, 65536);
    json_init(&json, &out);
    json_begin(&json);
    put_options(&json, options);
    json_put_uint(&json, "connections", report->connections);
    json_put_double(&json, "connect_seconds", report->connect_seconds);
    put_latency(&json, "connect_ns", &report->connect);
    json_put_double(&json, "seconds", report->seconds);
    json_put_uint(&json, "sent", report->sent);
    json_put_uint(&json, "delivered", report->delivered);
    json_put_double(&json, "deliveries_per_s", ratio((double)report->delivered, report->seconds));
    json_put_uint(&json, "lost", report->lost);
    json_put_uint(&json, "repeated", report->repeated);
    json_put_uint(&json, "closed", report->closed);
    put_latency(&json, "latency_ns", &report->latency);
    if (report->has_server)
        put_server(&json, report);
    json_put_double(&json, "own_cpu_s", (double)report->own_cpu_ns / second_ns);
    json_end(&json);
    printf("%.*s\n", BYTES_ARG(buf_bytes(&out)));
    buf_done(&out);
}

void report_print(const struct report *report, const struct options *options)
{
    if (options->is_json)
        print_json(report, options);
    else
        print_text(report);
}

bool report_holds(const struct report *report, const struct options *options)
{
    uint64_t p99 = histogram_quantile(&report->latency, 0.99);
    bool holds = true;

    if (options->max_p99_ns >= 0 && p99 > (uint64_t)options->max_p99_ns) {
        fprintf(stderr, "mingle-bench: p99 is %.3f ms, above %.3f ms\n", (double)p99 / ms_ns,
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
