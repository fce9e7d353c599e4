#include "fetch/fetch.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>

#include "async/loop.h"
#include "async/task.h"
#include "base/check.h"

#include "async/poison.h"

#define REDIRECTS_MAX 5L
#define CONNECT_TIMEOUT_MS 10000L
#define PROTOCOLS "http,https"

_Static_assert(sizeof(((struct co_fetch *)0)->error) >= CURL_ERROR_SIZE, "libcurl writes as much");

/* The timer is one of libevent's and not of the loop, whose clock may be a virtual one: what happens on the
 * network takes real time. */
struct fetcher {
    struct co_loop *loop;
    CURLM *multi;
    struct event *timer;
    struct co_op_list active;
    bool is_failing; /* on_socket() had no memory; to tell libcurl so would crash it (7.88) */
};

/* ---- results ---- */

static int error_of(CURLcode code, const struct co_fetch *fetch)
{
    switch (code) {
    case CURLE_OK:
        return 0;
    case CURLE_COULDNT_CONNECT:
        return ECONNREFUSED;
    case CURLE_COULDNT_RESOLVE_HOST:
        return ENOENT;
    case CURLE_OPERATION_TIMEDOUT:
        return ETIMEDOUT;
    case CURLE_WRITE_ERROR: /* on_body() refused it */
        return buf_error(&fetch->body) ? -buf_error(&fetch->body) : EPROTO;
    case CURLE_OUT_OF_MEMORY:
        return ENOMEM;
    default:
        return EPROTO;
    }
}

static void end_transfer(struct co_fetch *fetch)
{
    struct fetcher *fetcher = fetch->fetcher;
    curl_multi_remove_handle(fetcher->multi, fetch->curl);
    curl_easy_cleanup(fetch->curl);
    fetch->curl = NULL;
    co_op_list_remove(&fetcher->active, &fetch->op);
    co_loop_unhold(fetcher->loop);
}

/* Completes the downloads that libcurl says are over. */
static void collect_done(struct fetcher *fetcher)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(fetcher->multi, &left)) != NULL) {
        char *private;
        if (message->msg != CURLMSG_DONE)
            continue;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &private);
        struct co_fetch *fetch = (void *)private;
        int code = error_of(message->data.result, fetch);
        curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &fetch->status);
        if (code == EMSGSIZE)
            snprintf(fetch->error, sizeof(fetch->error), "The body is over %zu bytes", fetch->body.max);
        else if (code && !fetch->error[0])
            snprintf(fetch->error, sizeof(fetch->error), "%s", curl_easy_strerror(message->data.result));
        end_transfer(fetch);
        co_op_complete(&fetch->op, code);
    }
}

/* A socket is not watched: its downloads would wait for ever, and which they are is libcurl's secret. */
static void fail_all(struct fetcher *fetcher)
{
    while (fetcher->active.first) {
        struct co_fetch *fetch = container_of(fetcher->active.first, struct co_fetch, op);
        snprintf(fetch->error, sizeof(fetch->error), "Out of memory");
        end_transfer(fetch);
        co_op_complete(&fetch->op, ENOMEM);
    }
    fetcher->is_failing = false;
}

/* Lets libcurl work: something can be done on `fd`, or its time has come. */
static void act(struct fetcher *fetcher, curl_socket_t fd, int action)
{
    int running;
    curl_multi_socket_action(fetcher->multi, fd, action, &running);
    collect_done(fetcher);
    if (fetcher->is_failing)
        fail_all(fetcher);
}

/* ---- libcurl's callbacks ---- */

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct co_fetch *fetch = arg;
    buf_put(&fetch->body, (struct bytes){data, size * count});
    return buf_error(&fetch->body) ? 0 : size * count;
}

static void on_socket_event(evutil_socket_t fd, short what, void *arg)
{
    act(arg, fd, ((what & EV_READ) ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) ? CURL_CSELECT_OUT : 0));
}

