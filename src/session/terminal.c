/* See terminal.h. */
#include "session/terminal.h"

#include <stdlib.h>
#include <sys/socket.h>

#include "proto/dialect.h"
#include "proto/editor.h"
#include "session/session.h"
#include "session/terminal_complete.h"
#include "session/terminal_prompt.h"

#include "async/poison.h"

#define OUT_BYTES_MAX (16u * 1024 * 1024) /* far above what is printed at once */
#define OUT_BYTES_KEPT (16u * 1024)

/* Bytes, which may also come at once. A key that repeats makes 40 of them, the largest paste 4096. */
#define KEYS_PER_SECOND (64 * 1024)

/* The keys that telnet's commands stand for. */
#define KEYS_ERASE_CHARACTER BYTES("\x7f")
#define KEYS_ERASE_LINE BYTES("\x15")
#define KEYS_INTERRUPT BYTES("\x03")
#define KEYS_END BYTES("\x04")

/* ---- writing ---- */

static int write_out(struct terminal *terminal)
{
    int r = buf_error(&terminal->out) ? -ENOMEM : 0;

    if (r == 0)
        r = conn_write(&terminal->session->conn, buf_bytes(&terminal->out));
    if (terminal->out.cap > OUT_BYTES_KEPT) {
        buf_done(&terminal->out);
        buf_init(&terminal->out, OUT_BYTES_MAX);
    }
    buf_reset(&terminal->out);
    return r;
}

/* Where a line would go that is typed now. */
static void update_prompt(struct terminal *terminal)
{
    const struct outbox *outbox = &terminal->session->outbox;
    struct buf prompt;

    buf_init(&prompt, EDITOR_PROMPT_BYTES_MAX);
    bool is_own = terminal_prompt(terminal, &prompt);
    editor_set_prompt(terminal->editor, buf_bytes(&prompt));
    editor_set_keeps_lines(terminal->editor, is_own || !outbox->user || !(outbox->form.flags & WIRE_F_ECHO));
    buf_done(&prompt);
}

int terminal_print(struct terminal *terminal, struct bytes text)
{
    if (!terminal->editor && !terminal->has_prompts)
        return conn_write(&terminal->session->conn, text);
    if (terminal->editor) {
        session_trace_out(terminal->session, text);
        update_prompt(terminal);
        editor_print(terminal->editor, text, &terminal->out);
    } else {
        terminal_prompt_behind(terminal, text, &terminal->out);
    }
    return write_out(terminal);
}

int terminal_keep_alive(struct terminal *terminal)
{
    telnet_keep_alive(&terminal->out);
    return write_out(terminal);
}

static void say_alive(struct terminal *terminal)
{
    struct wire_form form = terminal->session->outbox.form;
    struct buf text;

    terminal->is_asked = false;
    buf_init(&text, DIALECT_EVENT_BYTES_MAX);
    form.dialect->alive(form, &text);
    if (terminal->editor)
        editor_print(terminal->editor, buf_bytes(&text), &terminal->out);
    else
        terminal_prompt_behind(terminal, buf_bytes(&text), &terminal->out);
    buf_done(&text);
}

/* All that the bytes have brought about goes out at once. */
static void flush(struct terminal *terminal)
{
    if (terminal->is_asked)
        say_alive(terminal);
    if (terminal->editor) {
        update_prompt(terminal);
        if (terminal->is_resized)
            editor_resize(terminal->editor, terminal->width, terminal->height, &terminal->out);
        terminal->is_resized = false;
        editor_refresh(terminal->editor, &terminal->out);
    }
    if (terminal->out.len > 0 && write_out(terminal) == -ENOMEM)
        session_set_reason(terminal->session, CLOSE_NO_MEMORY);
    outbox_note_full(&terminal->session->outbox);
}

static int on_outbox_write(struct outbox *outbox, struct bytes data)
{
    return terminal_print(container_of(outbox, struct session, outbox)->terminal, data);
}

/* ---- modes ---- */

/* From now on what somebody says comes back to them, for it is gone from where it was typed. */
static void set_echo(struct session *session, bool is_on)
{
    outbox_set_fact(&session->outbox, WIRE_FACT_EDITOR, is_on);
}

static void choose_writer(struct terminal *terminal)
{
    bool is_plain = !terminal->editor && !terminal->has_prompts;
    terminal->session->outbox.write = is_plain ? NULL : on_outbox_write;
}

