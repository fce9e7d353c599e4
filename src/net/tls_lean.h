/* Connections that need nothing of their handshake any more give back what OpenSSL would keep of it: the session (1 KB,
 * with the secrets by which it could be resumed). All of them share one that is empty.
 *
 * OpenSSL has the call, SSL_set_session(), but is made for the time before a handshake: when the connection's method is
 * not its context's, which is so since the version was chosen, it starts the connection anew. Hence each gets another
 * context first, whose method is the chosen one. As no manual promises that this works, it is tried: a context whose
 * connections do not go on afterwards, unharmed and encrypted, has none of this. */
#ifndef NET_TLS_LEAN_H
#define NET_TLS_LEAN_H

#include <stdbool.h>

#include "base/attr.h"

struct ssl_st;
struct ssl_ctx_st;
struct ssl_session_st;

struct tls_lean {
    struct ssl_ctx_st *ssl_ctx; /* NULL: nothing is given back */
    struct ssl_session_st *session;
};

/* Tries it with a connection of a server's context to itself, in memory: the time of a handshake. False: it does not
 * work, and tls_lean_forget() does nothing. */
MUST_CHECK bool tls_lean_init(struct tls_lean *lean, struct ssl_ctx_st *ssl_ctx);
void tls_lean_done(struct tls_lean *lean); /* also for a zeroed one */

/* The handshake of `ssl` is done; nobody may ask any more which cipher it has, and which certificate the client. Does
 * nothing for TLS 1.2, where the session is part of how records are made, nor when it was done before. */
void tls_lean_forget(const struct tls_lean *lean, struct ssl_st *ssl);

#endif
