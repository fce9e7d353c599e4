#include "load/load_options.h"

#include <errno.h>
#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "load/mark.h"
#include "load/scenario.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

/* Options that are a number. */
static const struct number {
    const char *name, *help;
    unsigned initial, min, max;
    size_t offset; /* of an unsigned in struct load_options */
} numbers[] = {
    {"rooms", "rooms", 1, 1, 100000, offsetof(struct load_options, rooms)},
    {"members", "members of each room", 100, 1, 1000000, offsetof(struct load_options, members)},
    {"senders", "members of each room who talk", 10, 1, 1000, offsetof(struct load_options, senders)},
    {"payload", "bytes of a message", 64, MARK_BYTES, 4000, offsetof(struct load_options, payload)},
    {"window", "messages of a sender that may be on their way", 16, 1, 10000,
     offsetof(struct load_options, window)},
    {"rate", "messages a second of all senders; 0: as the window allows", 0, 0, 10000000,
     offsetof(struct load_options, rate)},
    {"slow", "percent of the members who never read", 0, 0, 99, offsetof(struct load_options, slow_percent)},
    {"sources", "loopback addresses to connect from", 1, 1, 60000, offsetof(struct load_options, sources)},
    {"first", "number of the first client and of the first room", 0, 0, 1000000000,
     offsetof(struct load_options, first)},
    {"duration", "seconds to measure", 5, 1, 86400, offsetof(struct load_options, duration_s)},
    {"warmup", "seconds before that", 1, 0, 3600, offsetof(struct load_options, warmup_s)},
};

enum {
    OPT_NUMBER = 1000,
    OPT_DIALECT = 1,
    OPT_TLS,
    OPT_JSON,
    OPT_PID,
    OPT_P99,
    OPT_LOST,
    OPT_VERSION,
    OPT_HELP
};

static const struct option others[] = {
    {"dialect", required_argument, NULL, OPT_DIALECT},
    {"tls", no_argument, NULL, OPT_TLS},
    {"json", no_argument, NULL, OPT_JSON},
    {"server-pid", required_argument, NULL, OPT_PID},
    {"max-p99", required_argument, NULL, OPT_P99},
    {"max-lost", required_argument, NULL, OPT_LOST},
    {"version", no_argument, NULL, OPT_VERSION},
    {"help", no_argument, NULL, OPT_HELP},
};

static void print_help(void)
{
    printf("Usage: mingle-bench SCENARIO [OPTION]... HOST:PORT\n"
           "Loads a chat server with clients that check what they get. Only for servers of your own.\n\n"
           "Scenarios:\n");
    for (unsigned i = 0; scenario_at(i); i++)
        printf("  %-22s %s\n", scenario_at(i)->name, scenario_at(i)->help);
    printf("\nDialects, for --dialect:\n");
    for (unsigned i = 0; load_dialect_at(i); i++)
        printf("  %-22s %s\n", load_dialect_at(i)->name, load_dialect_at(i)->help);
    printf("\nOptions:\n");
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        printf("  --%s N%*s %s (%u)\n", numbers[i].name, (int)(18 - strlen(numbers[i].name)), "",
               numbers[i].help, numbers[i].initial);
    printf("  --dialect NAME         how the server is spoken to (plain)\n"
           "  --tls                  over TLS; the certificate is not checked\n"
           "  --server-pid PID       tells the server's processor time and memory, too\n"
           "  --max-p99 MS           fail when the p99 of the latency is above\n"
           "  --max-lost N           fail when more than N messages are lost, repeated, or clients closed\n"
           "  --json                 one JSON object instead of text; times in nanoseconds\n"
           "  --version, --help\n\n"
           "Exit status: 0, 1 when a limit does not hold or the run failed, 2 for wrong options.\n");
}

static int parse_number(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *ret_number)
{
    uint64_t number;
    if (bytes_parse_u64(bytes_of(text), max, &number) < 0 || number < min) {
        fprintf(stderr, "mingle-bench: --%s: '%s' is not a number from %llu to %llu\n", name, text,
                (unsigned long long)min, (unsigned long long)max);
        return -EINVAL;
    }
    *ret_number = number;
    return 0;
}

static int set_number(struct load_options *options, size_t index, const char *text)
{
    const struct number *row = &numbers[index];
    uint64_t number;
    int r = parse_number(row->name, text, row->min, row->max, &number);
    if (r == 0)
        *(unsigned *)(void *)((char *)options + row->offset) = (unsigned)number;
    return r;
}

static int set_dialect(struct load_options *options, const char *name)
{
    options->dialect = load_dialect_find(bytes_of(name));
    if (options->dialect)
        return 0;
    fprintf(stderr, "mingle-bench: no dialect '%s'; --help lists them\n", name);
    return -EINVAL;
}

