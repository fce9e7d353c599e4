/* The part of a connection that TCP and TLS share: lines in, who waits for what, how it ends.
 *
 * Callbacks of libevent end here. They change flags and complete operations, which queues the waiting
 * task; the task itself runs later, from the loop. So nothing is freed and no coroutine runs while
 * libevent is still in the middle of its own work on the same bufferevent. */
#include "net/conn.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "net/conn_kind.h"

/* ---- reading ---- */

static bool is_paused(const struct conn *conn)
{
    unsigned reasons = conn->pause_reasons;
    if (conn->error)
        return false;
    if (conn->write_error)
        reasons &= ~(unsigned)CONN_PAUSE_OUTBOX; /* the outbox will never drain */
    return reasons != 0;
}

size_t conn_input_bytes(const struct conn *conn)
{
    return conn->bev ? evbuffer_get_length(bufferevent_get_input(conn->bev)) : 0;
}

/* Two lines of the largest size: one that is being used, one that is coming. */
static bool is_input_full(const struct conn *conn)
{
    return conn_input_bytes(conn) >= 2 * (conn->framer.max + LINE_END_BYTES_MAX);
}

/* Makes libevent read or not, as the flags say.
 *
 * This is not left to libevent's high watermark: above it, 2.1 calls the read callback again and again
 * until somebody takes the input out, which here is a task that cannot run meanwhile. */
static void update_reading(struct conn *conn)
{
    if (!conn->bev)
        return;
    bool is_on = bufferevent_get_enabled(conn->bev) & EV_READ;
    bool want_on = !is_paused(conn) && !conn->has_eof && !conn->error && !is_input_full(conn);
    if (want_on && !is_on && bufferevent_enable(conn->bev, EV_READ) < 0)
        conn_abort(conn, ENOMEM); /* nothing would ever come again */
    else if (is_on && !want_on)
        bufferevent_disable(conn->bev, EV_READ);
}

static void run_chore(struct co_chore *chore)
{
    update_reading(container_of(chore, struct conn, chore));
}

/* Around every line reading is paused and goes on, and most lines need no wait: that should cost nothing. */
static void update_reading_later(struct conn *conn)
{
    co_loop_put_off(conn->loop, &conn->chore);
}

static void drop_input(struct conn *conn, size_t count)
{
    if (count == 0)
        return;
    evbuffer_drain(bufferevent_get_input(conn->bev), count);
    conn->bytes_in += count;
    update_reading_later(conn);
}

void conn_drop_read(struct conn *conn)
{
    drop_input(conn, conn->consume_bytes);
    conn->consume_bytes = 0;
}

/* The end, when there is no line before it. */
static bool take_end(struct conn *conn, struct bytes in, struct conn_read_op *op, int *ret_code)
{
    if (conn->error) {
        *ret_code = conn->error;
        return true;
    }
    if (!conn->has_eof)
        return false;
    *ret_code = CO_EEOF;
    if (!op->is_raw && !conn->write_error && line_rest(&conn->framer, in, &op->line)) {
        op->has_crlf = false;
        conn->consume_bytes = in.len;
        *ret_code = 0;
    }
    return true;
}

/* All that has come, as one slice; ptr is NULL when there is no memory for it. */
static struct bytes peek_input(struct conn *conn)
{
    struct bytes in = {NULL, conn_input_bytes(conn)};
    if (in.len > 0)
        in.ptr = (const char *)evbuffer_pullup(bufferevent_get_input(conn->bev), -1);
    return in;
}

/* What a peek gives now. */
static bool take_look(const struct conn *conn, struct bytes in, struct conn_read_op *op, int *ret_code)
{
    if (in.len < op->least_bytes && !conn->error && !conn->has_eof)
        return false;
    op->line = in;
    *ret_code = in.len >= op->least_bytes ? 0 : conn->error ? conn->error : CO_EEOF;
    return true;
}

static bool take_bytes(struct conn *conn, struct conn_read_op *op, struct bytes in, int *ret_code)
{
    if (in.len == 0)
        return take_end(conn, in, op, ret_code);
    op->line = in;
    conn->consume_bytes = in.len;
    *ret_code = 0;
    return true;
}