static int on_socket(CURL *curl, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct fetcher *fetcher = arg;
    struct event *event = socket_arg;
    (void)curl;
    if (event)
        event_free(event);
    curl_multi_assign(fetcher->multi, fd, NULL);
    if (what == CURL_POLL_REMOVE)
        return 0;
    int kinds = EV_PERSIST | ((what & CURL_POLL_IN) ? EV_READ : 0) | ((what & CURL_POLL_OUT) ? EV_WRITE : 0);
    event = event_new(co_loop_base(fetcher->loop), fd, (short)kinds, on_socket_event, fetcher);
    if (event && event_add(event, NULL) == 0) {
        curl_multi_assign(fetcher->multi, fd, event);
    } else {
        if (event)
            event_free(event);
        fetcher->is_failing = true;
        event_active(fetcher->timer, EV_TIMEOUT, 0); /* act() need not be what has called libcurl */
    }
    return 0;
}

static void on_timeout(evutil_socket_t fd, short what, void *arg)
{
    (void)fd;
    (void)what;
    act(arg, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer(CURLM *multi, long ms, void *arg)
{
    struct fetcher *fetcher = arg;
    (void)multi;
    if (ms < 0) {
        event_del(fetcher->timer);
    } else {
        struct timeval wait = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
        CHECK(event_add(fetcher->timer, &wait) == 0); /* libcurl would lose track of a new handle */
    }
    return 0;
}

/* ---- the fetcher ---- */

struct fetcher *fetcher_new(struct co_loop *loop, long max_connections)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return NULL;
    struct fetcher *fetcher = calloc(1, sizeof(*fetcher));
    if (!fetcher)
        goto fail;
    fetcher->loop = loop;
    fetcher->timer = evtimer_new(co_loop_base(loop), on_timeout, fetcher);
    fetcher->multi = curl_multi_init();
    if (!fetcher->timer || !fetcher->multi)
        goto fail;
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(fetcher->multi, CURLMOPT_SOCKETDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(fetcher->multi, CURLMOPT_TIMERDATA, fetcher);
    curl_multi_setopt(fetcher->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, max_connections);
    return fetcher;
fail:
    if (fetcher)
        fetcher_free(fetcher);
    else
        curl_global_cleanup();
    return NULL;
}

void fetcher_free(struct fetcher *fetcher)
{
    if (!fetcher)
        return;
    CHECK(!fetcher->active.first);
    curl_multi_cleanup(fetcher->multi); /* closes the connections that were kept; may call back */
    if (fetcher->timer)
        event_free(fetcher->timer);
    free(fetcher);
    curl_global_cleanup();
}

/* ---- one download ---- */

static CURLcode set_options(CURL *curl, struct co_fetch *fetch)
{
    /* Without these it must not begin; the others cannot fail, or do no harm. */
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, fetch->url);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, PROTOCOLS);
    if (code == CURLE_OK)
        code = curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, PROTOCOLS);
    curl_easy_setopt(curl, CURLOPT_PRIVATE, fetch);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, fetch);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, fetch->error);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");
    /* Names are looked up on a thread. A cancel must not wait for it: it ends by itself. */
    curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);
    return code;
}

static int begin(struct co_fetch *fetch)
{
    CURL *curl = curl_easy_init();
    CURLcode code = curl ? set_options(curl, fetch) : CURLE_OUT_OF_MEMORY;
    if (code == CURLE_OK && curl_multi_add_handle(fetch->fetcher->multi, curl) != CURLM_OK)
        code = CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK) {
        snprintf(fetch->error, sizeof(fetch->error), "%s", curl_easy_strerror(code));
        curl_easy_cleanup(curl);
        return error_of(code, fetch);
    }
    fetch->curl = curl;
    co_op_list_push(&fetch->fetcher->active, &fetch->op);
    co_loop_hold(fetch->fetcher->loop);
    return 0;
}

static bool fetch_start(struct co_op *op)
{
    op->code = begin(container_of(op, struct co_fetch, op));
    return op->code != 0;
}

static bool fetch_abort(struct co_op *op)
{
    end_transfer(container_of(op, struct co_fetch, op));
    return true;
}

static const struct co_op_vt fetch_vt = {.name = "fetch", .start = fetch_start, .abort = fetch_abort};

struct co_call co_fetch(struct fetcher *fetcher, struct co_fetch *op, const char *url, size_t max_bytes)
{
    *op = (struct co_fetch){.fetcher = fetcher, .url = url};
    buf_init(&op->body, max_bytes);
    return co_call_op(&op->op, &fetch_vt);
}

void co_fetch_done(struct co_fetch *op)
{
    buf_done(&op->body);
}
