/* What has come on a connection and is not read yet, looked at in place. */
#include <event2/buffer.h>
#include <event2/bufferevent.h>

#include "net/conn.h"

uint64_t conn_position(const struct conn *conn)
{
    return conn->bytes_in + conn->consume_bytes;
}

void conn_look_waiting(const struct conn *conn, size_t keep, bool has_cr, struct conn_waiting *ret_waiting)
{
    enum evbuffer_eol_style style = has_cr ? EVBUFFER_EOL_ANY : EVBUFFER_EOL_LF;
    struct evbuffer_ptr at, found;
    size_t end_bytes = 0;

    *ret_waiting = (struct conn_waiting){.end = conn_position(conn)};
    if (!conn->bev)
        return;
    struct evbuffer *input = bufferevent_get_input(conn->bev);
    size_t from = conn->consume_bytes;
    while (evbuffer_ptr_set(input, &at, from, EVBUFFER_PTR_SET) == 0) {
        found = evbuffer_search_eol(input, &at, &end_bytes, style);
        if (found.pos < 0)
            return;
        ret_waiting->line_count++;
        ret_waiting->last_start = conn->bytes_in + from;
        from = (size_t)found.pos + end_bytes;
        ret_waiting->end = conn->bytes_in + from;
        if (ret_waiting->line_count == keep)
            ret_waiting->keep_end = ret_waiting->end;
    }
}
