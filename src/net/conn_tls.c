/* A connection over TLS.
 *
 * How it ends decides what may be believed. A close_notify is an end like TCP's. A TCP end without it
 * may be an attacker's work (truncation): whole lines that came before are authentic and count, an
 * unfinished one does not, and nothing more can be sent. Everything else is an error. */
#include <errno.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "async/loop.h"
#include "net/conn_kind.h"
#include "net/reserve.h"
#include "net/tls.h"

#define DESCRIPTION_BYTES_MAX 96

static SSL *ssl_of(const struct conn *conn)
{
    return bufferevent_openssl_get_ssl(conn->bev);
}

static int tls_write(struct conn *conn, struct bytes data)
{
    return conn_keep(conn, data);
}

static void tls_on_connected(struct conn *conn)
{
    char text[DESCRIPTION_BYTES_MAX];
    const SSL *ssl = ssl_of(conn);
    snprintf(text, sizeof(text), "%s %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
    conn->description = strdup(text); /* NULL: conn_describe() knows less */
}

static struct bytes tls_alpn(const struct conn *conn)
{
    const unsigned char *name = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(ssl_of(conn), &name, &len);
    return (struct bytes){(const char *)name, len};
}

static bool tls_fingerprint(const struct conn *conn, unsigned char *ret_fingerprint)
{
    const X509 *certificate = SSL_get0_peer_certificate(ssl_of(conn));
    unsigned len;
    return certificate && X509_digest(certificate, EVP_sha256(), ret_fingerprint, &len) == 1;
}

static bool is_truncation(unsigned long error)
{
    return ERR_GET_LIB(error) == ERR_LIB_SSL && ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/* Static texts of OpenSSL. What is wrong with a certificate says more than that the check of it failed. */
static const char *explain_failure(const SSL *ssl, unsigned long error)
{
    if (ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED)
        return X509_verify_cert_error_string(SSL_get_verify_result(ssl));
    return ERR_reason_error_string(error);
}

static void tls_on_end(struct conn *conn, short what, int error)
{
    bool is_truncated = false, is_protocol = false;
    unsigned long ssl_error;

    /* libevent puts SSL_get_error()'s small numbers among OpenSSL's; they have no library. */
    while ((ssl_error = bufferevent_get_openssl_error(conn->bev)) != 0) {
        is_truncated = is_truncated || is_truncation(ssl_error);
        is_protocol = is_protocol || ERR_GET_LIB(ssl_error) == ERR_LIB_SSL;
        if (!conn->is_connected && !conn->failure && !is_truncated && is_protocol)
            conn->failure = explain_failure(ssl_of(conn), ssl_error);
    }
    ERR_clear_error();
    if (!conn->is_connected) {
        bool is_gone = is_truncated || !is_protocol;
        conn_on_lost(conn, is_gone ? ECONNRESET : EPROTO);
    } else if (what & BEV_EVENT_EOF) {
        conn_on_eof(conn);
        bufferevent_enable(conn->bev, EV_WRITE); /* libevent has stopped both; the client still listens */
    } else if (is_truncated) {
        conn_on_send_error(conn, EPIPE);
        conn_on_eof(conn);
    } else {
        conn_on_lost(conn, is_protocol ? EPROTO : error);
    }
}

static int tls_goodbye(struct conn *conn)
{
    SSL *ssl = ssl_of(conn);
    ERR_clear_error();
    int r = SSL_shutdown(ssl);
    bool is_blocked = r < 0 && SSL_get_error(ssl, r) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    if (is_blocked)
        return -EAGAIN;
    shutdown(conn_fd(conn), SHUT_WR);
    return 0;
}

static void tls_free_bev(struct conn *conn)
{
    SSL *ssl = ssl_of(conn);
    bufferevent_free(conn->bev);
    SSL_free(ssl);
    tls_context_unref(conn->tls); /* its callbacks use the context */
    conn->tls = NULL;
}

static const struct conn_kind tls_kind = {
    .name = "tls",
    .has_handshake = true,
    .write = tls_write,
    .on_end = tls_on_end,
    .on_connected = tls_on_connected,
    .alpn = tls_alpn,
    .fingerprint = tls_fingerprint,
    .goodbye = tls_goodbye,
    .free_bev = tls_free_bev,
};

/* Takes over `ssl`, also on failure. */
static int start(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits, SSL *ssl,
                 struct tls_context *context, enum bufferevent_ssl_state state)
{
    struct bufferevent *bev = NULL;
    if (ssl && SSL_set_fd(ssl, fd) == 1 && reserve_open() == 0) {
        bev = bufferevent_openssl_socket_new(co_loop_base(loop), fd, ssl, state, 0);
        reserve_close();
    }
    ERR_clear_error();
    if (!bev) {
        SSL_free(ssl);
        return -ENOMEM;
    }
    conn_start(conn, loop, &tls_kind, bev, limits);
    conn->tls = tls_context_ref(context);
    return 0;
}

int conn_init_tls(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits,
                  struct tls_context *context)
{
    return start(conn, loop, fd, limits, tls_context_accept(context), context, BUFFEREVENT_SSL_ACCEPTING);
}

int conn_init_tls_client(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits,
                         struct tls_context *context, const char *host)
{
    return start(conn, loop, fd, limits, tls_context_connect(context, host), context,
                 BUFFEREVENT_SSL_CONNECTING);
}
