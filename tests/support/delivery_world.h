/* Delivery with the real hub, the real dialect and real sockets, but without sessions: requests go in
 * by hand, batches are delivered by hand, and what arrives at the other ends of the sockets is
 * compared byte by byte. */
#ifndef SUPPORT_DELIVERY_WORLD_H
#define SUPPORT_DELIVERY_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "async/loop.h"
#include "base/clock.h"
#include "chat/hub.h"
#include "net/conn.h"
#include "session/delivery.h"
#include "session/outbox.h"

#define DELIVERY_WORLD_READERS_MAX 8
#define DELIVERY_WORLD_LOG_EVENTS 64
#define DELIVERY_WORLD_INBOX_EVENTS 20

struct delivery_reader {
    struct conn conn;
    struct outbox outbox;
    struct user *user;
    int far_fd;
    bool has_failed;
    enum close_reason reason;
};

struct delivery_world {
    struct co_loop *loop;
    struct clock_fake clock;
    struct hub *hub;
    struct delivery delivery;
    struct delivery_reader readers[DELIVERY_WORLD_READERS_MAX];
    size_t count;
    char got[256 * 1024];
};
/* For cmocka; the large one keeps 1,024 events of each room. */
int delivery_world_setup(void **state);
int delivery_world_setup_large(void **state);
int delivery_world_teardown(void **state);

/* Somebody enters, and the lobby; a reader that nothing has been delivered to yet. */
struct delivery_reader *delivery_world_enter(struct delivery_world *world, const char *name, uint32_t facts);
/* Does what the line asks for, which must be something. */
void delivery_world_type(struct delivery_world *world, struct delivery_reader *reader, const char *line);
/* Delivers all that has been emitted. */
void delivery_world_deliver(struct delivery_world *world);
/* What has arrived at the client since the last call; NUL-terminated, good until the next call. */
const char *delivery_world_received(struct delivery_world *world, struct delivery_reader *reader);
/* All is delivered and read, and the statistics begin anew. */
void delivery_world_settle(struct delivery_world *world);

#endif
