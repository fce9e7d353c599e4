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
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "async/loop.h"
#include "net/conn_kind.h"
#include "net/reserve.h"
#include "net/tls.h"

/* Behind its handshake a connection may have so many key updates and refused renegotiations. Chat of many years
 * needs none. */
#define MESSAGES_MAX 256

/* What the kernel takes at once, in whole records. A record that went out only in part is not counted:
 * OpenSSL holds the rest of it, and goes on with it when it is offered the same bytes again. */
static size_t write_records(SSL *ssl, struct bytes data)
{
    size_t sent = 0;
    ERR_clear_error();
    while (sent < data.len) {
        struct bytes record = bytes_slice(data, sent, sent + SSL3_RT_MAX_PLAIN_LENGTH);
        size_t taken;
        if (SSL_write_ex(ssl, record.ptr, record.len, &taken) != 1)
            break;
        sent += taken;
    }
    ERR_clear_error();
    return sent;
}

/* Parked connections share one BIO: it is aimed at the socket before OpenSSL is to send something. */
static void aim(const struct conn *conn)
{
    if (!conn->bev)
        BIO_set_fd(SSL_get_wbio(conn->tls->ssl), conn->fd, BIO_NOCLOSE);
}

/* As over TCP: most writes find the socket empty and need no buffer. The rest, the first bytes of which may be
 * half sent, goes through the bufferevent, which also meets the error again if there was one, and tells. */
static int tls_write(struct conn *conn, struct bytes data)
{
    bool is_direct = conn_pending_bytes(conn) == 0;
    if (is_direct)
        aim(conn);
    size_t sent = is_direct ? write_records(conn->tls->ssl, data) : 0;
    struct bytes rest = bytes_slice(data, sent, data.len);

    if (rest.len == 0 || conn_keep(conn, rest) == 0)
        return 0;
    if (!is_direct)
        return -ENOMEM;
    conn_abort(conn, ENOMEM); /* nothing else may be sent before the rest, and that is lost */
    return -EPIPE;
}

/* The keys that made the shared secret, one of them private. OpenSSL would keep both as long as the connection. */
static void wipe_key(EVP_PKEY *key)
{
    EVP_PKEY_set_type(key, EVP_PKEY_NONE); /* drops what it was; that this is no type is then an error */
    EVP_PKEY_free(key);
}

/* What only the handshake needed, of which there is one: renegotiation is off. 500 bytes. */
static void forget_handshake(SSL *ssl)
{
    EVP_PKEY *key;

    if (SSL_get_tmp_key(ssl, &key) == 1)
        wipe_key(key);
    if (SSL_get_peer_tmp_key(ssl, &key) == 1)
        wipe_key(key);
    SSL_certs_clear(ssl);
    ERR_clear_error();
}

static void tls_describe(const struct conn *conn, char *ret_text)
{
    const SSL *ssl = conn->tls->ssl;
    snprintf(ret_text, CONN_DESCRIPTION_BYTES, "%s %s", SSL_get_version(ssl), SSL_get_cipher_name(ssl));
}

static struct bytes tls_alpn(const struct conn *conn)
{
    const unsigned char *name = NULL;
    unsigned len = 0;
    SSL_get0_alpn_selected(conn->tls->ssl, &name, &len);
    return (struct bytes){(const char *)name, len};
}

static bool tls_fingerprint(const struct conn *conn, unsigned char *ret_fingerprint)
{
    const X509 *certificate = SSL_get0_peer_certificate(conn->tls->ssl);
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

/* Who only makes OpenSSL work sends no line that a limit would see. It is as if such a client had ended the stream:
 * the read that is going on takes no further record. */
static void on_message(int is_sent, int version, int type, const void *message, size_t len, SSL *ssl,
                       void *arg)
{
    struct conn *conn = arg;
    bool is_counted = type == (is_sent ? SSL3_RT_ALERT : SSL3_RT_HANDSHAKE);
    (void)version;
    (void)message;
    (void)len;
    if (is_counted && conn->is_connected && ++conn->tls->message_count > MESSAGES_MAX)
        SSL_set_shutdown(ssl, SSL_get_shutdown(ssl) | SSL_RECEIVED_SHUTDOWN);
}

/* Notes why, unless the client has just gone. */
static int note_failure(struct conn_tls *tls)
{
    bool is_truncated = false, is_protocol = false;
    unsigned long error;

    while ((error = ERR_get_error()) != 0) {
        is_truncated = is_truncated || is_truncation(error);
        is_protocol = is_protocol || ERR_GET_LIB(error) == ERR_LIB_SSL;
        if (!tls->failure && !is_truncated && is_protocol)
            tls->failure = explain_failure(tls->ssl, error);
    }
    return is_truncated || !is_protocol ? -ECONNRESET : -EPROTO;
}

static int tls_handshake(struct conn *conn, short *ret_what)
{
    struct conn_tls *tls = conn->tls;

    ERR_clear_error();
    int r = SSL_do_handshake(tls->ssl);
    int error = SSL_get_error(tls->ssl, r);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
        *ret_what = error == SSL_ERROR_WANT_READ ? EV_READ : EV_WRITE;
        r = -EAGAIN;
    } else if (r == 1) {
        forget_handshake(tls->ssl);
        r = 0;
    } else {
        r = note_failure(tls);
    }
    ERR_clear_error();
    return r;
}

