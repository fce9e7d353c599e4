/* One client of the control socket: a line, its answer in pieces, the next line. */
#include <inttypes.h>
#include <unistd.h>

#include "async/loop.h"
#include "base/log_event.h"
#include "daemon/control.h"
#include "daemon/server.h"

#include "async/poison.h"

/* After the last answer, for the client to take it and to close. */
#define FLUSH_MS 2000
#define LINGER_MS 200

/* Between two pieces: only to give way would be to go on in the same turn of the loop, before anything that
 * came in meanwhile. */
#define PAUSE_MS 1

#define OUT_HIGH_BYTES (64 * 1024)
#define OUT_LOW_BYTES (16 * 1024)
#define PIECE_BYTES_MAX (1024 * 1024)

static void client_finish(struct co_task *task, struct co_with *with)
{
    struct control_client *self = container_of(with, struct control_client, with);
    (void)task;
    if (self->has_call)
        control_call_done(&self->call);
    conn_done(&self->conn);
    if (self->fd >= 0)
        close(self->fd);
    self->control->client_count--;
    log_event(LOG_KIND_CONTROL_CLOSED, LOG_LEVEL_INFO, LOG_UINT("control", self->id));
}

static struct co_with *client_open(struct control_client *self, struct co_loop *loop)
{
    const struct conn_limits limits = {
        .line_bytes = CONTROL_LINE_BYTES_MAX, .high_bytes = OUT_HIGH_BYTES, .low_bytes = OUT_LOW_BYTES};

    co_with_init(&self->with, NULL, client_finish);
    if (conn_init_tcp(&self->conn, loop, self->fd, &limits) < 0) {
        log_warning("control=%" PRIu64 " no memory for a client", self->id);
        self->is_over = true;
    } else {
        self->fd = -1; /* the connection has taken it over */
    }
    return &self->with;
}

/* Each line with its mark in front. */
static void put_lines(struct buf *out, char mark, struct bytes text)
{
    while (text.len > 0) {
        struct bytes line = bytes_cut(&text, '\n');
        buf_put_char(out, mark);
        buf_put(out, line);
        buf_put_char(out, '\n');
    }
}

static void send_piece(struct control_client *self, struct buf *piece)
{
    if (buf_error(piece) != 0 || conn_write(&self->conn, buf_bytes(piece)) < 0)
        self->is_over = true; /* half of an answer without its last line is seen as such */
    buf_done(piece);
}

static void refuse(struct control_client *self, const char *why)
{
    struct buf piece;
    buf_init(&piece, PIECE_BYTES_MAX);
    put_lines(&piece, '-', bytes_of(why));
    buf_put_text(&piece, "usage\n");
    send_piece(self, &piece);
}

/* The line is logged as it came: the log makes it harmless. */
static void begin(struct control_client *self)
{
    struct bytes text = self->u.read.line;
    const char *why;

    if (self->code == CO_ETOOLONG) {
        refuse(self, "the line is too long; 4096 bytes are the most");
        return;
    }
    if (self->code) {
        self->is_over = true;
        return;
    }
    log_event(LOG_KIND_CONTROL_REQUEST, LOG_LEVEL_INFO, LOG_UINT("control", self->id),
              LOG_TEXT("request", text));
    if (control_line_parse(text, &self->line, &why) < 0) {
        refuse(self, why);
        return;
    }
    control_call_begin(&self->call, self->control->server, &self->line);
    self->has_call = true;
}

/* The next piece of the answer. */
static void go_on(struct control_client *self)
{
    struct buf text, piece;
    bool has_more;

    buf_init(&text, PIECE_BYTES_MAX);
    buf_init(&piece, 2 * PIECE_BYTES_MAX);
    has_more = control_call_step(&self->call, &text);
    put_lines(&piece, ' ', buf_bytes(&text));
    if (!has_more) {
        put_lines(&piece, '-', buf_bytes(&self->call.complaint));
        buf_put_text(&piece, control_status_str(self->call.status));
        buf_put_char(&piece, '\n');
        control_call_done(&self->call);
        self->has_call = false;
    }
    if (buf_error(&text) != 0)
        self->is_over = true;
    buf_done(&text);
    send_piece(self, &piece);
}

ASYNC(control_client)
{
    WITH(client_open(self, co_loop_of(co))) {
        while (!self->is_over) {
            WITH(co_timeout_open(co, &self->timeout, self->control->timeout_ms, false)) {
                TRY_AWAIT(self->code, conn_readline(&self->conn, &self->u.read));
                begin(self);
                while (self->has_call && !self->is_over) {
                    if (control_call_emits(&self->call))
                        AWAIT(delivery_room(&self->control->server->delivery, &self->u.room));
                    if (self->call.wants_reload) {
                        AWAIT(CALL(&self->u.reload, reload, .server = self->control->server,
                                   .report = &self->call.notes));
                        self->call.verdict = self->u.reload.verdict;
                        self->call.wants_reload = false;
                    }
                    go_on(self);
                    if (conn_is_full(&self->conn))
                        TRY_AWAIT(self->code, conn_drain(&self->conn, &self->u.drain));
                    AWAIT(co_sleep(&self->u.pause, self->has_call ? PAUSE_MS : 0));
                }
            }
            END_WITH;
            if (self->timeout.has_expired) {
                log_info("control=%" PRIu64 " was silent or did not read for too long", self->id);
                self->is_over = true;
            }
        }
        if (self->conn.is_open)
            AWAIT(CALL(&self->u.close, conn_close, .conn = &self->conn, .flush_ms = FLUSH_MS,
                       .linger_ms = LINGER_MS));
    }
    END_WITH;
}
END_ASYNC
