/* A little memory for the one call of libevent that does not survive a failing allocation.
 *
 * When bufferevent_openssl_socket_new() of libevent 2.1.12 gets no memory for the second or third of its
 * blocks, its cleanup follows a pointer that is not set yet, and one client at the wrong moment would end
 * the daemon. So libevent's allocator is told to fall back, during that call only, on blocks that are set
 * aside here. Everywhere else libevent meets a failing allocation as before.
 *
 * libevent has one allocator per process, hence the state is the process's. libevent is used by one thread
 * only, the loop's. No function suspends. */
#ifndef NET_RESERVE_H
#define NET_RESERVE_H

#include "base/attr.h"

/* From here to reserve_close() libevent can allocate. -ENOMEM: earlier calls still hold too much of the
 * reserve; then the call must not be made. */
MUST_CHECK int reserve_open(void);
void reserve_close(void);

#endif