static int set_other(struct load_options *options, int option, const char *text)
{
    uint64_t number = 0;
    int r = 0;

    switch (option) {
    case OPT_DIALECT:
        return set_dialect(options, text);
    case OPT_TLS:
        options->is_tls = true;
        return 0;
    case OPT_JSON:
        options->is_json = true;
        return 0;
    case OPT_PID:
        r = parse_number("server-pid", text, 1, INT32_MAX, &number);
        options->server_pid = (pid_t)number;
        return r;
    case OPT_P99:
        r = parse_number("max-p99", text, 0, 3600000, &number);
        options->max_p99_ns = (int64_t)number * 1000000;
        return r;
    case OPT_LOST:
        r = parse_number("max-lost", text, 0, INT64_MAX, &number);
        options->max_lost = (int64_t)number;
        return r;
    case OPT_VERSION:
        printf("mingle-bench " PACKAGE_VERSION "\n");
        return 1;
    case OPT_HELP:
        print_help();
        return 1;
    default:
        fprintf(stderr, "Try 'mingle-bench --help'.\n");
        return -EINVAL;
    }
}

/* HOST:PORT is cut in place; an IPv6 address stands in brackets. */
static int set_address(struct load_options *options, char *text)
{
    char *colon = strrchr(text, ':');
    if (!colon || colon == text || !colon[1]) {
        fprintf(stderr, "mingle-bench: '%s' is not HOST:PORT\n", text);
        return -EINVAL;
    }
    *colon = '\0';
    options->port = colon + 1;
    options->host = text;
    if (text[0] == '[' && colon[-1] == ']') {
        colon[-1] = '\0';
        options->host = text + 1;
    }
    return 0;
}

static int set_words(struct load_options *options, char **words, int count)
{
    if (count != 2) {
        fprintf(stderr, "mingle-bench: wants SCENARIO and HOST:PORT; try --help\n");
        return -EINVAL;
    }
    options->scenario = scenario_find(bytes_of(words[0]));
    if (!options->scenario) {
        fprintf(stderr, "mingle-bench: no scenario '%s'; --help lists them\n", words[0]);
        return -EINVAL;
    }
    return set_address(options, words[1]);
}

unsigned load_options_slow_members(const struct load_options *options)
{
    return (unsigned)((uint64_t)options->members * options->slow_percent / 100);
}

static int check_members(const struct load_options *options)
{
    unsigned readers = options->members - load_options_slow_members(options);

    if (options->scenario->slow_percent && readers == options->members) {
        fprintf(stderr, "mingle-bench: --slow %u of %u members is nobody\n", options->slow_percent,
                options->members);
        return -EINVAL;
    }
    if (options->senders + options->scenario->wants_witnesses > readers) {
        fprintf(stderr, "mingle-bench: --senders %u is too many: %u members of each room read%s\n",
                options->senders, readers,
                options->scenario->wants_witnesses ? ", and one has to do nothing else" : "");
        return -EINVAL;
    }
    return 0;
}

static int check_payload(const struct load_options *options)
{
    unsigned max = options->dialect->payload_max;

    if (max == 0 || options->payload <= max)
        return 0;
    fprintf(stderr, "mingle-bench: --payload %u is too much: with --dialect %s a message has room for %u\n",
            options->payload, options->dialect->name, max);
    return -EINVAL;
}

static int check(struct load_options *options)
{
    int r;

    if (options->slow_percent == 0)
        options->slow_percent = options->scenario->slow_percent;
    if ((uint64_t)options->senders * options->rooms > MARK_SENDERS_MAX) {
        fprintf(stderr, "mingle-bench: more than %d senders in all\n", MARK_SENDERS_MAX);
        return -EINVAL;
    }
    r = check_payload(options);
    return r < 0 ? r : check_members(options);
}

int load_options_parse(int argc, char **argv, struct load_options *ret_options)
{
    struct option long_options[ARRAY_LEN(numbers) + ARRAY_LEN(others) + 1] = {0};
    struct load_options options = {.dialect = load_dialect_at(0), .max_p99_ns = -1, .max_lost = -1};
    int option, r = 0;

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        long_options[i] = (struct option){numbers[i].name, required_argument, NULL, OPT_NUMBER + (int)i};
        *(unsigned *)(void *)((char *)&options + numbers[i].offset) = numbers[i].initial;
    }
    memcpy(long_options + ARRAY_LEN(numbers), others, sizeof(others));
    while (r == 0 && (option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
        r = option >= OPT_NUMBER ? set_number(&options, (size_t)(option - OPT_NUMBER), optarg)
                                 : set_other(&options, option, optarg);
    if (r == 0)
        r = set_words(&options, argv + optind, argc - optind);
    if (r == 0)
        r = check(&options);
    if (r == 0)
        *ret_options = options;
    return r;
}
