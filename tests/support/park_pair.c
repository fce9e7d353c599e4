/* See park_pair.h. */
#include "support/park_pair.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <event2/util.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/tls.h"
#include "support/conn_probe.h"
#include "support/tls_cert.h"

static void make_contexts(struct park_pair *self)
{
    char why[TLS_WHY_MAX];
    struct tls_cert cert;

    tls_cert_make_with(&cert,
                       &(struct tls_cert_spec){.alt_names = "DNS:localhost", .from_days = -1, .to_days = 1});
    self->context = tls_cert_context(&cert);
    self->client_context = tls_context_new_client(cert.certificate_path, why);
    assert_non_null(self->client_context);
    tls_cert_remove(&cert);
}

void park_pair_begin(struct park_pair *self, struct co_loop *loop)
{
    self->pair = net_pair_tcp();
    assert_int_equal(parking_init(&self->parking, loop), 0);
    if (!self->is_tls) {
        assert_int_equal(conn_init_tcp(&self->conn, loop, self->pair.server, &CONN_PROBE_LIMITS), 0);
        return;
    }
    if (!self->context)
        make_contexts(self);
    assert_int_equal(evutil_make_socket_nonblocking(self->pair.client), 0);
    assert_int_equal(conn_init_tls(&self->conn, loop, self->pair.server, &CONN_PROBE_LIMITS, self->context),
                     0);
    assert_int_equal(conn_init_tls_client(&self->client, loop, self->pair.client, &CONN_PROBE_LIMITS,
                                          self->client_context, "localhost"),
                     0);
    tls_context_unref(self->context);
    tls_context_unref(self->client_context);
    self->has_client = true;
}

void park_pair_end(struct park_pair *self)
{
    conn_done(&self->conn);
    assert_int_equal(self->parking.count, 0);
    parking_done(&self->parking);
    if (self->has_client)
        conn_done(&self->client);
    else if (self->pair.client >= 0)
        close(self->pair.client);
}

void park_pair_say(struct park_pair *self, const char *text)
{
    if (self->is_tls)
        assert_int_equal(conn_write(&self->client, bytes_of(text)), 0);
    else
        net_pair_send(self->pair.client, bytes_of(text));
}
static struct bufferevent *make_none(struct conn *conn)
{
    (void)conn;
    return NULL;
}

void park_pair_break(struct park_pair *self)
{
    self->broken = *self->conn.kind;
    self->broken.make_bev = make_none;
    self->conn.kind = &self->broken;
}
