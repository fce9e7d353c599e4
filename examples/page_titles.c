/* Page titles: fetches many pages at once and prints the title of each, in the order of the arguments.
 *
 *     async def title(session, url):
 *         try:
 *             async with asyncio.timeout(10), session.get(url, raise_for_status=True) as response:
 *                 return BeautifulSoup(await response.text(), "lxml").title.string
 *         except (aiohttp.ClientError, TimeoutError) as error:
 *             return f"({error})"
 *
 *     for url, text in zip(urls, await asyncio.gather(*(title(session, url) for url in urls))):
 *         print(f"{url}: {text}")
 *
 * Usage: page_titles URL... */
#include <errno.h>
#include <libxml/HTMLparser.h>
#include <libxml/xpath.h>
#include <signal.h>

#include "async/group.h"
#include "async/timeout.h"
#include "base/utf8.h"
#include "fetch/fetch.h"
#include "example.h"

enum { CONNECTIONS = 8, PAGE_BYTES_MAX = 1024 * 1024, PAGE_MS_MAX = 10000, TITLE_BYTES = 120 };
enum { HTML_OPTIONS = HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING | HTML_PARSE_NONET };

/* A page may say anything, and a terminal obeys: control characters are left out. */
static void clean(struct bytes text, char title[TITLE_BYTES])
{
    size_t len = 0;
    while (text.len && len + UTF8_MAX_BYTES < TITLE_BYTES) {
        uint32_t c;
        bool is_valid;
        text = bytes_slice(text, utf8_next(text, &c, &is_valid), text.len);
        if (c >= ' ' && (c < 0x7f || c > 0x9f))
            len += utf8_encode(c, title + len);
    }
    title[len] = '\0';
}

static void read_title(struct bytes page, char title[TITLE_BYTES])
{
    /* Without an encoding given libxml2 does as the page says. */
    const char *encoding = utf8_is_valid(page) ? "UTF-8" : NULL;
    xmlDoc *document = htmlReadMemory(page.ptr, (int)page.len, NULL, encoding, HTML_OPTIONS);
    xmlXPathContext *context = document ? xmlXPathNewContext(document) : NULL;
    xmlXPathObject *found = context ? xmlXPathEval(BAD_CAST "normalize-space(//title)", context) : NULL;
    clean(bytes_of(found ? (const char *)found->stringval : NULL), title);
    if (!title[0])
        snprintf(title, TITLE_BYTES, "(no title)");
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    xmlFreeDoc(document);
}

struct get_title {
    struct co_frame co;
    struct fetcher *fetcher;
    const char *url;
    char title[TITLE_BYTES]; /* or what went wrong, in parentheses */
    int code;
    struct co_timeout limit;
    struct co_fetch fetch;
};

ASYNC(get_title)
{
    WITH(co_timeout_open(co, &self->limit, PAGE_MS_MAX, false)) {
        TRY_AWAIT(self->code, co_fetch(self->fetcher, &self->fetch, self->url, PAGE_BYTES_MAX));
    }
    END_WITH;
    if (self->limit.has_expired)
        snprintf(self->title, TITLE_BYTES, "(no answer in %d s)", PAGE_MS_MAX / 1000);
    else if (self->code)
        snprintf(self->title, TITLE_BYTES, "(%.100s)", self->fetch.error);
    else if (self->fetch.status != 200)
        snprintf(self->title, TITLE_BYTES, "(HTTP status %ld)", self->fetch.status);
    else
        read_title(buf_bytes(&self->fetch.body), self->title);
    co_fetch_done(&self->fetch);
}
END_ASYNC

struct job {
    CO_TASK(get_title) task;
};

struct root {
    struct co_frame co;
    char **urls;
    int count;
    struct job *jobs; /* one per URL */
    struct fetcher *fetcher;
    struct co_with finally;
    struct co_group group;
};

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
    co_with_init(&self->finally, NULL, root_finally);
    WITH(&self->finally) {
        WITH(co_group_open(co, &self->group, -1)) {
            for (int i = 0; i < self->count; i++)
                SPAWN(&self->group, &self->jobs[i].task, get_title, .fetcher = self->fetcher,
                      .url = self->urls[i]);
        }
        END_WITH;
        for (int i = 0; i < self->count; i++)
            printf("%s: %s\n", self->urls[i], self->jobs[i].task.fn.title);
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
    xmlCleanupParser();
    return status;
}