/* What a read gives now: true with its result in *ret_code, or false when there is nothing yet. */
static bool take_input(struct conn *conn, struct conn_read_op *op, int *ret_code)
{
    if (is_paused(conn))
        return false;
    for (;;) {
        struct bytes in = peek_input(conn);
        if (in.len > 0 && !in.ptr) {
            *ret_code = ENOMEM;
            return true;
        }
        if (op->least_bytes > 0)
            return take_look(conn, in, op, ret_code);
        if (op->is_raw)
            return take_bytes(conn, op, in, ret_code);
        size_t consumed;
        int r = line_cut(&conn->framer, in, &consumed, &op->line, &op->has_crlf);
        if (r > 0) {
            conn->consume_bytes = consumed;
            *ret_code = 0;
            return true;
        }
        drop_input(conn, consumed);
        if (r < 0) {
            *ret_code = CO_ETOOLONG;
            return true;
        }
        if (consumed == 0)
            return take_end(conn, in, op, ret_code);
    }
}

static void end_reader(struct conn *conn, int code)
{
    struct conn_read_op *op = conn->reader;
    conn->reader = NULL;
    if (op)
        co_op_complete(&op->op, code);
}

static void wake_reader(struct conn *conn)
{
    int code;
    if (conn->reader && take_input(conn, conn->reader, &code))
        end_reader(conn, code);
}

void conn_interrupt(struct conn *conn)
{
    conn->is_woken = false; /* it was nothing for us: a message of TLS itself */
    end_reader(conn, EAGAIN);
}

static bool read_start(struct co_op *op)
{
    struct conn_read_op *read_op = container_of(op, struct conn_read_op, op);
    struct conn *conn = read_op->conn;
    if (!conn->is_open || conn->reader) {
        op->code = conn->is_open ? EBUSY : CO_ECLOSED;
        return true;
    }
    if (conn_unpark(conn) < 0) {
        op->code = ENOMEM;
        return true;
    }
    conn_drop_read(conn);
    if (take_input(conn, read_op, &op->code))
        return true;
    conn->reader = read_op;
    return false;
}

static bool read_abort(struct co_op *op)
{
    container_of(op, struct conn_read_op, op)->conn->reader = NULL;
    return true;
}

static const struct co_op_vt readline_vt = {
    .name = "conn.readline", .start = read_start, .abort = read_abort};
static const struct co_op_vt read_vt = {.name = "conn.read", .start = read_start, .abort = read_abort};
static const struct co_op_vt peek_vt = {.name = "conn.peek", .start = read_start, .abort = read_abort};

struct co_call conn_readline(struct conn *conn, struct conn_read_op *op)
{
    op->conn = conn;
    op->least_bytes = 0;
    op->is_raw = false;
    return co_call_op(&op->op, &readline_vt);
}

struct co_call conn_read(struct conn *conn, struct conn_read_op *op)
{
    op->conn = conn;
    op->least_bytes = 0;
    op->is_raw = true;
    return co_call_op(&op->op, &read_vt);
}

struct co_call conn_peek(struct conn *conn, struct conn_read_op *op, size_t least)
{
    op->conn = conn;
    op->least_bytes = least;
    return co_call_op(&op->op, &peek_vt);
}

void conn_unread(struct conn *conn, size_t count)
{
    CHECK(count <= conn->consume_bytes);
    conn->consume_bytes -= count;
}

void conn_pause(struct conn *conn, unsigned reason)
{
    conn->pause_reasons |= reason;
    if (conn->is_open)
        update_reading_later(conn);
}

void conn_resume(struct conn *conn, unsigned reason)
{
    conn->pause_reasons &= ~reason;
    if (!conn->is_open)
        return;
    update_reading_later(conn);
    wake_reader(conn);
}

void conn_set_line_bytes(struct conn *conn, uint32_t line_bytes)
{
    conn->framer.max = line_bytes;
    update_reading(conn); /* two lines of the old size may have been enough to stop it */
}

/* ---- what libevent tells ---- */

static void on_readable(struct bufferevent *bev, void *arg)
{
    struct conn *conn = arg;
    (void)bev;
    conn->is_woken = false;
    if (conn->reads_bursts && conn->kind->read_more && !is_input_full(conn) &&
        evbuffer_get_length(bufferevent_get_input(conn->bev)) >= CONN_READ_BYTES)
        conn->kind->read_more(conn);
    wake_reader(conn);
    update_reading(conn);
}

/* Called after every write that leaves `low` bytes or fewer, so that a flush is told, too. */
static void on_written(struct bufferevent *bev, void *arg)
{
    struct conn *conn = arg;
    size_t pending = conn_pending_bytes(conn);
    (void)bev;
    conn->has_kept = pending > 0;
    if (conn->writer && pending <= conn->writer->below_bytes)
        conn_end_writer(conn, 0);
    if (!conn->is_full || pending > conn->low_bytes)
        return;
    conn->is_full = false;
    if (conn->events && conn->events->on_drained)
        conn->events->on_drained(conn, conn->events_arg);
}

