/* Against guessing passwords of operators: how soon an address may try again, and how long a name waits.
 *
 * An address that fails is told to come back later, for longer and longer: nobody else waits for that. An operator's
 * name that many addresses try is only slowed: whoever has the right password from an address that has not
 * failed waits for a few seconds at most, so that nobody can lock an operator out. Names that there are not are
 * treated alike, so that waiting does not tell which there are. */
#ifndef SESSION_OPER_GUARD_H
#define SESSION_OPER_GUARD_H

#include <stdint.h>

#include "base/backoff.h"
#include "net/addr.h"

struct oper_guard {
    struct backoff addresses; /* by addr_host_key() */
    struct backoff names;
};

void oper_guard_init(struct oper_guard *guard);

/* How long until a password from this host is checked again; 0: now. */
int64_t oper_guard_hold_ms(const struct oper_guard *guard, const struct addr *peer, int64_t now_ms);
/* A password for `name` is about to be checked; how long to wait before. */
int64_t oper_guard_begin(struct oper_guard *guard, const struct addr *peer, struct bytes name,
                         int64_t now_ms);
/* It was right. */
void oper_guard_forgive(struct oper_guard *guard, const struct addr *peer, struct bytes name);

#endif