static void start_editor(struct terminal *terminal)
{
    size_t line_bytes = terminal->session->env->config->limits.line_bytes;
    struct buf *out = &terminal->out;

    terminal->editor = editor_new(line_bytes, terminal_complete, terminal->session);
    if (!terminal->editor)
        return;
    editor_set_secret(terminal->editor, terminal->is_secret);
    telnet_set_local(&terminal->telnet, TELNET_ECHO, true, out);
    telnet_set_local(&terminal->telnet, TELNET_SGA, true, out);
    telnet_set_remote(&terminal->telnet, TELNET_NEW_ENVIRON, true, out);
    telnet_set_local(&terminal->telnet, TELNET_BINARY, true, out); /* UTF-8, both ways */
    telnet_set_remote(&terminal->telnet, TELNET_BINARY, true, out);
    set_echo(terminal->session, true);
    choose_writer(terminal);
    update_prompt(terminal);
    editor_resize(terminal->editor, terminal->width, terminal->height, out);
    editor_start(terminal->editor, out);
}

static void stop_editor(struct terminal *terminal)
{
    if (!terminal->editor)
        return;
    editor_end(terminal->editor, &terminal->out);
    editor_free(terminal->editor);
    terminal->editor = NULL;
    terminal->current = (struct bytes){NULL, 0};
    set_echo(terminal->session, false);
    choose_writer(terminal);
}

/* A program reads JSON, line by line: nothing but that may be written to it. */
static bool has_text(const struct terminal *terminal)
{
    return terminal->session->outbox.reader.options[OPTION_FORMAT] == OPTION_FORMAT_TEXT;
}

/* Whoever does not know telnet has not answered, and would see the bytes. */
static bool knows_telnet(const struct terminal *terminal)
{
    return terminal->telnet.remote[TELNET_TTYPE] != TELNET_WANT_YES;
}

void terminal_set_secret(struct terminal *terminal, bool is_secret)
{
    terminal->is_secret = is_secret;
    if (terminal->editor) {
        editor_set_secret(terminal->editor, is_secret);
    } else if (knows_telnet(terminal)) {
        /* In line mode the client shows what is typed, unless we say that we do. */
        telnet_set_local(&terminal->telnet, TELNET_ECHO, is_secret, &terminal->out);
        if (!is_secret && has_text(terminal))
            buf_put_text(&terminal->out, "\r\n"); /* the Enter that nobody has shown */
    }
    flush(terminal);
}

/* Its prompts begin with what is printed next. */
static void start_prompts(struct terminal *terminal)
{
    telnet_set_local(&terminal->telnet, TELNET_EOR, true, &terminal->out);
    terminal->has_prompts = true;
    choose_writer(terminal);
}

/* What is shown afterwards comes as lines. ECHO and SGA stay as they are: the client restores its terminal when the
 * connection ends, and to be asked just before that makes some (busybox) print the state of their modes. */
void terminal_end(struct terminal *terminal)
{
    terminal->is_secret = false;
    stop_editor(terminal);
    terminal->has_prompts = false;
    terminal_prompt_leave(terminal, &terminal->out);
    choose_writer(terminal);
    flush(terminal);
}

/* Whoever can have an editor has one, unless that was chosen otherwise. */
static bool wants_editor(const struct terminal *terminal)
{
    const struct wire_reader *reader = &terminal->session->outbox.reader;

    return !terminal->has_refused && (reader->facts & WIRE_FACT_TERMINAL) != 0 &&
           reader->options[OPTION_EDIT] == OPTION_EDIT_ON &&
           reader->options[OPTION_PLAIN] == OPTION_PLAIN_OFF && has_text(terminal);
}

/* Not while a line is in use that the editor owns, and not in the middle of a paste, the rest of which would be
 * said line by line. */
static void update_mode(struct terminal *terminal)
{
    bool has_line = terminal->line.len > 0 && !terminal->is_complete;

    if (terminal->editor && editor_is_pasting(terminal->editor))
        return;
    terminal->is_mode_due = false;
    if (terminal->editor && !wants_editor(terminal)) {
        telnet_set_local(&terminal->telnet, TELNET_ECHO, false, &terminal->out);
        telnet_set_local(&terminal->telnet, TELNET_SGA, false, &terminal->out);
        stop_editor(terminal);
    } else if (!terminal->editor && wants_editor(terminal) && !has_line && !terminal->is_discarding) {
        start_editor(terminal);
    }
}

static void on_outbox_changed(struct outbox *outbox)
{
    struct terminal *terminal = container_of(outbox, struct session, outbox)->terminal;

    terminal->is_mode_due = true;
    if (terminal->is_idle) {
        update_mode(terminal);
        flush(terminal);
    }
}

