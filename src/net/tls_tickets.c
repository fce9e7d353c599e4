#include "net/tls_tickets.h"

#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/check.h"

#define NAME_BYTES 16 /* as OpenSSL's callback has it */
#define PERIOD_MS ((int64_t)TLS_TICKETS_PERIOD_S * 1000)

struct ticket_key {
    bool is_set;
    unsigned char name[NAME_BYTES]; /* travels in clear, to find the key again */
    unsigned char aes[32], hmac[32];
};

struct tls_tickets {
    const struct clock *clock;
    atomic_uint ref_count; /* a context may be built on another thread */
    int64_t since_ms;      /* when `current` was made */
    struct ticket_key current, previous;
};

/* What OpenSSL's callback is told by its result. */
enum { TICKET_ERROR = -1, TICKET_NONE = 0, TICKET_GOOD = 1, TICKET_RENEW = 2 };

static bool fill(unsigned char *bytes, size_t count)
{
    return getrandom(bytes, count, 0) == (ssize_t)count; /* up to 256 come whole, or not at all */
}

/* From the kernel: OpenSSL 3.0 crashes here when there was no memory to begin with. Without random numbers there is
 * no key, and no tickets until the next try. */
static void make_key(struct ticket_key *key)
{
    key->is_set = fill(key->name, sizeof(key->name)) && fill(key->aes, sizeof(key->aes)) &&
                  fill(key->hmac, sizeof(key->hmac));
    if (!key->is_set)
        OPENSSL_cleanse(key, sizeof(*key));
}

struct tls_tickets *tls_tickets_new(const struct clock *clock)
{
    struct tls_tickets *tickets = calloc(1, sizeof(*tickets));
    if (!tickets)
        return NULL;
    atomic_init(&tickets->ref_count, 1);
    tickets->clock = clock;
    tickets->since_ms = clock_mono_ms(clock);
    make_key(&tickets->current);
    if (tickets->current.is_set)
        return tickets;
    ERR_clear_error();
    tls_tickets_unref(tickets);
    return NULL;
}

struct tls_tickets *tls_tickets_ref(struct tls_tickets *tickets)
{
    CHECK(atomic_fetch_add(&tickets->ref_count, 1) > 0);
    return tickets;
}

void tls_tickets_unref(struct tls_tickets *tickets)
{
    if (!tickets)
        return;
    unsigned before = atomic_fetch_sub(&tickets->ref_count, 1);
    CHECK(before > 0);
    if (before > 1)
        return;
    OPENSSL_cleanse(tickets, sizeof(*tickets));
    free(tickets);
}

void tls_tickets_rotate(struct tls_tickets *tickets)
{
    int64_t now_ms = clock_mono_ms(tickets->clock);
    int64_t age_ms = now_ms - tickets->since_ms;

    if (age_ms < PERIOD_MS)
        return;
    tickets->previous = tickets->current;
    if (age_ms >= 2 * PERIOD_MS) /* nobody came meanwhile */
        OPENSSL_cleanse(&tickets->previous, sizeof(tickets->previous));
    make_key(&tickets->current);
    tickets->since_ms = now_ms;
}

static bool set_mac(EVP_MAC_CTX *mac, struct ticket_key *key)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key->hmac, sizeof(key->hmac)),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, params) == 1;
}

static int issue(struct ticket_key *key, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                 EVP_MAC_CTX *mac)
{
    if (!key->is_set)
        return TICKET_NONE;
    memcpy(name, key->name, NAME_BYTES);
    bool is_ok = RAND_bytes(iv, EVP_CIPHER_get_iv_length(EVP_aes_256_cbc())) == 1 &&
                 EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv) == 1 && set_mac(mac, key);
    return is_ok ? TICKET_GOOD : TICKET_ERROR;
}

static bool is_key(const struct ticket_key *key, const unsigned char *name)
{
    return key->is_set && memcmp(key->name, name, NAME_BYTES) == 0;
}

/* In TLS 1.3 clients use a ticket once: who comes back gets the next one. In 1.2 a ticket is renewed when its
 * key is. */
static int take(struct tls_tickets *tickets, bool is_once, const unsigned char *name, const unsigned char *iv,
                EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac)
{
    bool is_current = is_key(&tickets->current, name);
    struct ticket_key *key = is_current ? &tickets->current : &tickets->previous;

    if (!is_key(key, name))
        return TICKET_NONE;
    if (EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), NULL, key->aes, iv) != 1 || !set_mac(mac, key))
        return TICKET_ERROR;
    return is_current && !is_once ? TICKET_GOOD : TICKET_RENEW;
}

static int on_ticket(SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher,
                     EVP_MAC_CTX *mac, int is_issuing)
{
    struct tls_tickets *tickets = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    tls_tickets_rotate(tickets);
    return is_issuing ? issue(&tickets->current, name, iv, cipher, mac)
                      : take(tickets, SSL_version(ssl) >= TLS1_3_VERSION, name, iv, cipher, mac);
}

int tls_tickets_use(struct tls_tickets *tickets, SSL_CTX *ssl_ctx)
{
    if (SSL_CTX_set_app_data(ssl_ctx, tickets) != 1 ||
        SSL_CTX_set_tlsext_ticket_key_evp_cb(ssl_ctx, on_ticket) != 1)
        return -ENOMEM;
    SSL_CTX_set_timeout(ssl_ctx, TLS_TICKETS_PERIOD_S);
    return 0;
}
