/* The TLS side of a server: certificate, key and the choices of 2026 (Mozilla's intermediate
 * guideline): TLS 1.2 and 1.3, AEAD ciphers with forward secrecy, no renegotiation, no compression. Of the
 * protocols that a client offers (ALPN), http/1.1 and irc are chosen; none of them ends the handshake. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <stddef.h>

#include "base/attr.h"

struct ssl_ctx_st;
struct ssl_st;
struct tls_context; /* refcounted, so that sessions keep the one they began with */

#define TLS_WHY_MAX 512

/* Loads and checks a PEM chain and its key. NULL on failure, with the reason and the file in
 * ret_why: missing or unreadable file, no PEM, key that does not belong to the certificate, expired. */
MUST_CHECK struct tls_context *tls_context_new(const char *certificate_path, const char *key_path,
                                               char ret_why[TLS_WHY_MAX]);
struct tls_context *tls_context_ref(struct tls_context *context);
void tls_context_unref(struct tls_context *context); /* NULL is fine */

/* The client's side: trusts the certificates in ca_path (PEM), or with NULL those of the system. NULL on
 * failure, with the reason in ret_why. */
MUST_CHECK struct tls_context *tls_context_new_client(const char *ca_path, char ret_why[TLS_WHY_MAX]);

/* A new server-side connection state, owned by the caller; NULL when out of memory. */
MUST_CHECK struct ssl_st *tls_context_accept(struct tls_context *context);
/* The same for a client's connection to `host`, whose name the certificate must bear. */
MUST_CHECK struct ssl_st *tls_context_connect(struct tls_context *context, const char *host);

#endif
