/* The choices that every TLS session of this server shares, and which certificate a client gets. */
#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/log.h"
#include "net/certificate.h"
#include "net/tls_lean.h"
#include "net/tls_tickets.h"
#include "net/tls_why.h"

/* Mozilla's guideline 6.0, "intermediate". For TLS 1.3 the same three in OpenSSL's own order. */
#define CIPHERS_TLS12 \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:" \
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" \
    "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"
#define CIPHERS_TLS13 "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256"

/* The post-quantum hybrid needs OpenSSL 3.5; an older one refuses a list with a name it does not know. */
#define GROUPS_CLASSIC "X25519:P-256:P-384"
#define GROUPS_BEST "X25519MLKEM768:" GROUPS_CLASSIC

/* Of a client's chain, in bytes. It is read before we know who the client is; OpenSSL would take 100 KiB. */
#define CLIENT_CHAIN_BYTES (16 * 1024)

struct tls_context {
    SSL_CTX *ssl_ctx;
    unsigned ref_count;
    const char *groups;
    BIO *shared_bio; /* see tls_context_rest() */
    struct tls_lean lean;
    struct tls_tickets *tickets;
    size_t certificate_count;
    struct certificate *certificates; /* the first one is the default */
};

/* ---- what server and client have in common ---- */

static bool set_groups(struct tls_context *context)
{
    static const char *const lists[] = {GROUPS_BEST, GROUPS_CLASSIC};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        if (SSL_CTX_set1_groups_list(context->ssl_ctx, lists[i]) != 1)
            continue;
        context->groups = lists[i];
        return true;
    }
    return false;
}

