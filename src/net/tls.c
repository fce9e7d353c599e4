/* Loading a certificate and its key, and the choices that every TLS session of this server shares.
 *
 * Whatever goes wrong here is read by the person who set the server up, so each text names the file,
 * says what is wrong with it and, where it is not plain, what to do. */
#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

/* Mozilla's guideline 6.0, "intermediate". For TLS 1.3 the same three in OpenSSL's own order. */
#define CIPHERS_TLS12 \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define CIPHERS_TLS13 "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"

/* The post-quantum hybrid needs OpenSSL 3.5; an older one refuses a list with a name it does not know. */
#define GROUPS_CLASSIC "X25519:P-256:P-384"
#define GROUPS_BEST "X25519MLKEM768:" GROUPS_CLASSIC

struct tls_context {
    SSL_CTX *ssl_ctx;
    unsigned ref_count;
};

static void explain(char ret_why[TLS_WHY_MAX], const char *format, ...) ATTR_PRINTF(2, 3);

static void explain(char ret_why[TLS_WHY_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret_why, TLS_WHY_MAX, format, args);
    va_end(args);
}

/* OpenSSL's own words for its latest error. Empties its queue. */
static const char *take_reason(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "unknown error";
}

/* OpenSSL would ask on the terminal, and wait. A server has nobody to ask. */
static int refuse_password(char *buffer, int size, int for_writing, void *arg)
{
    bool *was_asked = arg;
    (void)buffer;
    (void)size;
    (void)for_writing;
    if (was_asked)
        *was_asked = true;
    return -1;
}

static FILE *open_file(const char *what, const char *path, char ret_why[TLS_WHY_MAX])
{
    FILE *file = fopen(path, "re");
    if (!file)
        explain(ret_why, "cannot read the %s file %s: %s", what, path, strerror(errno));
    return file;
}

static bool set_choices(SSL_CTX *ssl_ctx)
{
    SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* An idle session keeps no record buffers, which saves some 30 KiB each. */
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
    /* Sessions are resumed by tickets; a cache would only grow. */
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_security_level(ssl_ctx, 2);
    SSL_CTX_set_default_passwd_cb(ssl_ctx, refuse_password);
    bool is_ok = SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION) == 1 &&
                 SSL_CTX_set_cipher_list(ssl_ctx, CIPHERS_TLS12) == 1 &&
                 SSL_CTX_set_ciphersuites(ssl_ctx, CIPHERS_TLS13) == 1 &&
                 (SSL_CTX_set1_groups_list(ssl_ctx, GROUPS_BEST) == 1 ||
                  SSL_CTX_set1_groups_list(ssl_ctx, GROUPS_CLASSIC) == 1);
    return is_ok;
}

/* A date as people write it, "2026-11-21". */
static void format_date(const ASN1_TIME *time, char *ret_text, size_t size)
{
    struct tm when = {0};
    ASN1_TIME_to_tm(time, &when);
    snprintf(ret_text, size, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
}

static bool check_dates(const X509 *certificate, const char *path, char ret_why[TLS_WHY_MAX])
{
    const ASN1_TIME *begin = X509_get0_notBefore(certificate);
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    char date[40];

    if (X509_cmp_current_time(end) < 0) {
        format_date(end, date, sizeof(date));
        explain(ret_why, "the certificate in %s has expired on %s: renew it", path, date);
        return false;
    }
    if (X509_cmp_current_time(begin) > 0) {
        format_date(begin, date, sizeof(date));
        explain(ret_why, "the certificate in %s is not valid before %s: is the clock of this machine right?",
                path, date);
        return false;
    }
    return true;
}

static bool load_certificate(SSL_CTX *ssl_ctx, const char *path, char ret_why[TLS_WHY_MAX])
{
    FILE *file = open_file("certificate", path, ret_why);
    if (!file)
        return false;
    fclose(file);
    if (SSL_CTX_use_certificate_chain_file(ssl_ctx, path) != 1) {
        explain(ret_why, "no usable certificate in %s: %s (expected PEM, \"BEGIN CERTIFICATE\")", path,
                take_reason());
        return false;
    }
    return check_dates(SSL_CTX_get0_certificate(ssl_ctx), path, ret_why);
}

static EVP_PKEY *read_key(const char *path, char ret_why[TLS_WHY_MAX])
{
    bool was_asked = false;
    FILE *file = open_file("key", path, ret_why);
    if (!file)
        return NULL;
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, refuse_password, &was_asked);
    fclose(file);
    if (key)
        return key;
    if (was_asked)
        explain(ret_why,
                "the key in %s is encrypted: store it without a password (openssl pkey -in … -out …)", path);
    else
        explain(ret_why, "no usable private key in %s: %s (expected PEM, \"BEGIN PRIVATE KEY\")", path,
                take_reason());
    ERR_clear_error();
    return NULL;
}