static void on_event(struct bufferevent *bev, short what, void *arg)
{
    struct conn *conn = arg;
    int error = errno ? errno : ECONNRESET;
    (void)bev;
    conn->kind->on_end(conn, what, error);
}

void conn_on_eof(struct conn *conn)
{
    conn->has_eof = true;
    update_reading(conn);
    wake_reader(conn);
}

void conn_on_send_error(struct conn *conn, int error)
{
    if (conn->write_error)
        return;
    conn->write_error = error;
    if (conn->bev)
        bufferevent_disable(conn->bev, EV_WRITE);
    conn_end_writer(conn, EPIPE);
    update_reading(conn);
    wake_reader(conn);
}

/* Nothing is read or written any more. */
static void stop(struct conn *conn)
{
    if (conn->bev)
        bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    conn_leave_parking(conn);
}

void conn_on_lost(struct conn *conn, int error)
{
    if (conn->error)
        return;
    conn->error = error;
    stop(conn);
    conn_end_writer(conn, EPIPE);
    wake_reader(conn);
    conn_end_rest(conn);
}

/* ---- the whole ---- */

void conn_attach(struct conn *conn, struct bufferevent *bev)
{
    conn->bev = bev;
    conn->has_kept = false;
    bufferevent_setcb(bev, on_readable, on_written, on_event, conn);
    bufferevent_setwatermark(bev, EV_WRITE, conn->low_bytes, 0);
    update_reading(conn);
}

void conn_detach(struct conn *conn)
{
    if (!conn->bev)
        return;
    bufferevent_disable(conn->bev, EV_READ | EV_WRITE);
    bufferevent_free(conn->bev);
    conn->bev = NULL;
}

void conn_start(struct conn *conn, struct co_loop *loop, const struct conn_kind *kind, int fd,
                struct bufferevent *bev, const struct conn_limits *limits)
{
    *conn = (struct conn){.kind = kind,
                          .loop = loop,
                          .fd = fd,
                          .is_open = true,
                          .high_bytes = limits->high_bytes,
                          .low_bytes = limits->low_bytes,
                          .framer = {.max = limits->line_bytes},
                          .chore.run = run_chore,
                          .is_connected = !kind->handshake};
    if (bev)
        conn_attach(conn, bev);
}

void conn_abort(struct conn *conn, int error)
{
    if (!conn->is_open || conn->error)
        return;
    /* Dropped by the next read: the line handed out last is still valid. */
    conn->consume_bytes = conn_input_bytes(conn);
    conn->error = error;
    stop(conn);
    end_reader(conn, error);
    conn_end_writer(conn, error);
    conn_end_rest(conn);
}

void conn_done(struct conn *conn)
{
    if (!conn->is_open)
        return;
    CHECK(!conn->reader && !conn->writer && !conn->rester);
    co_loop_drop_chore(conn->loop, &conn->chore);
    conn_leave_parking(conn);
    conn_detach(conn);
    if (conn->kind->free)
        conn->kind->free(conn);
    conn->is_open = false;
    close(conn->fd);
}

bool conn_is_tls(const struct conn *conn)
{
    return conn->kind->handshake != NULL;
}

const char *conn_describe(const struct conn *conn, char ret_text[CONN_DESCRIPTION_BYTES])
{
    if (conn->is_open && conn->is_connected && conn->kind->describe)
        conn->kind->describe(conn, ret_text);
    else
        snprintf(ret_text, CONN_DESCRIPTION_BYTES, "%s", conn->kind->name);
    return ret_text;
}

struct bytes conn_alpn(const struct conn *conn)
{
    return conn->is_open && conn->kind->alpn ? conn->kind->alpn(conn) : (struct bytes){0};
}

const char *conn_failure(const struct conn *conn)
{
    return conn->tls ? conn->tls->failure : NULL;
}

bool conn_fingerprint(const struct conn *conn, unsigned char ret_fingerprint[CONN_FINGERPRINT_BYTES])
{
    return conn->is_open && conn->kind->fingerprint && conn->kind->fingerprint(conn, ret_fingerprint);
}

int conn_fd(const struct conn *conn)
{
    return conn->is_open ? conn->fd : -1;
}