static void tls_on_end(struct conn *conn, short what, int error)
{
    bool is_truncated = false, is_protocol = false;
    unsigned long ssl_error;

    /* libevent puts SSL_get_error()'s small numbers among OpenSSL's; they have no library. */
    while ((ssl_error = bufferevent_get_openssl_error(conn->bev)) != 0) {
        is_truncated = is_truncated || is_truncation(ssl_error);
        is_protocol = is_protocol || ERR_GET_LIB(ssl_error) == ERR_LIB_SSL;
    }
    ERR_clear_error();
    if (what & BEV_EVENT_EOF) {
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
    SSL *ssl = conn->tls->ssl;
    ERR_clear_error();
    aim(conn);
    int r = SSL_shutdown(ssl);
    bool is_blocked = r < 0 && SSL_get_error(ssl, r) == SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    if (is_blocked)
        return -EAGAIN;
    shutdown(conn_fd(conn), SHUT_WR);
    return 0;
}

static void tls_on_park(struct conn *conn)
{
    tls_context_rest(conn->tls->context, conn->tls->ssl);
}

/* libevent's call does not survive a failing allocation, hence the reserve. */
static struct bufferevent *tls_make_bev(struct conn *conn)
{
    SSL *ssl = conn->tls->ssl;
    struct bufferevent *bev = NULL;

    if (SSL_set_fd(ssl, conn->fd) == 1 && reserve_open() == 0) {
        bev =
            bufferevent_openssl_socket_new(co_loop_base(conn->loop), conn->fd, ssl, BUFFEREVENT_SSL_OPEN, 0);
        reserve_close();
    }
    ERR_clear_error();
    if (!bev)
        tls_on_park(conn);
    return bev;
}

/* Of a record that has not come to its end, too. */
static bool tls_has_bytes(const struct conn *conn)
{
    return SSL_has_pending(conn->tls->ssl);
}

static void tls_free(struct conn *conn)
{
    SSL_free(conn->tls->ssl);
    tls_context_unref(conn->tls->context); /* its callbacks use the context */
    free(conn->tls);
    conn->tls = NULL;
}

static const struct conn_kind tls_kind = {
    .name = "tls",
    .write = tls_write,
    .on_end = tls_on_end,
    .handshake = tls_handshake,
    .describe = tls_describe,
    .alpn = tls_alpn,
    .fingerprint = tls_fingerprint,
    .goodbye = tls_goodbye,
    .on_park = tls_on_park,
    .make_bev = tls_make_bev,
    .has_bytes = tls_has_bytes,
    .free = tls_free,
};

/* Takes over `ssl`, also on failure. */
static int start(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits, SSL *ssl,
                 struct tls_context *context)
{
    struct conn_tls *tls = calloc(1, sizeof(*tls));
    if (!tls || !ssl || SSL_set_fd(ssl, fd) != 1) {
        SSL_free(ssl);
        free(tls);
        ERR_clear_error();
        return -ENOMEM;
    }
    conn_start(conn, loop, &tls_kind, fd, NULL, limits);
    *tls = (struct conn_tls){.ssl = ssl, .context = tls_context_ref(context)};
    conn->tls = tls;
    SSL_set_msg_callback(ssl, on_message);
    SSL_set_msg_callback_arg(ssl, conn);
    return 0;
}

int conn_init_tls(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits,
                  struct tls_context *context)
{
    return start(conn, loop, fd, limits, tls_context_accept(context), context);
}

int conn_init_tls_client(struct conn *conn, struct co_loop *loop, int fd, const struct conn_limits *limits,
                         struct tls_context *context, const char *host)
{
    return start(conn, loop, fd, limits, tls_context_connect(context, host), context);
}
