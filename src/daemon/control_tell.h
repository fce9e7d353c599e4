/* A notice to everybody, or to all in a room: in pieces, since a thousand people are many. */
#ifndef DAEMON_CONTROL_TELL_H
#define DAEMON_CONTROL_TELL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "session/registry.h"

struct server;

#define CONTROL_TELL_PIECE 64
#define CONTROL_TELL_BYTES_MAX 4096

struct control_tell {
    struct server *server;
    uint64_t room_id; /* 0: everybody */
    struct registry_walk walk;
    size_t told; /* how many so far */
    char text[CONTROL_TELL_BYTES_MAX];
};

/* The text is cut; begun, it must be ended. */
void control_tell_begin(struct control_tell *tell, struct server *server, uint64_t room_id,
                        struct bytes text);
/* The next CONTROL_TELL_PIECE sessions; false when that was all. delivery_room() is to be awaited before. */
bool control_tell_step(struct control_tell *tell);
void control_tell_end(struct control_tell *tell); /* also of a zeroed one */

#endif
