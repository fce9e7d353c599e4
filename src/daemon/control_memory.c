/* Where the memory goes, by parts: so many of each, and what their structs occupy.
 *
 * Counted when it is asked for, so that nothing is kept up to date for it. What has no row of its own (logs of
 * rooms, buffers of TLS, maps, what libraries hold) is in "other": the part of what malloc has given out that
 * the rows above do not explain. */
#include <malloc.h>

#include "async/task.h"
#include "chat/chat_event.h"
#include "chat/hub.h"
#include "chat/room.h"
#include "chat/user.h"
#include "daemon/control_command.h"
#include "daemon/server.h"
#include "session/session_irc.h"

/* A bufferevent of a socket and its two empty buffers, as libevent 2.1 allocates them: it does not tell. */
#define BUFFERS_BYTES (632 + 2 * 136)

/* counts[] of the call: */
enum {
    COUNT_SESSIONS,
    COUNT_ARRIVALS,
    COUNT_TALKING,
    COUNT_BUFFERED,
    COUNT_TERMINALS,
    COUNT_IRC,
    COUNT_USERS,
    COUNT_MEMBERSHIPS,
    COUNT_INBOX,
    COUNT_OUTPUT_BYTES,
    COUNT_ALL
};
_Static_assert(COUNT_ALL <= CONTROL_COUNTS, "room for each count");

static void count_session(struct control_call *call, const struct session *session)
{
    call->counts[COUNT_SESSIONS]++;
    call->counts[COUNT_ARRIVALS] += session->arrival != NULL;
    call->counts[COUNT_TALKING] += session->talk != NULL;
    call->counts[COUNT_BUFFERED] += session->conn.bev != NULL;
    call->counts[COUNT_TERMINALS] += session->terminal != NULL;
    call->counts[COUNT_IRC] += session->irc != NULL;
    call->counts[COUNT_INBOX] += session->outbox.inbox.count;
    call->counts[COUNT_OUTPUT_BYTES] += conn_pending_bytes(&session->conn);
    if (!session->user)
        return;
    call->counts[COUNT_USERS]++;
    call->counts[COUNT_MEMBERSHIPS] += session->user->memberships.count;
}

static void put_row(struct table *table, const char *part, size_t count, uint64_t bytes, uint64_t *sum)
{
    table_text(table, bytes_of(part));
    table_uint(table, count);
    table_size(table, bytes);
    *sum += bytes;
}

static void fill(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"part", "PART", false}, {"count", "COUNT", true}, {"bytes", "MEMORY", true}};
    const struct mallinfo2 heap = mallinfo2();
    const size_t *counts = call->counts, rooms = hub_room_count(call->server->hub);
    const size_t session_bytes = sizeof(struct co_task) + sizeof(struct session_run);
    const size_t user_bytes = sizeof(struct user) + NAME_USER_BYTES_MAX;
    const size_t terminal_bytes = sizeof(struct terminal) + sizeof(struct session_keys);
    struct table *table = &call->table;
    uint64_t sum = 0, ignored = 0;

    table_init(table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    put_row(table, "sessions", counts[COUNT_SESSIONS], counts[COUNT_SESSIONS] * session_bytes, &sum);
    put_row(table, "arrivals", counts[COUNT_ARRIVALS],
            counts[COUNT_ARRIVALS] * sizeof(struct session_arrival), &sum);
    put_row(table, "talking", counts[COUNT_TALKING], counts[COUNT_TALKING] * sizeof(struct session_talk),
            &sum);
    put_row(table, "buffers", counts[COUNT_BUFFERED], counts[COUNT_BUFFERED] * BUFFERS_BYTES, &sum);
    put_row(table, "terminals", counts[COUNT_TERMINALS], counts[COUNT_TERMINALS] * terminal_bytes, &sum);
    put_row(table, "irc", counts[COUNT_IRC], counts[COUNT_IRC] * sizeof(struct session_irc), &sum);
    put_row(table, "people", counts[COUNT_USERS], counts[COUNT_USERS] * user_bytes, &sum);
    put_row(table, "memberships", counts[COUNT_MEMBERSHIPS],
            counts[COUNT_MEMBERSHIPS] * sizeof(struct membership), &sum);
    put_row(table, "rooms", rooms, rooms * sizeof(struct room), &sum);
    put_row(table, "inboxes", counts[COUNT_INBOX], counts[COUNT_INBOX] * sizeof(struct chat_event), &sum);
    put_row(table, "output", counts[COUNT_SESSIONS], counts[COUNT_OUTPUT_BYTES], &sum);
    put_row(table, "other", 1, heap.uordblks > sum ? heap.uordblks - sum : 0, &ignored);
    put_row(table, "free", 1, heap.fordblks, &ignored);
}

enum control_progress control_memory(struct control_call *call)
{
    for (size_t i = 0; i < CONTROL_PIECE; i++) {
        const struct session *session = control_call_next_session(call);
        if (!session) {
            fill(call);
            return CONTROL_DONE;
        }
        count_session(call, session);
    }
    return CONTROL_MORE;
}
