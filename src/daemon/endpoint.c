/* Addresses to listen on, and how they change while the server runs; see endpoint.h. */
#include "daemon/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log_event.h"
#include "daemon/notify.h"
#include "daemon/settings.h"

/* What connects when descriptors have run out hears this. */
#define FULL_TEXT BYTES("*** The server is full. Try again in a few minutes.\n")

static void endpoint_free(struct endpoint *endpoint)
{
    if (!endpoint)
        return;
    listener_close(&endpoint->listener);
    free(endpoint->entry);
    free(endpoint);
}

/* One that does not listen yet. */
static int endpoint_new(const char *entry, struct buf *errors, struct endpoint **ret_endpoint)
{
    struct endpoint *endpoint = calloc(1, sizeof(*endpoint));
    int r = endpoint && (endpoint->entry = strdup(entry)) ? 0 : -ENOMEM;
    if (r == 0)
        r = listen_option_parse(endpoint->entry, &endpoint->option, errors);
    if (r < 0) {
        endpoint_free(endpoint);
        return r;
    }
    endpoint->option.port.proxies = endpoint->option.proxies; /* where they are now */
    *ret_endpoint = endpoint;
    return 0;
}

static void explain(struct buf *errors, const char *address, int r)
{
    buf_printf(errors, "cannot listen on %s: %s", address, strerror(-r));
    if (r == -EADDRINUSE)
        buf_put_text(
            errors,
            "; is another mingled running? `ss -ltnp` shows who has it; or set another listen.address");
    else if (r == -EACCES)
        buf_put_text(errors, "; ports below 1024 need a socket unit (mingled.socket) or a higher port");
    else if (r == -EADDRNOTAVAIL)
        buf_put_text(errors, "; this machine has no such address: `ip address` shows which it has");
    buf_put_char(errors, '\n');
}

static int endpoint_listen(struct endpoint *endpoint, struct co_loop *loop, int backlog, struct buf *errors)
{
    struct addr addr;
    const char *why;

    if (addr_parse(endpoint->option.address, &addr, &why) < 0) {
        buf_printf(errors, "listen.address = %s: %s\n", endpoint->entry, why);
        return -EINVAL;
    }
    int r = listener_open(&endpoint->listener, loop, &addr, backlog);
    if (r < 0)
        explain(errors, endpoint->entry, r);
    else
        listener_set_full_text(&endpoint->listener, FULL_TEXT);
    return r;
}

void endpoints_init(struct endpoints *endpoints, struct co_loop *loop)
{
    *endpoints = (struct endpoints){.loop = loop};
}

/* ---- the service manager's sockets ---- */

/* The entry with this address, which says how clients are received there; NULL: none. */
static const char *find_entry(const struct settings *settings, struct bytes address)
{
    const struct setting_list *list = &settings->listen.address;
    for (size_t i = 0; i < list->count; i++)
        if (bytes_eq(listen_option_address(list->items[i]), address))
            return list->items[i];
    return NULL;
}

static int adopt_one(struct endpoints *endpoints, const struct settings *settings, int fd, struct buf *errors)
{
    struct listener listener;
    char address[ADDR_TEXT_MAX];
    struct endpoint *endpoint = NULL;

    int r = listener_adopt(&listener, endpoints->loop, fd);
    if (r < 0) {
        close(fd);
        return r;
    }
    addr_format(&listener.addr, address);
    const char *entry = find_entry(settings, bytes_of(address));
    r = endpoint_new(entry ? entry : address, errors, &endpoint);
    if (r < 0) {
        listener_close(&listener);
        return r;
    }
    listener_move(&listener, &endpoint->listener);
    listener_set_full_text(&endpoint->listener, FULL_TEXT);
    endpoints->items[endpoints->count++] = endpoint;
    return 0;
}

int endpoints_adopt(struct endpoints *endpoints, const struct settings *settings, struct buf *errors)
{
    int *fds;
    size_t count;
    int r = notify_listen_fds(&fds, &count);
    if (r < 0) {
        buf_printf(errors, "the service manager's LISTEN_FDS is broken: %s\n", strerror(-r));
        return r;
    }
    if (count == 0)
        return 0;
    endpoints->is_activated = true;
    endpoints->items = calloc(count, sizeof(struct endpoint *));
    if (!endpoints->items)
        r = -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        if (r == 0)
            r = adopt_one(endpoints, settings, fds[i], errors);
        else
            close(fds[i]);
    }
    if (r < 0)
        buf_printf(errors, "a socket from the service manager cannot be used: %s; see mingled.socket\n",
                   strerror(-r));
    free(fds);
    return r;
}

/* ---- changing ---- */

static struct endpoint *find_open(const struct endpoints *endpoints, struct bytes address)
{
    for (size_t i = 0; i < endpoints->count; i++)
        if (bytes_eq(endpoints->items[i]->option.address, address))
            return endpoints->items[i];
    return NULL;
}

static bool is_open(const struct endpoints *endpoints, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < endpoints->count; i++)
        if (endpoints->items[i] == endpoint)
            return true;
    return false;
}

/* `entry` becomes the endpoint that there is, one that takes over its socket, or a new one. */
static int prepare_one(struct endpoints *endpoints, const char *entry, struct endpoints_change *change,
                       struct buf *errors)
{
    struct endpoint *found = find_open(endpoints, listen_option_address(entry));
    struct endpoint *endpoint = found;
    int r = 0;

    if (!found || strcmp(found->entry, entry) != 0) {
        r = endpoint_new(entry, errors, &endpoint);
        if (r == 0 && !found)
            r = endpoint_listen(endpoint, endpoints->loop, change->backlog, errors);
        else if (r == 0)
            endpoint->predecessor = found;
        if (r < 0 && endpoint != found)
            endpoint_free(endpoint);
    }
    if (r == 0)
        change->items[change->count++] = endpoint;
    return r;
}

