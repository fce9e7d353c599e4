/* A parallel file processor: counts lines, words and bytes of the files given, four at a time, with a
 * progress bar on stderr.
 *
 *     async def process(path):
 *         async with semaphore:                     # no more at a time than there are threads
 *             counts = await asyncio.to_thread(count, path)
 *         progress.step(path)
 *         return counts
 *
 *     results = await asyncio.gather(*(process(path) for path in sys.argv[1:]))
 *
 * The executor has its own queue, so that no semaphore is needed. A job on a thread gets plain memory and
 * may block; it never touches the loop or another task. */
#include <ctype.h>
#include <errno.h>

#include "async/executor.h"
#include "async/group.h"
#include "base/attr.h"
#include "example.h"

enum { THREADS = 4, BAR_WIDTH = 20 };

struct counts {
    const char *path;
    unsigned long lines, words, bytes;
    int error; /* errno value; 0 */
};

/* Runs on a thread. */
static void count_file(void *arg)
{
    struct counts *counts = arg;
    FILE *file = fopen(counts->path, "re");
    bool is_in_word = false;
    int c;
    if (!file) {
        counts->error = errno;
        return;
    }
    while ((c = getc(file)) != EOF) {
        counts->bytes++;
        counts->lines += c == '\n';
        counts->words += !isspace(c) && !is_in_word;
        is_in_word = !isspace(c);
    }
    if (ferror(file))
        counts->error = EIO;
    fclose(file);
}

struct progress {
    int done, total;
};

static void progress_step(struct progress *progress)
{
    int filled = ++progress->done * BAR_WIDTH / progress->total;
    fprintf(stderr, "\r[%.*s%.*s] %d/%d", filled, "####################", BAR_WIDTH - filled,
            "....................", progress->done, progress->total);
    if (progress->done == progress->total)
        fputc('\n', stderr);
}

struct process {
    struct co_frame co;
    struct co_executor *executor;
    struct progress *progress;
    struct counts *counts;
    struct co_job job;
};

ASYNC(process)
{
    AWAIT(co_run_in_executor(self->executor, &self->job, count_file, self->counts));
    progress_step(self->progress);
}
END_ASYNC

struct root {
    struct co_frame co;
    struct counts *counts; /* one per file */
    int count;
    struct progress progress;
    struct co_executor *executor;
    struct co_with finally;
    struct co_group group;
};

static void root_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    co_executor_free(container_of(with, struct root, finally)->executor);
}

ASYNC(root)
{
    self->executor = co_executor_new(co_loop_of(co), THREADS);
    if (!self->executor)
        RAISE(ENOMEM, "executor");
    self->progress.total = self->count;
    co_with_init(&self->finally, NULL, root_finally);
    WITH(&self->finally) {
        WITH(co_group_open(co, &self->group, -1)) {
            for (int i = 0; i < self->count; i++)
                if (SPAWN_NEW(&self->group, process, .executor = self->executor, .progress = &self->progress,
                              .counts = &self->counts[i]) != 0)
                    RAISE(ENOMEM, "spawn");
        }
        END_WITH;
    }
    END_WITH;
}
END_ASYNC

/* In the order of the arguments, whatever the order they were done in. */
static void print_results(const struct counts *all, int count)
{
    struct counts total = {0};
    for (int i = 0; i < count; i++) {
        const struct counts *each = &all[i];
        if (each->error) {
            printf("%s: %s\n", each->path, co_error_str(each->error));
            continue;
        }
        printf("%7lu %7lu %7lu %s\n", each->lines, each->words, each->bytes, each->path);
        total.lines += each->lines;
        total.words += each->words;
        total.bytes += each->bytes;
    }
    printf("%7lu %7lu %7lu total\n", total.lines, total.words, total.bytes);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: %s FILE...\n", argv[0]);
        return 2;
    }
    int count = argc - 1;
    struct counts *counts = calloc((size_t)count, sizeof(*counts));
    if (!counts)
        return 1;
    for (int i = 0; i < count; i++)
        counts[i].path = argv[i + 1];
    CO_TASK(root) task;
    int status = example_run(TASK(&task, root, .counts = counts, .count = count));
    if (status == 0)
        print_results(counts, count);
    free(counts);
    return status;
}