/* A client sends the last byte of a Synch (RFC 854) urgently, and the kernel would take it out of the stream:
 * the byte behind it would then be half of a command. */
static void read_urgent_bytes(struct conn *conn)
{
    int on = 1;
    /* A unix socket has none. */
    (void)setsockopt(conn_fd(conn), SOL_SOCKET, SO_OOBINLINE, &on, sizeof(on));
}

struct terminal *terminal_new(struct session *session)
{
    struct terminal *terminal = calloc(1, sizeof(*terminal));

    if (!terminal)
        return NULL;
    terminal->session = session;
    telnet_init(&terminal->telnet);
    bucket_init(&terminal->keys, KEYS_PER_SECOND * INT64_C(1000), KEYS_PER_SECOND,
                clock_mono_ms(session->env->clock));
    buf_init(&terminal->out, OUT_BYTES_MAX);
    buf_init(&terminal->line, session->env->config->limits.line_bytes);
    session->outbox.changed = on_outbox_changed;
    read_urgent_bytes(&session->conn);
    telnet_set_remote(&terminal->telnet, TELNET_TTYPE, true, &terminal->out);
    buf_put_char(&terminal->out, '\r');
    if (write_out(terminal) == -ENOMEM) {
        terminal_free(terminal);
        return NULL;
    }
    return terminal;
}

void terminal_free(struct terminal *terminal)
{
    if (!terminal)
        return;
    editor_free(terminal->editor);
    telnet_done(&terminal->telnet);
    buf_done(&terminal->out);
    buf_done(&terminal->line);
    free(terminal);
}

/* ---- line mode ---- */

static void reset_line(struct terminal *terminal)
{
    buf_reset(&terminal->line);
    terminal->is_complete = false;
}

static enum terminal_event end_line(struct terminal *terminal)
{
    if (terminal->is_discarding) {
        terminal->is_discarding = false;
        reset_line(terminal);
        return TERMINAL_EV_NONE;
    }
    terminal->is_complete = true;
    terminal->is_at_prompt = false; /* the client has ended the row */
    terminal->current = buf_bytes(&terminal->line);
    return TERMINAL_EV_LINE;
}

/* One byte. CR, CR LF and LF all end a line. */
static enum terminal_event take_byte(struct terminal *terminal, char c)
{
    bool is_after_cr = terminal->is_after_cr;

    terminal->is_after_cr = c == '\r';
    if (c == '\n' && is_after_cr)
        return TERMINAL_EV_NONE;
    if (c == '\r' || c == '\n')
        return end_line(terminal);
    if (terminal->is_discarding)
        return TERMINAL_EV_NONE;
    buf_put_char(&terminal->line, c);
    if (!buf_error(&terminal->line))
        return TERMINAL_EV_NONE;
    terminal->is_discarding = true;
    return TERMINAL_EV_TOO_LONG;
}

static size_t take_line_data(struct terminal *terminal, struct bytes data, enum terminal_event *ret_event)
{
    size_t used = 0;

    while (used < data.len && *ret_event == TERMINAL_EV_NONE)
        *ret_event = take_byte(terminal, data.ptr[used++]);
    return used;
}

bool terminal_take_rest(struct terminal *terminal)
{
    if (terminal->editor || terminal->is_complete || terminal->is_discarding || terminal->line.len == 0)
        return false;
    return end_line(terminal) == TERMINAL_EV_LINE;
}

/* ---- keys and events ---- */

static size_t take_keys(struct terminal *terminal, struct bytes keys, enum terminal_event *ret_event)
{
    static const enum terminal_event events[] = {
        [EDITOR_EV_NONE] = TERMINAL_EV_NONE,
        [EDITOR_EV_LINE] = TERMINAL_EV_LINE,
        [EDITOR_EV_LEAVE] = TERMINAL_EV_LEAVE,
    };
    enum editor_event event;
    size_t used = editor_feed(terminal->editor, keys, &terminal->out, &event);

    terminal->current = editor_line(terminal->editor);
    *ret_event = events[event];
    return used;
}

static size_t take_data(struct terminal *terminal, struct bytes data, enum terminal_event *ret_event)
{
    return terminal->editor ? take_keys(terminal, data, ret_event)
                            : take_line_data(terminal, data, ret_event);
}

/* A command that stands for a key; in line mode the client has erased for itself, or cannot. */
static void take_command(struct terminal *terminal, enum telnet_event_kind kind,
                         enum terminal_event *ret_event)
{
    bool erases_line = kind == TELNET_EV_EL || kind == TELNET_EV_IP;