static const char *activated_entry(const struct endpoint *endpoint, const struct settings *settings,
                                   char address[ADDR_TEXT_MAX])
{
    addr_format(&endpoint->listener.addr, address);
    const char *entry = find_entry(settings, bytes_of(address));
    return entry ? entry : address;
}

int endpoints_prepare(struct endpoints *endpoints, const struct settings *settings,
                      struct endpoints_change *ret_change, struct buf *errors)
{
    const struct setting_list *list = &settings->listen.address;
    const size_t count = endpoints->is_activated ? endpoints->count : list->count;
    struct endpoints_change change = {.backlog = (int)settings->listen.backlog};
    char address[ADDR_TEXT_MAX];
    int first = 0;

    change.items = calloc(count ? count : 1, sizeof(struct endpoint *));
    if (!change.items)
        return -ENOMEM;
    for (size_t i = 0; i < count; i++) {
        const char *entry = endpoints->is_activated ? activated_entry(endpoints->items[i], settings, address)
                                                    : list->items[i];
        int r = prepare_one(endpoints, entry, &change, errors);
        if (first == 0)
            first = r;
    }
    if (first < 0) {
        endpoints_abandon(endpoints, &change);
        return first;
    }
    *ret_change = change;
    return 0;
}

void endpoints_abandon(struct endpoints *endpoints, struct endpoints_change *change)
{
    for (size_t i = 0; i < change->count; i++)
        if (!is_open(endpoints, change->items[i]))
            endpoint_free(change->items[i]);
    free(change->items);
    *change = (struct endpoints_change){0};
}

static bool is_wanted(const struct endpoints_change *change, const struct endpoint *endpoint)
{
    for (size_t i = 0; i < change->count; i++)
        if (change->items[i] == endpoint)
            return true;
    return false;
}

static void retire(struct endpoints *endpoints, struct endpoint *endpoint)
{
    if (endpoint->is_started && endpoint->listener.fd >= 0) {
        char text[ADDR_TEXT_MAX];
        addr_format(&endpoint->listener.addr, text);
        log_event(LOG_KIND_NOT_LISTENING, LOG_LEVEL_NOTICE, LOG_STR("address", text));
    }
    listener_close(&endpoint->listener);
    endpoint->next = endpoints->closed;
    endpoints->closed = endpoint;
}

void endpoints_commit(struct endpoints *endpoints, struct endpoints_change *change)
{
    for (size_t i = 0; i < change->count; i++) {
        struct endpoint *endpoint = change->items[i];
        if (endpoint->predecessor)
            listener_move(&endpoint->predecessor->listener, &endpoint->listener);
        endpoint->predecessor = NULL;
        if (!endpoints->is_activated)
            listener_set_backlog(&endpoint->listener, change->backlog);
    }
    for (size_t i = 0; i < endpoints->count; i++)
        if (!is_wanted(change, endpoints->items[i]))
            retire(endpoints, endpoints->items[i]);
    free(endpoints->items);
    endpoints->items = change->items;
    endpoints->count = change->count;
    *change = (struct endpoints_change){0};
    endpoints_sweep(endpoints);
}

bool endpoint_has_tls(const struct endpoint *endpoint)
{
    const struct session_port *port = &endpoint->option.port;
    return port->tls != SESSION_TLS_OFF && (port->refused & SESSION_DIALECT_TLS) == 0;
}

static void announce(const struct endpoint *endpoint, bool has_tls)
{
    const struct session_port *port = &endpoint->option.port;
    const char *tls = !has_tls || !endpoint_has_tls(endpoint) ? ""
                      : port->tls == SESSION_TLS_REQUIRED     ? " (TLS)"
                                                              : " (plain and TLS)";
    char address[ADDR_TEXT_MAX], text[ADDR_TEXT_MAX + 64];

    addr_format(&endpoint->listener.addr, address);
    snprintf(text, sizeof(text), "listening on %s%s%s", address, tls,
             port->proxy_count ? " behind a proxy" : "");
    log_event(LOG_KIND_LISTENING, LOG_LEVEL_NOTICE, LOG_STR("address", address), LOG_SAY(bytes_of(text)));
}

void endpoints_start(struct endpoints *endpoints, struct co_group *sessions, struct session_env *env)
{
    for (size_t i = 0; i < endpoints->count; i++) {
        struct endpoint *endpoint = endpoints->items[i];
        if (endpoint->is_started)
            continue;
        endpoint->is_started = true;
        announce(endpoint, env->tls != NULL);
        SPAWN(sessions, &endpoint->acceptor, acceptor, .listener = &endpoint->listener, .sessions = sessions,
              .env = env, .port = &endpoint->option.port);
    }
}

void endpoints_close(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        listener_close(&endpoints->items[i]->listener);
}

static bool is_needed(const struct endpoint *endpoint)
{
    bool is_accepting = endpoint->is_started && !endpoint->acceptor.task.is_done;
    return is_accepting || endpoint->option.port.session_count > 0;
}

void endpoints_sweep(struct endpoints *endpoints)
{
    struct endpoint **link = &endpoints->closed;
    while (*link) {
        struct endpoint *endpoint = *link;
        if (is_needed(endpoint)) {
            link = &endpoint->next;
            continue;
        }
        *link = endpoint->next;
        endpoint_free(endpoint);
    }
}

void endpoints_done(struct endpoints *endpoints)
{
    for (size_t i = 0; i < endpoints->count; i++)
        retire(endpoints, endpoints->items[i]);
    free(endpoints->items);
    endpoints->items = NULL;
    endpoints->count = 0;
    endpoints_sweep(endpoints);
    CHECK(!endpoints->closed);
}
