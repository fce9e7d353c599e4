/* Concurrent downloads: gets all URLs at once, over four connections at most, and says how large each is.
 *
 *     async def download(session, url):
 *         async with session.get(url) as response:
 *             return url, response.status, len(await response.read())
 *
 *     async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=4)) as session:
 *         results = await asyncio.gather(*(download(session, url) for url in sys.argv[1:]),
 *                                        return_exceptions=True)
 *
 * Usage: downloads URL... */
#include <errno.h>
#include <signal.h>

#include "async/group.h"
#include "fetch/fetch.h"
#include "example.h"

enum { CONNECTIONS = 4, BYTES_MAX = 64 * 1024 * 1024 };

struct download {
    struct co_frame co;
    struct fetcher *fetcher;
    const char *url;
    int code; /* 0, or why it has failed */
    size_t size;
    struct co_fetch fetch;
};

ASYNC(download)
{
    TRY_AWAIT(self->code, co_fetch(self->fetcher, &self->fetch, self->url, BYTES_MAX));
    self->size = self->fetch.body.len;
    co_fetch_done(&self->fetch); /* a failure is a result like another: it does not stop the others */
}
END_ASYNC

struct job {
    CO_TASK(download) task;
};

struct root {
    struct co_frame co;
    char **urls;
    int count;
    struct job *jobs; /* one per URL */
    struct fetcher *fetcher;
    int64_t start_ms;
    int failed_count;
    struct co_with finally;
    struct co_group group;
};

/* In the order of the arguments, whatever the order they were done in. */
static void print_results(struct root *self)
{
    size_t total = 0;
    for (int i = 0; i < self->count; i++) {
        const struct download *each = &self->jobs[i].task.fn;
        if (each->code)
            printf("%s: %s\n", each->url, each->fetch.error);
        else
            printf("%s: status %ld, %zu bytes\n", each->url, each->fetch.status, each->size);
        self->failed_count += each->code != 0;
        total += each->size;
    }
    printf("%d of %d, %zu bytes", self->count - self->failed_count, self->count, total);
}

static void root_finally(struct co_task *task, struct co_with *with)
{
    struct root *self = container_of(with, struct root, finally);
    (void)task;
    for (int i = 0; i < self->count; i++)
        co_fetch_done(&self->jobs[i].task.fn.fetch); /* what is left when they were cancelled */
    fetcher_free(self->fetcher);
}

ASYNC(root)
{
    self->fetcher = fetcher_new(co_loop_of(co), CONNECTIONS);
    if (!self->fetcher)
        RAISE(ENOMEM, "fetcher");
    self->start_ms = example_now_ms(co);
    co_with_init(&self->finally, NULL, root_finally);
    WITH(&self->finally) {
        WITH(co_group_open(co, &self->group, -1)) {
            for (int i = 0; i < self->count; i++)
                SPAWN(&self->group, &self->jobs[i].task, download, .fetcher = self->fetcher,
                      .url = self->urls[i]);
        }
        END_WITH;
        print_results(self);
        printf(" in %.1f s\n", example_seconds(co, self->start_ms));
    }
    END_WITH;
}
END_ASYNC

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s URL...\n", argv[0]);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN); /* a server that is gone is an error, not the end */
    struct job *jobs = calloc((size_t)argc - 1, sizeof(*jobs));
    if (!jobs)
        return 1;
    CO_TASK(root) task;
    int status = example_run(TASK(&task, root, .urls = argv + 1, .count = argc - 1, .jobs = jobs));
    free(jobs);
    return status || task.fn.failed_count ? 1 : 0;
}
