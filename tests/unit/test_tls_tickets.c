/* Tickets: resumption with keys that change as a clock says, between a client and a server in memory. */
#include "net/tls_tickets.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "net/tls.h"
#include "support/tls_cert.h"

#define PERIOD_MS (TLS_TICKETS_PERIOD_S * INT64_C(1000))

struct world {
    struct clock_fake clock;
    struct tls_cert cert;
    struct tls_tickets *tickets;
    struct tls_context *server;
    SSL_CTX *client;
    SSL_SESSION *session; /* of the latest handshake */
};

static int on_session(SSL *ssl, SSL_SESSION *session)
{
    struct world *world = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    SSL_SESSION_free(world->session);
    world->session = session;
    return 1;
}

static struct tls_context *make_server(struct world *world, enum tls_clients clients)
{
    const struct tls_pair pair = {world->cert.certificate_path, world->cert.key_path};
    char why[TLS_WHY_MAX];
    struct tls_context *server = tls_context_new(
        &(struct tls_config){.pairs = &pair, .pair_count = 1, .tickets = world->tickets, .clients = clients},
        why);
    assert_non_null(server);
    return server;
}

static int setup(void **state)
{
    static struct world world;
    world = (struct world){.server = NULL};
    clock_fake_init(&world.clock, 1000, 1000);
    tls_cert_make(&world.cert, -1, 2);
    world.tickets = tls_tickets_new(&world.clock.clock);
    assert_non_null(world.tickets);
    world.server = make_server(&world, TLS_CLIENTS_NO);
    world.client = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_session_cache_mode(world.client, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(world.client, on_session);
    SSL_CTX_set_app_data(world.client, &world);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    SSL_SESSION_free(world->session);
    SSL_CTX_free(world->client);
    tls_context_unref(world->server);
    tls_tickets_unref(world->tickets);
    tls_cert_remove(&world->cert);
    return 0;
}

/* One connection that offers the latest session. Whether it was resumed. */
static bool connect_again(struct world *world, int version)
{
    SSL *server = tls_context_accept(world->server), *client = SSL_new(world->client);
    BIO *to_server = BIO_new(BIO_s_mem()), *to_client = BIO_new(BIO_s_mem());
    char byte;

    assert_true(server && client && to_server && to_client);
    BIO_up_ref(to_server);
    BIO_up_ref(to_client);
    SSL_set_bio(server, to_server, to_client);
    SSL_set_bio(client, to_client, to_server);
    SSL_set_max_proto_version(client, version);
    SSL_set_connect_state(client);
    if (world->session)
        SSL_set_session(client, world->session);
    for (int i = 0; i < 4; i++) {
        (void)SSL_do_handshake(client);
        (void)SSL_do_handshake(server);
    }
    assert_true(SSL_is_init_finished(server));
    (void)SSL_read(client, &byte, 1); /* the tickets of TLS 1.3 */
    if (version == TLS1_2_VERSION) {  /* a renewed one is not told of */
        SSL_SESSION_free(world->session);
        world->session = SSL_get1_session(client);
    }
    bool is_resumed = SSL_session_reused(server);
    tls_context_rest(world->server, server);     /* it may have done so before the client comes again */
    SSL_set_shutdown(client, SSL_SENT_SHUTDOWN); /* otherwise its session is marked as broken */
    SSL_free(server);
    SSL_free(client);
    ERR_clear_error();
    return is_resumed;
}

static void check_rotation(struct world *world, int version)
{
    assert_false(connect_again(world, version));
    assert_true(connect_again(world, version));
    SSL_SESSION *old = world->session;
    SSL_SESSION_up_ref(old);

    clock_fake_advance(&world->clock, PERIOD_MS); /* its key takes tickets, but issues none any more */
    assert_true(connect_again(world, version));
    SSL_SESSION *renewed = world->session;
    SSL_SESSION_up_ref(renewed);
    assert_ptr_not_equal(renewed, old);

    clock_fake_advance(&world->clock, PERIOD_MS);
    SSL_SESSION_free(world->session);
    world->session = old;
    assert_false(connect_again(world, version));
    SSL_SESSION_free(world->session);
    world->session = renewed;
    assert_true(connect_again(world, version));

    clock_fake_advance(&world->clock, 2 * PERIOD_MS); /* nobody came: both are gone */
    assert_false(connect_again(world, version));
}

static void test_tls_tickets_rotate_tls_13(void **state)
{
    check_rotation(*state, TLS1_3_VERSION);
}

static void test_tls_tickets_rotate_tls_12(void **state)
{
    check_rotation(*state, TLS1_2_VERSION);
}

static void test_tls_tickets_do_not_rotate_too_early(void **state)
{
    struct world *world = *state;
    assert_false(connect_again(world, TLS1_2_VERSION));
    SSL_SESSION *session = world->session;
    clock_fake_advance(&world->clock, PERIOD_MS - 1);
    tls_tickets_rotate(world->tickets);
    assert_true(connect_again(world, TLS1_2_VERSION));
    assert_ptr_equal(world->session, session); /* not renewed */
}

static void test_tls_tickets_outlive_a_reload(void **state)
{
    struct world *world = *state;
    assert_false(connect_again(world, TLS1_3_VERSION));
    tls_context_unref(world->server);
    world->server = make_server(world, TLS_CLIENTS_NO);
    assert_true(connect_again(world, TLS1_3_VERSION));
}

/* A ticket says who the client is: another policy must look again. */
static void test_tls_tickets_end_with_the_policy_for_clients(void **state)
{
    struct world *world = *state;
    for (int version = TLS1_2_VERSION; version <= TLS1_3_VERSION; version++) {
        (void)connect_again(world, version);
        assert_true(connect_again(world, version));
        tls_context_unref(world->server);
        world->server = make_server(world, TLS_CLIENTS_OPTIONAL);
        assert_false(connect_again(world, version));
        assert_true(connect_again(world, version));
        tls_context_unref(world->server);
        world->server = make_server(world, TLS_CLIENTS_NO);
        SSL_SESSION_free(world->session);
        world->session = NULL;
    }
}

static void test_tls_tickets_are_not_issued_without_keys(void **state)
{
    struct world *world = *state;
    tls_tickets_unref(world->tickets);
    tls_context_unref(world->server);
    world->tickets = NULL;
    world->server = make_server(world, TLS_CLIENTS_NO);
    assert_false(connect_again(world, TLS1_3_VERSION));
    assert_false(connect_again(world, TLS1_3_VERSION));
    assert_false(connect_again(world, TLS1_2_VERSION));
    assert_false(connect_again(world, TLS1_2_VERSION));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tls_tickets_rotate_tls_13, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_tickets_rotate_tls_12, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_tickets_do_not_rotate_too_early, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_tickets_outlive_a_reload, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_tickets_end_with_the_policy_for_clients, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tls_tickets_are_not_issued_without_keys, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
