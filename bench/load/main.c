/* mingle-bench: loads a chat server and checks that everyone gets everything once and in order. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "load/load.h"
#include "load/load_options.h"
#include "load/report.h"
#include "load/scenario.h"

enum { EXIT_USAGE = 2 };

/* Every client is an open file. */
static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

static void print_failure(struct load *load)
{
    progress_end(&load->progress);
    const char *why = load->failure ? load->failure : "failed";
    fprintf(stderr, "mingle-bench: %s%s%s (%zu of %zu clients were in, %zu were closed)\n", why,
            load->failure_errno ? ": " : "", load->failure_errno ? strerror(load->failure_errno) : "",
            load->in_count, load->peer_count, load->closed_count);
}

static bool run(struct load *load, struct report *report, const struct load_options *options)
{
    bool is_good = load_init(load, options, (size_t)options->rooms * options->members) == 0;
    if (is_good && !options->scenario->run(load, report)) {
        print_failure(load);
        is_good = false;
    }
    load_done(load);
    if (!is_good)
        return false;
    report_print(report, options);
    return report_holds(report, options);
}

int main(int argc, char **argv)
{
    struct load_options options;

    int r = load_options_parse(argc, argv, &options);
    if (r != 0)
        return r > 0 ? EXIT_SUCCESS : EXIT_USAGE;
    signal(SIGPIPE, SIG_IGN);
    raise_file_limit();
    struct load *load = calloc(1, sizeof(*load));
    struct report *report = calloc(1, sizeof(*report));
    bool is_good = load && report && run(load, report, &options);
    free(load);
    free(report);
    return is_good ? EXIT_SUCCESS : EXIT_FAILURE;
}