static bool set_choices(struct tls_context *context)
{
    SSL_CTX *ssl_ctx = context->ssl_ctx;
    /* Tickets are issued by a server that has keys for them; see set_tickets(). */
    SSL_CTX_set_options(ssl_ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    /* An idle session keeps no record buffers, which saves some 30 KiB each. */
    SSL_CTX_set_mode(ssl_ctx, SSL_MODE_RELEASE_BUFFERS);
    /* A record that is no data ends a read, and the next one waits for the next turn of the loop: else who sends
     * key updates without end keeps OpenSSL, and with it the loop, in a single read. */
    SSL_CTX_clear_mode(ssl_ctx, SSL_MODE_AUTO_RETRY);
    /* Sessions are resumed by tickets; a cache would only grow. */
    SSL_CTX_set_session_cache_mode(ssl_ctx, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_security_level(ssl_ctx, 2);
    return SSL_CTX_set_min_proto_version(ssl_ctx, TLS1_2_VERSION) == 1 &&
           SSL_CTX_set_max_early_data(ssl_ctx, 0) == 1 && SSL_CTX_set_recv_max_early_data(ssl_ctx, 0) == 1 &&
           SSL_CTX_set_cipher_list(ssl_ctx, CIPHERS_TLS12) == 1 &&
           SSL_CTX_set_ciphersuites(ssl_ctx, CIPHERS_TLS13) == 1 && set_groups(context);
}

static struct tls_context *new_context(const SSL_METHOD *method, char ret_why[TLS_WHY_MAX])
{
    ERR_clear_error();
    struct tls_context *context = calloc(1, sizeof(*context));
    if (!context) {
        tls_why(ret_why, "out of memory");
        return NULL;
    }
    context->ref_count = 1;
    context->ssl_ctx = SSL_CTX_new(method);
    context->shared_bio = BIO_new(BIO_s_socket());
    if (!context->ssl_ctx || !context->shared_bio || !set_choices(context)) {
        tls_why(ret_why, "OpenSSL cannot be set up: %s", tls_why_openssl());
        tls_context_unref(context);
        return NULL;
    }
    ERR_clear_error();
    return context;
}

/* ---- which certificate ---- */

/* The certificates with `match` for the host replace those of the context; of each kind of key, the first.
 * False: out of memory, or OpenSSL does not like them. */
static bool use_matching(SSL *ssl, const struct tls_context *context, const char *host,
                         enum certificate_match match)
{
    const struct certificate *certificates = context->certificates;

    SSL_certs_clear(ssl);
    for (size_t i = context->certificate_count; i-- > 0;) /* the first one of a kind comes last, and stays */
        if (certificate_match(&certificates[i], host) == match &&
            SSL_use_cert_and_key(ssl, certificates[i].leaf, certificates[i].key, certificates[i].chain, 1) !=
                1)
            return false;
    return true;
}

/* Exact names go before wildcards; who asks for no name, or for one that is not ours, gets the default. */
static int choose_certificate(SSL *ssl, void *arg)
{
    const struct tls_context *context = arg;
    const char *host = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    enum certificate_match best = CERTIFICATE_NO_MATCH;

    if (!host || !host[0])
        return 1;
    for (size_t i = 0; i < context->certificate_count; i++) {
        enum certificate_match match = certificate_match(&context->certificates[i], host);
        best = match > best ? match : best;
    }
    return best == CERTIFICATE_NO_MATCH || use_matching(ssl, context, host, best);
}

static bool use(struct tls_context *context, const struct certificate *certificate, char ret_why[TLS_WHY_MAX])
{
    if (SSL_CTX_use_cert_and_key(context->ssl_ctx, certificate->leaf, certificate->key, certificate->chain,
                                 1) == 1)
        return true;
    tls_why(ret_why, "the certificate in %s cannot be used: %s", certificate->path, tls_why_openssl());
    return false;
}

/* The default is the first one, and with it those for the same host with other kinds of keys. All are tried,
 * so that a certificate that OpenSSL refuses (a key too short) is told of now and not in a handshake. */
static bool use_default(struct tls_context *context, char ret_why[TLS_WHY_MAX])
{
    const struct certificate *first = &context->certificates[0];
    SSL *ssl;

    for (size_t i = context->certificate_count; i-- > 1;) {
        const struct certificate *other = &context->certificates[i];
        if (certificate_is_alternative(first, other) && !use(context, other, ret_why))
            return false;
        ssl = SSL_new(context->ssl_ctx);
        bool is_ok = ssl && SSL_use_cert_and_key(ssl, other->leaf, other->key, other->chain, 1) == 1;
        SSL_free(ssl);
        if (is_ok)
            continue;
        tls_why(ret_why, "the certificate in %s cannot be used: %s", other->path, tls_why_openssl());
        return false;
    }
    return use(context, first, ret_why);
}

static bool load_certificates(struct tls_context *context, const struct tls_config *config,
                              char ret_why[TLS_WHY_MAX])
{
    CHECK(config->pair_count > 0);
    context->certificates = calloc(config->pair_count, sizeof(*context->certificates));
    if (!context->certificates) {
        tls_why(ret_why, "out of memory");
        return false;
    }
    for (size_t i = 0; i < config->pair_count; i++) {
        if (!certificate_load(&context->certificates[i], &config->pairs[i], config->is_any_date, ret_why))
            return false;
        context->certificate_count++;
    }
    if (!use_default(context, ret_why))
        return false;
    SSL_CTX_set_cert_cb(context->ssl_ctx, choose_certificate, context);
    return true;
}

/* ---- clients' certificates ---- */

/* Without a CA there is nothing to check but that the client has the key, which the handshake does: who it is
 * says its fingerprint. */
static int take_any(int is_good, X509_STORE_CTX *store)
{
    (void)is_good;
    (void)store;
    return 1;
}

static bool ask_clients(SSL_CTX *ssl_ctx, const struct tls_config *config, char ret_why[TLS_WHY_MAX])
{
    int mode = SSL_VERIFY_PEER;

    if (config->clients == TLS_CLIENTS_NO)
        return true;
    if (config->clients == TLS_CLIENTS_REQUIRED)
        mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
    SSL_CTX_set_max_cert_list(ssl_ctx, CLIENT_CHAIN_BYTES);
    SSL_CTX_set_verify(ssl_ctx, mode, config->client_ca_path ? NULL : take_any);
    if (!config->client_ca_path)
        return true;
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(config->client_ca_path);
    if (!names || SSL_CTX_load_verify_file(ssl_ctx, config->client_ca_path) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        tls_why(ret_why,
                "no usable certificates of a client CA in %s: %s (expected PEM, \"BEGIN "
                "CERTIFICATE\")",
                config->client_ca_path, tls_why_openssl());
        return false;
    }
    SSL_CTX_set_client_CA_list(ssl_ctx, names); /* takes them over */
    return true;
}

/* What names a group of sessions: the client CA's certificates and whether they are asked for. */
static bool digest_policy(SSL_CTX *ssl_ctx, const struct tls_config *config, unsigned char *ret_id,
                          unsigned *ret_len)
{
    STACK_OF(X509_OBJECT) *objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(ssl_ctx));
    unsigned char one[EVP_MAX_MD_SIZE];
    unsigned one_len;
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    bool is_ok = md && EVP_DigestInit_ex(md, EVP_sha256(), NULL) == 1 &&
                 EVP_DigestUpdate(md, &config->clients, sizeof(config->clients)) == 1;

    for (int i = 0; is_ok && i < sk_X509_OBJECT_num(objects); i++) {
        const X509 *x509 = X509_OBJECT_get0_X509(sk_X509_OBJECT_value(objects, i));
        if (x509)
            is_ok = X509_digest(x509, EVP_sha256(), one, &one_len) == 1 &&
                    EVP_DigestUpdate(md, one, one_len) == 1;
    }
    is_ok = is_ok && EVP_DigestFinal_ex(md, ret_id, ret_len) == 1;
    EVP_MD_CTX_free(md);
    return is_ok;
}

/* A ticket carries the client's certificate as it was checked then. It is good only where the same would be
 * checked now: another policy, another group of sessions. */
static bool set_tickets(struct tls_context *context, const struct tls_config *config)
{
    unsigned char id[EVP_MAX_MD_SIZE];
    unsigned len;

    if (!config->tickets) {
        SSL_CTX_set_options(context->ssl_ctx, SSL_OP_NO_TICKET);
        return SSL_CTX_set_num_tickets(context->ssl_ctx, 0) == 1;
    }
    context->tickets = tls_tickets_ref(config->tickets);
    return digest_policy(context->ssl_ctx, config, id, &len) && len <= SSL_MAX_SID_CTX_LENGTH &&
           SSL_CTX_set_session_id_context(context->ssl_ctx, id, len) == 1 &&
           tls_tickets_use(context->tickets, context->ssl_ctx) == 0;
}

/* ---- contexts ---- */

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

struct tls_context *tls_context_new(const struct tls_config *config, char ret_why[TLS_WHY_MAX])
{
    struct tls_context *context = new_context(TLS_server_method(), ret_why);
    if (!context)
        return NULL;
    bool is_ok =
        load_certificates(context, config, ret_why) && ask_clients(context->ssl_ctx, config, ret_why);
    if (is_ok && !set_tickets(context, config)) {
        tls_why(ret_why, "session tickets cannot be set up: %s", tls_why_openssl());
        is_ok = false;
    }
    ERR_clear_error();
    if (!is_ok) {
        tls_context_unref(context);
        return NULL;
    }
    SSL_CTX_set_alpn_select_cb(context->ssl_ctx, choose_alpn, NULL);
    if (!tls_lean_init(&context->lean, context->ssl_ctx))
        log_info(
            "tls: an idle session takes a kilobyte more, as this OpenSSL keeps what it has of the handshake");
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
    tls_why(ret_why, "no trusted certificates in %s: %s", ca_path ? ca_path : "the system's store",
            tls_why_openssl());
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
    tls_lean_done(&context->lean);
    SSL_CTX_free(context->ssl_ctx);
    BIO_free(context->shared_bio);
    for (size_t i = 0; i < context->certificate_count; i++)
        certificate_done(&context->certificates[i]);
    free(context->certificates);
    tls_tickets_unref(context->tickets);
    free(context);
}

const char *tls_context_groups(const struct tls_context *context)
{
    return context->groups;
}

size_t tls_context_certificate_count(const struct tls_context *context)
{
    return context->certificate_count;
}

const char *tls_context_certificate_path(const struct tls_context *context, size_t index)
{
    return context->certificates[index].path;
}

int64_t tls_context_certificate_end_s(const struct tls_context *context, size_t index)
{
    return certificate_end_s(&context->certificates[index]);
}

int64_t tls_context_end_s(const struct tls_context *context)
{
    int64_t end_s = INT64_MAX;
    for (size_t i = 0; i < context->certificate_count; i++) {
        int64_t one_s = certificate_end_s(&context->certificates[i]);
        end_s = one_s < end_s ? one_s : end_s;
    }
    return end_s;
}

struct ssl_st *tls_context_accept(struct tls_context *context)
{
    ERR_clear_error();
    SSL *ssl = SSL_new(context->ssl_ctx);
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

void tls_context_rest(struct tls_context *context, struct ssl_st *ssl)
{
    tls_lean_forget(&context->lean, ssl);
    BIO_up_ref(context->shared_bio);
    SSL_set_bio(ssl, context->shared_bio, context->shared_bio);
}
