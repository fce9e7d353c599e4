/* See tls_lean.h. */
#include "net/tls_lean.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <string.h>

#define FLIGHTS_MAX 10 /* of TLS 1.3 there are four, with tickets */

/* A connection whose ends are both ours. */
struct probe {
    SSL_CTX *client_ctx;
    SSL *server, *client;
};

static void probe_done(struct probe *probe)
{
    SSL_free(probe->server);
    SSL_free(probe->client);
    SSL_CTX_free(probe->client_ctx);
}

static bool probe_init(struct probe *probe, SSL_CTX *ssl_ctx)
{
    BIO *server_bio, *client_bio;

    *probe = (struct probe){.client_ctx = SSL_CTX_new(TLS_client_method()), .server = SSL_new(ssl_ctx)};
    probe->client = probe->client_ctx ? SSL_new(probe->client_ctx) : NULL;
    if (!probe->server || !probe->client || BIO_new_bio_pair(&server_bio, 0, &client_bio, 0) != 1)
        return false;
    SSL_set_bio(probe->server, server_bio, server_bio);
    SSL_set_bio(probe->client, client_bio, client_bio);
    SSL_set_verify(probe->server, SSL_VERIFY_NONE, NULL);
    SSL_set_accept_state(probe->server);
    SSL_set_connect_state(probe->client);
    return SSL_set_min_proto_version(probe->client, TLS1_3_VERSION) == 1;
}

static bool shake_hands(struct probe *probe)
{
    for (int i = 0; i < FLIGHTS_MAX; i++) {
        bool is_client_done = SSL_do_handshake(probe->client) == 1;
        if (SSL_do_handshake(probe->server) == 1 && is_client_done)
            return true;
    }
    return false;
}

/* Whether what one says comes to the other, and nobody between them can read it. */
static bool passes(SSL *from, SSL *to)
{
    static const char text[] = "what is said when the session has gone";
    char heard[sizeof(text)], *wire;
    size_t count = 0;

    if (SSL_write_ex(from, text, sizeof(text), &count) != 1 || count != sizeof(text))
        return false;
    int wire_len = BIO_nread0(SSL_get_rbio(to), &wire); /* looks at it in place */
    if (wire_len <= 0 || memmem(wire, (size_t)wire_len, text, sizeof(text)))
        return false;
    /* A message about keys ends a read that gives nothing. */
    bool has_read = SSL_read_ex(to, heard, sizeof(heard), &count) == 1 ||
                    SSL_read_ex(to, heard, sizeof(heard), &count) == 1;
    return has_read && count == sizeof(text) && memcmp(heard, text, sizeof(text)) == 0;
}

static bool goes_on(struct probe *probe)
{
    return passes(probe->client, probe->server) && passes(probe->server, probe->client) &&
           SSL_key_update(probe->client, SSL_KEY_UPDATE_REQUESTED) == 1 &&
           passes(probe->client, probe->server) && passes(probe->server, probe->client) &&
           SSL_key_update(probe->server, SSL_KEY_UPDATE_REQUESTED) == 1 &&
           passes(probe->server, probe->client) && passes(probe->client, probe->server);
}

static bool try(struct tls_lean *lean, struct probe *probe)
{
    lean->ssl_ctx = SSL_CTX_new(SSL_get_ssl_method(probe->server));
    lean->session = SSL_SESSION_new();
    if (!lean->ssl_ctx || !lean->session)
        return false;
    tls_lean_forget(lean, probe->server);
    return SSL_get_session(probe->server) == lean->session && goes_on(probe);
}

bool tls_lean_init(struct tls_lean *lean, SSL_CTX *ssl_ctx)
{
    struct probe probe;

    *lean = (struct tls_lean){0};
    bool is_ok = probe_init(&probe, ssl_ctx) && shake_hands(&probe) && try(lean, &probe);
    probe_done(&probe);
    if (!is_ok)
        tls_lean_done(lean);
    ERR_clear_error();
    return is_ok;
}

void tls_lean_done(struct tls_lean *lean)
{
    SSL_CTX_free(lean->ssl_ctx);
    SSL_SESSION_free(lean->session);
    *lean = (struct tls_lean){0};
}

void tls_lean_forget(const struct tls_lean *lean, SSL *ssl)
{
    if (!lean->ssl_ctx || SSL_get_ssl_method(ssl) != SSL_CTX_get_ssl_method(lean->ssl_ctx) ||
        SSL_version(ssl) != TLS1_3_VERSION || SSL_get_SSL_CTX(ssl) == lean->ssl_ctx)
        return;
    /* The order matters: see the header. */
    if (SSL_set_SSL_CTX(ssl, lean->ssl_ctx) == lean->ssl_ctx)
        SSL_set_session(ssl, lean->session);
    ERR_clear_error();
}
