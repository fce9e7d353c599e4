/* The TLS side of a server: certificates and the choices of 2026 (Mozilla's intermediate guideline): TLS 1.2
 * and 1.3, AEAD ciphers with forward secrecy, no renegotiation, no compression, no early data. Of the
 * protocols that a client offers (ALPN), http/1.1 and irc are chosen; none of them ends the handshake with
 * the alert no_application_protocol. docs/tls.md has the reasons.
 *
 * A context never changes. To reload, make a new one and give up the old: connections keep theirs. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct ssl_st;
struct tls_context; /* refcounted, so that sessions keep the one they began with */
struct tls_tickets;

#define TLS_WHY_MAX 512

/* A PEM chain, the server's own certificate first, and its key. */
struct tls_pair {
    const char *certificate_path, *key_path;
};

enum tls_clients { TLS_CLIENTS_NO, TLS_CLIENTS_OPTIONAL, TLS_CLIENTS_REQUIRED };

struct tls_config {
    const struct tls_pair *pairs; /* chosen by the name that the client asks for; the first is the default */
    size_t pair_count;            /* >= 1 */
    bool is_any_date;             /* takes certificates that have expired, or are not valid yet */
    enum tls_clients clients;     /* whether clients are asked for a certificate */
    const char *client_ca_path;   /* who issued those; NULL: any is taken, and known by its fingerprint */
    struct tls_tickets *tickets;  /* NULL: no session tickets */
};

/* Loads and checks everything. Reads `config` only during the call, but takes a reference to its tickets.
 * NULL on failure, with the reason, the file and what to do in ret_why. Blocks while it reads files. */
MUST_CHECK struct tls_context *tls_context_new(const struct tls_config *config, char ret_why[TLS_WHY_MAX]);
struct tls_context *tls_context_ref(struct tls_context *context);
void tls_context_unref(struct tls_context *context); /* NULL is fine */

/* The client's side: trusts the certificates in ca_path (PEM), or with NULL those of the system. NULL on
 * failure, with the reason in ret_why. */
MUST_CHECK struct tls_context *tls_context_new_client(const char *ca_path, char ret_why[TLS_WHY_MAX]);

/* The groups for key exchange, best first: "X25519MLKEM768:X25519:P-256:P-384" where OpenSSL has all. */
const char *tls_context_groups(const struct tls_context *context);

/* Certificates of a server's context: how many there are, the file of one, and when it ends (of its chain,
 * what ends first), in seconds since 1970. */
size_t tls_context_certificate_count(const struct tls_context *context);
const char *tls_context_certificate_path(const struct tls_context *context, size_t index);
int64_t tls_context_certificate_end_s(const struct tls_context *context, size_t index);
/* The earliest of these ends. */
int64_t tls_context_end_s(const struct tls_context *context);

/* A new server-side connection state, owned by the caller, who keeps the context until it is freed; NULL when
 * out of memory. */
MUST_CHECK struct ssl_st *tls_context_accept(struct tls_context *context);
/* The same for a client's connection to `host`, whose name the certificate must bear. */
MUST_CHECK struct ssl_st *tls_context_connect(struct tls_context *context, const char *host);

/* A connection that rests gives back what it does not need: its session (net/tls_lean.h), after which it cannot be
 * asked for its cipher and for the client's certificate, and its BIO. In the place of that it gets one that it shares
 * with all others of the context, and sets it to its socket before each use (BIO_set_fd). */
void tls_context_rest(struct tls_context *context, struct ssl_st *ssl);

#endif
