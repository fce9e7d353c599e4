/* HTTP downloads as something to await, on libcurl's multi interface.
 *
 * An optional part (built when libcurl, 7.87 or later, is there): the daemon does not need it. libcurl does
 * the protocol; this file lends it the loop, which waits for its sockets and its timer. Everything runs on
 * the loop's thread, except that names are looked up on threads of libcurl's. A virtual clock does not jump
 * while a download is under way. The program has to ignore SIGPIPE, as TLS connections may raise it. */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stddef.h>
#include <stdint.h>

#include "async/co.h"
#include "base/attr.h"
#include "base/buf.h"

struct co_loop;
struct fetcher; /* connections and names that are kept between downloads */

/* NULL when out of memory. max_connections: open at a time, 0: no limit; further downloads wait. */
MUST_CHECK struct fetcher *fetcher_new(struct co_loop *loop, long max_connections);
void fetcher_free(struct fetcher *fetcher); /* no download may be under way; NULL is fine */

struct co_fetch {
    struct co_op op;
    struct fetcher *fetcher;
    const char *url;
    void *curl;      /* CURL *, while it is under way */
    struct buf body; /* result, owned by the caller: co_fetch_done() */
    long status;     /* result: HTTP status */
    char error[256]; /* result: what went wrong, in words; "" when nothing did */
};

/* Suspends until the body is there: http and https, redirects followed (5 at most), certificates checked,
 * compression undone, proxies as the environment says (http_proxy and its kin). `url` must live until then.
 * Any HTTP status is a success. Fails with EMSGSIZE when the body is over max_bytes, ETIMEDOUT (no connection
 * within 10 s; the whole has no limit but the caller's), ECONNREFUSED (no connection to be had), ENOENT (no
 * such host), ENOMEM, EPROTO (anything else). Cancelled, it closes its connection. */
CO_MUST_AWAIT struct co_call co_fetch(struct fetcher *fetcher, struct co_fetch *op, const char *url,
                                      size_t max_bytes);

/* Frees the body; also after a failure, and again. */
void co_fetch_done(struct co_fetch *op);

#endif