    if (terminal->editor)
        take_keys(terminal,
                  kind == TELNET_EV_EC   ? KEYS_ERASE_CHARACTER
                  : kind == TELNET_EV_EL ? KEYS_ERASE_LINE
                  : kind == TELNET_EV_IP ? KEYS_INTERRUPT
                                         : KEYS_END,
                  ret_event);
    else if (kind == TELNET_EV_EOF && terminal->line.len == 0)
        *ret_event = TERMINAL_EV_LEAVE;
    else if (erases_line && !terminal->is_discarding)
        reset_line(terminal);
    else if (kind == TELNET_EV_EC && terminal->line.len > 0)
        buf_truncate(&terminal->line, terminal->line.len - 1);
}

static void take_type(struct terminal *terminal, struct bytes name)
{
    if (terminal->editor)
        return;
    telnet_set_remote(&terminal->telnet, TELNET_NAWS, true, &terminal->out);
    if (telnet_is_terminal(name)) {
        outbox_set_fact(&terminal->session->outbox, WIRE_FACT_TERMINAL, true);
        outbox_set_fact(&terminal->session->outbox, WIRE_FACT_256COLOR, telnet_has_256_colours(name));
        if (terminal->line.len == 0)
            update_mode(terminal);
    } else if (telnet_wants_prompts(name)) {
        start_prompts(terminal);
    }
}

/* `telnet -l NAME` answers the question for a name, unless that was answered already. */
static void take_user(struct terminal *terminal, const char *name, enum terminal_event *ret_event)
{
    struct session *session = terminal->session;

    if (session->state != SESSION_ST_NAME || session->has_answered)
        return;
    bytes_copy(bytes_of(name), terminal->user, sizeof(terminal->user));
    terminal->current = bytes_of(terminal->user);
    *ret_event = TERMINAL_EV_LINE;
}

static void take_event(struct terminal *terminal, const struct telnet_event *event,
                       enum terminal_event *ret_event)
{
    switch (event->kind) {
    case TELNET_EV_AYT:
        terminal->is_asked = true;
        break;
    case TELNET_EV_IP:
    case TELNET_EV_EC:
    case TELNET_EV_EL:
    case TELNET_EV_EOF:
        take_command(terminal, event->kind, ret_event);
        break;
    case TELNET_EV_TTYPE:
        take_type(terminal, bytes_of(event->name));
        break;
    case TELNET_EV_NAWS:
        terminal->width = event->width;
        terminal->height = event->height;
        terminal->is_resized = true;
        break;
    case TELNET_EV_USER:
        take_user(terminal, event->name, ret_event);
        break;
    case TELNET_EV_OPTION:
        /* It echoes by itself, or sends whole lines: what the editor draws would be there twice. */
        if (event->is_local && !event->is_on && terminal->editor &&
            (event->option == TELNET_ECHO || event->option == TELNET_SGA)) {
            terminal->has_refused = true;
            stop_editor(terminal);
        }
        break;
    case TELNET_EV_NONE:
    case TELNET_EV_DATA:
    case TELNET_EV_AO:
    case TELNET_EV_BREAK:
        break;
    }
}

int64_t terminal_wait_ms(struct terminal *terminal)
{
    int64_t now_ms = clock_mono_ms(terminal->session->env->clock);
    int64_t wait_ms =
        terminal->unpaid_bytes ? bucket_take(&terminal->keys, (int64_t)terminal->unpaid_bytes, now_ms) : 0;

    if (wait_ms == 0)
        terminal->unpaid_bytes = 0;
    return wait_ms;
}

size_t terminal_feed(struct terminal *terminal, struct bytes raw, enum terminal_event *ret_event)
{
    struct telnet_event event;
    size_t used = 0;

    *ret_event = TERMINAL_EV_NONE;
    if (terminal->is_complete)
        reset_line(terminal);
    if (terminal->is_mode_due)
        update_mode(terminal);
    while (used < raw.len && *ret_event == TERMINAL_EV_NONE) {
        struct bytes rest = bytes_slice(raw, used, raw.len);
        size_t n = telnet_step(&terminal->telnet, rest, &event, &terminal->out);
        if (event.kind == TELNET_EV_DATA)
            used += n - event.data.len + take_data(terminal, event.data, ret_event);
        else
            used += n;
        take_event(terminal, &event, ret_event);
    }
    if (terminal->is_mode_due && *ret_event == TERMINAL_EV_NONE)
        update_mode(terminal);
    terminal->unpaid_bytes += used;
    flush(terminal);
    return used;
}
