/* Two ends of a connection for tests: one for the code under test, one for the test. */
#ifndef SUPPORT_NET_PAIR_H
#define SUPPORT_NET_PAIR_H

#include "base/bytes.h"
#include "net/addr.h"

struct net_pair {
    int server; /* non-blocking: for the code under test */
    int client; /* blocking, but no call takes longer than 10 s */
};

/* Fails the test when something does not work, as all of these do. */
struct net_pair net_pair_tcp(void);
struct net_pair net_pair_unix(void);

void net_pair_send(int fd, struct bytes data); /* all of it */
void net_pair_reset(int fd);                   /* closes so that the other end is reset */
/* Sets both buffers of the connection to their minimum, so that little fills them. */
void net_pair_shrink(const struct net_pair *pair);

struct addr net_pair_addr(const char *text);   /* as addr_parse() reads it */
int net_pair_connect(const struct addr *addr); /* a client's end; no read takes longer than 10 s */

#endif