static bool load_key(SSL_CTX *ssl_ctx, const char *certificate_path, const char *path,
                     char ret_why[TLS_WHY_MAX])
{
    EVP_PKEY *key = read_key(path, ret_why);
    if (!key)
        return false;
    bool is_ok = false;
    if (X509_check_private_key(SSL_CTX_get0_certificate(ssl_ctx), key) != 1)
        explain(ret_why, "the key in %s does not belong to the certificate in %s", path, certificate_path);
    else if (SSL_CTX_use_PrivateKey(ssl_ctx, key) != 1)
        explain(ret_why, "the key in %s cannot be used: %s", path, take_reason());
    else
        is_ok = true;
    ERR_clear_error();
    EVP_PKEY_free(key);
    return is_ok;
}

/* A context with what server and client have in common. */
static struct tls_context *new_context(const SSL_METHOD *method, char ret_why[TLS_WHY_MAX])
{
    ERR_clear_error();
    struct tls_context *context = calloc(1, sizeof(*context));
    if (!context) {
        explain(ret_why, "out of memory");
        return NULL;
    }
    context->ref_count = 1;
    context->ssl_ctx = SSL_CTX_new(method);
    if (!context->ssl_ctx || !set_choices(context->ssl_ctx)) {
        explain(ret_why, "OpenSSL cannot be set up: %s", take_reason());
        tls_context_unref(context);
        return NULL;
    }
    ERR_clear_error();
    return context;
}

/* A client that offers protocols and none of ours is refused (RFC 7301, 3.2): its bytes are meant for
 * another service that shares our certificate. One that offers nothing is a person. */
static int choose_alpn(SSL *ssl, const unsigned char **ret_name, unsigned char *ret_len,
                       const unsigned char *offered, unsigned offered_len, void *arg)
{
    static const unsigned char ours[] = "\x08http/1.1\x03irc";
    unsigned char *name;
    (void)ssl;
    (void)arg;
    if (SSL_select_next_proto(&name, ret_len, ours, sizeof(ours) - 1, offered, offered_len) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_ALERT_FATAL;
    *ret_name = name;
    return SSL_TLSEXT_ERR_OK;
}

struct tls_context *tls_context_new(const char *certificate_path, const char *key_path,
                                    char ret_why[TLS_WHY_MAX])
{
    struct tls_context *context = new_context(TLS_server_method(), ret_why);
    if (!context)
        return NULL;
    if (!load_certificate(context->ssl_ctx, certificate_path, ret_why) ||
        !load_key(context->ssl_ctx, certificate_path, key_path, ret_why)) {
        tls_context_unref(context);
        return NULL;
    }
    SSL_CTX_set_alpn_select_cb(context->ssl_ctx, choose_alpn, NULL);
    return context;
}

struct tls_context *tls_context_new_client(const char *ca_path, char ret_why[TLS_WHY_MAX])
{
    struct tls_context *context = new_context(TLS_client_method(), ret_why);
    if (!context)
        return NULL;
    SSL_CTX_set_verify(context->ssl_ctx, SSL_VERIFY_PEER, NULL);
    bool is_ok = ca_path ? SSL_CTX_load_verify_file(context->ssl_ctx, ca_path) == 1
                         : SSL_CTX_set_default_verify_paths(context->ssl_ctx) == 1;
    if (is_ok)
        return context;
    explain(ret_why, "no trusted certificates in %s: %s", ca_path ? ca_path : "the system's store",
            take_reason());
    tls_context_unref(context);
    return NULL;
}

struct tls_context *tls_context_ref(struct tls_context *context)
{
    CHECK(context->ref_count > 0);
    context->ref_count++;
    return context;
}

void tls_context_unref(struct tls_context *context)
{
    if (!context)
        return;
    CHECK(context->ref_count > 0);
    if (--context->ref_count > 0)
        return;
    SSL_CTX_free(context->ssl_ctx);
    free(context);
}

struct ssl_st *tls_context_accept(struct tls_context *context)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(context->ssl_ctx); /* holds ssl_ctx for itself */
    if (ssl)
        SSL_set_accept_state(ssl);
    ERR_clear_error();
    return ssl;
}

struct ssl_st *tls_context_connect(struct tls_context *context, const char *host)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(context->ssl_ctx);
    if (ssl && (SSL_set_tlsext_host_name(ssl, host) != 1 || SSL_set1_host(ssl, host) != 1)) {
        SSL_free(ssl);
        ssl = NULL;
    }
    if (ssl)
        SSL_set_connect_state(ssl);
    ERR_clear_error();
    return ssl;
}
