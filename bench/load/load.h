/* The load: many peers on one epoll. What happens to them is told to a scenario. */
#ifndef BENCH_LOAD_LOAD_H
#define BENCH_LOAD_LOAD_H

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "load/load_options.h"
#include "load/mark.h"
#include "load/peer.h"
#include "load/progress.h"

/* What a scenario wants to hear; NULL members are not called. */
struct load_listener {
    void (*on_ready)(void *arg, struct peer *peer);
    void (*on_message)(void *arg, struct peer *peer, const struct mark *mark);
    void (*on_closed)(void *arg, struct peer *peer, enum peer_state before);
    void *arg;
};

struct load {
    const struct load_options *options;
    int epoll_fd;
    SSL_CTX *tls; /* NULL: plain TCP */
    struct sockaddr_storage address;
    socklen_t address_len;
    struct peer *peers;
    size_t peer_count;
    size_t entering_count;    /* peers that have begun to connect and are not in yet */
    size_t in_count;          /* are in */
    size_t closed_count;      /* the server has closed */
    size_t slow_closed_count; /* the same of those who never read: that is its right */
    struct progress progress;
    struct load_listener listener;
    int64_t now_ns;      /* when epoll last returned */
    const char *failure; /* NULL: none; the first counts */
    int failure_errno;
    char in[256 * 1024];
};

int64_t load_now_ns(void); /* CLOCK_MONOTONIC */

/* Resolves the address; makes peers for all rooms, member by member. -Exxx with a message on stderr. */
MUST_CHECK int load_init(struct load *load, const struct load_options *options, size_t peer_count);
void load_done(struct load *load);

/* Handles what has happened; waits for it at most until `until_ns`. */
void load_poll(struct load *load, int64_t until_ns);
/* Does nothing else until then; shows how far it is. */
void load_wait(struct load *load, const char *label, int64_t until_ns);

/* Connects all peers that are new and not absent, few at a time, and waits until they are in. False:
 * load->failure. */
MUST_CHECK bool load_connect_all(struct load *load);

/* Remembers why the run has failed; `error` is an errno value or 0. */
void load_fail(struct load *load, const char *what, int error);

/* For peer.c. */
void load_on_line(struct load *load, struct peer *peer, struct bytes line);
void load_on_closed(struct load *load, struct peer *peer, enum peer_state before);

#endif
