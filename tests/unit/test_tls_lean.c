/* Connections without the session of their handshake: they go on as before, between a client and a server in memory. */
#include "net/tls_lean.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/tls.h"
#include "support/tls_cert.h"

struct world {
    struct tls_cert cert;
    struct tls_context *context;
    SSL_CTX *client_ctx;
    struct tls_lean lean;
};

struct pair {
    SSL *server, *client;
};

static int setup(void **state)
{
    static struct world world;
    world = (struct world){0};
    tls_cert_make(&world.cert, -1, 2);
    world.context = tls_cert_context(&world.cert);
    world.client_ctx = SSL_CTX_new(TLS_client_method());
    SSL *ssl = tls_context_accept(world.context);
    assert_true(ssl && world.client_ctx);
    bool works = tls_lean_init(&world.lean, SSL_get_SSL_CTX(ssl));
    SSL_free(ssl);
    /* Of later versions it is not known. */
    assert_true(works || OPENSSL_version_major() > 3 || OPENSSL_version_minor() > 0);
    *state = &world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    tls_lean_done(&world->lean);
    SSL_CTX_free(world->client_ctx);
    tls_context_unref(world->context);
    tls_cert_remove(&world->cert);
    return 0;
}

static void skip_without(const struct world *world)
{
    if (!world->lean.ssl_ctx)
        skip();
}

static void pair_open(struct pair *pair, const struct world *world, int version)
{
    BIO *server_bio, *client_bio;

    *pair = (struct pair){tls_context_accept(world->context), SSL_new(world->client_ctx)};
    assert_true(pair->server && pair->client);
    assert_int_equal(BIO_new_bio_pair(&server_bio, 0, &client_bio, 0), 1);
    SSL_set_bio(pair->server, server_bio, server_bio);
    SSL_set_bio(pair->client, client_bio, client_bio);
    SSL_set_max_proto_version(pair->client, version);
    SSL_set_connect_state(pair->client);
    for (int i = 0; i < 5; i++) {
        (void)SSL_do_handshake(pair->client);
        (void)SSL_do_handshake(pair->server);
    }
    assert_true(SSL_is_init_finished(pair->server) && SSL_is_init_finished(pair->client));
}

static void pair_close(struct pair *pair)
{
    SSL_free(pair->server);
    SSL_free(pair->client);
    ERR_clear_error();
}

static void say(SSL *ssl, const char *text)
{
    assert_int_equal(SSL_write(ssl, text, (int)strlen(text)), strlen(text));
}

static void hear(SSL *ssl, const char *text)
{
    char heard[100];
    int len = SSL_read(ssl, heard, sizeof(heard));

    if (len < 0 && SSL_get_error(ssl, len) == SSL_ERROR_WANT_READ) /* a message about keys */
        len = SSL_read(ssl, heard, sizeof(heard));
    assert_int_equal(len, strlen(text));
    assert_memory_equal(heard, text, strlen(text));
}

static void talk(struct pair *pair)
{
    say(pair->client, "hello");
    hear(pair->server, "hello");
    say(pair->server, "welcome");
    hear(pair->client, "welcome");
}

static void test_tls_lean_connections_go_on(void **state)
{
    struct world *world = *state;
    struct pair one, other;

    skip_without(world);
    pair_open(&one, world, TLS1_3_VERSION);
    pair_open(&other, world, TLS1_3_VERSION);
    assert_ptr_not_equal(SSL_get_session(one.server), SSL_get_session(other.server));
    talk(&one);
    tls_lean_forget(&world->lean, one.server);
    tls_lean_forget(&world->lean, other.server);
    assert_ptr_equal(SSL_get_session(one.server), SSL_get_session(other.server));
    talk(&one);
    talk(&other);
    tls_lean_forget(&world->lean, one.server); /* again, as when it rests again */
    pair_close(&other);
    talk(&one);
    assert_string_equal(SSL_get_version(one.server), "TLSv1.3");
    pair_close(&one);
}

static void test_tls_lean_connections_change_their_keys(void **state)
{
    struct world *world = *state;
    struct pair pair;

    skip_without(world);
    pair_open(&pair, world, TLS1_3_VERSION);
    tls_lean_forget(&world->lean, pair.server);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(SSL_key_update(pair.client, SSL_KEY_UPDATE_REQUESTED), 1);
        talk(&pair);
        assert_int_equal(SSL_key_update(pair.server, SSL_KEY_UPDATE_REQUESTED), 1);
        talk(&pair);
    }
    pair_close(&pair);
}

static void test_tls_lean_connections_end_in_order(void **state)
{
    struct world *world = *state;
    struct pair pair;
    char byte;

    skip_without(world);
    pair_open(&pair, world, TLS1_3_VERSION);
    tls_lean_forget(&world->lean, pair.server);
    assert_int_equal(SSL_shutdown(pair.server), 0);
    assert_int_equal(SSL_read(pair.client, &byte, 1), 0);
    assert_int_equal(SSL_get_error(pair.client, 0), SSL_ERROR_ZERO_RETURN);
    assert_int_equal(SSL_shutdown(pair.client), 1);
    assert_int_equal(SSL_shutdown(pair.server), 1);
    pair_close(&pair);
}

/* One bit of a record is changed on its way. */
static void test_tls_lean_connections_find_forgeries(void **state)
{
    struct world *world = *state;
    struct pair pair;
    char byte, *wire;

    skip_without(world);
    pair_open(&pair, world, TLS1_3_VERSION);
    tls_lean_forget(&world->lean, pair.server);
    say(pair.client, "hello");
    int len = BIO_nread0(SSL_get_rbio(pair.server), &wire);
    assert_true(len > 5);
    wire[len - 1] ^= 1;
    assert_int_equal(SSL_read(pair.server, &byte, 1), -1);
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC);
    ERR_clear_error();
    assert_true(SSL_read(pair.client, &byte, 1) <= 0); /* the alert */
    assert_int_equal(ERR_GET_REASON(ERR_peek_error()), SSL_R_SSLV3_ALERT_BAD_RECORD_MAC);
    pair_close(&pair);
}

static void test_tls_lean_leaves_tls_12_alone(void **state)
{
    struct world *world = *state;
    struct pair pair;

    pair_open(&pair, world, TLS1_2_VERSION);
    const SSL_SESSION *session = SSL_get_session(pair.server);
    tls_lean_forget(&world->lean, pair.server);
    assert_ptr_equal(SSL_get_session(pair.server), session);
    talk(&pair);
    pair_close(&pair);
}

static void test_tls_lean_that_does_not_work_changes_nothing(void **state)
{
    struct world *world = *state;
    SSL_CTX *without_certificate = SSL_CTX_new(TLS_server_method());
    struct tls_lean lean;
    struct pair pair;

    assert_false(tls_lean_init(&lean, without_certificate));
    assert_null(lean.ssl_ctx);
    SSL_CTX_free(without_certificate);
    pair_open(&pair, world, TLS1_3_VERSION);
    const SSL_SESSION *session = SSL_get_session(pair.server);
    tls_lean_forget(&lean, pair.server);
    assert_ptr_equal(SSL_get_session(pair.server), session);
    pair_close(&pair);
    tls_lean_done(&lean);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_lean_connections_go_on),
        cmocka_unit_test(test_tls_lean_connections_change_their_keys),
        cmocka_unit_test(test_tls_lean_connections_end_in_order),
        cmocka_unit_test(test_tls_lean_connections_find_forgeries),
        cmocka_unit_test(test_tls_lean_leaves_tls_12_alone),
        cmocka_unit_test(test_tls_lean_that_does_not_work_changes_nothing),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
