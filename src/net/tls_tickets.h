/* The keys of session tickets, with which a client that comes back skips most of a handshake.
 *
 * A ticket is the session itself, encrypted for nobody but this server, so that the server remembers nothing.
 * Who steals the key can read recorded TLS 1.2 sessions that were resumed with it: therefore keys are random,
 * only in memory, used for TLS_TICKETS_PERIOD_S, accepted for as long again, and wiped. They outlive the
 * tls_context on purpose: after a reload nobody has to begin anew. */
#ifndef NET_TLS_TICKETS_H
#define NET_TLS_TICKETS_H

#include "base/attr.h"
#include "base/clock.h"

struct ssl_ctx_st;
struct tls_tickets; /* refcounted: contexts use them. The count is atomic, nothing else is */

/* A ticket is good for so long; a key encrypts for so long and decrypts for twice as long. */
#define TLS_TICKETS_PERIOD_S (6 * 3600)

/* NULL: out of memory, or no random numbers. `clock` must outlive them. */
MUST_CHECK struct tls_tickets *tls_tickets_new(const struct clock *clock);
struct tls_tickets *tls_tickets_ref(struct tls_tickets *tickets);
void tls_tickets_unref(struct tls_tickets *tickets); /* NULL is fine */

/* Changes the keys that are due. Using them does so, too; to call this now and then wipes the keys of a server
 * that nobody comes to. */
void tls_tickets_rotate(struct tls_tickets *tickets);

/* Makes the context issue and take tickets with these keys; holds no reference. 0 or -ENOMEM. */
MUST_CHECK int tls_tickets_use(struct tls_tickets *tickets, struct ssl_ctx_st *ssl_ctx);

#endif
