#include "load/progress.h"

#include <stdio.h>
#include <unistd.h>

enum { WIDTH = 30 };

static const int64_t interval_ns = 100000000;

void progress_init(struct progress *progress)
{
    *progress = (struct progress){.is_on = isatty(STDERR_FILENO) == 1, .label = ""};
}

void progress_begin(struct progress *progress, const char *label)
{
    progress->label = label;
    progress->shown_ns = 0;
}

void progress_show(struct progress *progress, double share, int64_t now_ns)
{
    static const char full[] = "##############################", empty[] = "..............................";

    if (!progress->is_on || now_ns - progress->shown_ns < interval_ns)
        return;
    progress->shown_ns = now_ns;
    share = share < 0 ? 0 : share > 1 ? 1 : share;
    int done = (int)(share * WIDTH);
    fprintf(stderr, "\r%-10s [%.*s%.*s] %3d %%", progress->label, done, full, WIDTH - done, empty,
            (int)(share * 100));
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->is_on)
        fputs("\r\033[K", stderr);
}
