/* Orders to the whole server: say, reload, drain, shutdown. */

#include "base/log_event.h"
#include "base/utf8.h"
#include "chat/duration.h"
#include "chat/hub.h"
#include "chat/room.h"
#include "daemon/control_command.h"
#include "daemon/notify.h"
#include "daemon/server.h"

/* ---- say ---- */

static enum control_progress say_begin(struct control_call *call)
{
    struct bytes word = control_call_word(call, 0);
    bool has_room = bytes_starts_with(word, BYTES("#")) && call->line->count > 2;
    const struct room *room = has_room ? hub_find_room(call->server->hub, word) : NULL;
    struct buf text;

    if (has_room && !room)
        return control_call_fail(call, CONTROL_FAILED, "there is no room %.*s; `rooms` lists them",
                                 BYTES_ARG(word));
    buf_init(&text, CONTROL_TELL_BYTES_MAX * 2);
    buf_put_text(&text, "The administrator says");
    if (room)
        buf_printf(&text, " to %.*s", BYTES_ARG(room_name(room)));
    buf_put_text(&text, ": ");
    control_call_rest(call, has_room, &text);
    control_tell_begin(&call->tell, call->server, room ? room->id : 0, buf_bytes(&text));
    buf_done(&text);
    return CONTROL_MORE;
}

enum control_progress control_say(struct control_call *call)
{
    if (call->step++ == 0)
        return say_begin(call);
    if (control_tell_step(&call->tell))
        return CONTROL_MORE;
    control_call_say(call, "Told %zu.", call->tell.told);
    return CONTROL_DONE;
}

/* ---- reload: the client does it, between the two steps ---- */

enum control_progress control_reload(struct control_call *call)
{
    if (call->step++ == 0) {
        log_event(LOG_KIND_RELOADING, LOG_LEVEL_NOTICE, LOG_STR("by", "minglectl"));
        call->wants_reload = true;
        return CONTROL_MORE;
    }
    bool is_good = call->verdict == 0;
    table_put_clean_lines(is_good ? &call->text : &call->complaint, buf_bytes(&call->notes));
    call->status = is_good ? CONTROL_OK : CONTROL_FAILED;
    return CONTROL_DONE;
}

/* ---- drain ---- */

enum control_progress control_drain(struct control_call *call)
{
    struct session_env *env = &call->server->session_env;
    struct bytes word = control_call_word(call, 0);
    bool is_off = bytes_eq(word, BYTES("off"));

    if (word.len > 0 && !is_off)
        return control_call_fail(call, CONTROL_USAGE, "usage: %s", call->command->usage);
    if (env->is_draining == is_off)
        log_event(LOG_KIND_DRAIN_SET, LOG_LEVEL_NOTICE, LOG_STR("state", is_off ? "off" : "on"));
    env->is_draining = !is_off;
    server_notify_status(call->server);
    if (is_off)
        control_call_say(call, "New connections are let in.");
    else
        control_call_say(call, "No new connections are let in; %zu go on.",
                         registry_count(&call->server->registry));
    return CONTROL_DONE;
}

/* ---- shutdown ---- */

static enum control_progress cancel_shutdown(struct control_call *call)
{
    struct control *control = &call->server->control;

    if (control->shutdown_at_ms == 0)
        return control_call_fail(call, CONTROL_FAILED, "no shutdown is announced");
    control->shutdown_at_ms = 0;
    log_event(LOG_KIND_SHUTDOWN_OFF, LOG_LEVEL_NOTICE,
              LOG_UINT("connections", registry_count(&call->server->registry)));
    co_event_set(&control->shutdown_changed);
    control_call_say(call, "The shutdown is called off.");
    return CONTROL_DONE;
}

static enum control_progress announce_shutdown(struct control_call *call, int64_t ms, size_t why_index)
{
    struct control *control = &call->server->control;
    struct buf why;

    buf_init(&why, CONTROL_LINE_BYTES_MAX);
    control_call_rest(call, why_index, &why);
    bytes_copy(utf8_prefix(buf_bytes(&why), CONTROL_WHY_BYTES_MAX), control->shutdown_why,
               sizeof(control->shutdown_why));
    buf_done(&why);
    log_event(LOG_KIND_SHUTDOWN_ASKED, LOG_LEVEL_NOTICE, LOG_STR("why", control->shutdown_why),
              LOG_INT("in_ms", ms));
    control->shutdown_at_ms = clock_mono_ms(clock_system()) + ms;
    co_event_set(&control->shutdown_changed);
    buf_put_text(&call->text, "The server shuts down in ");
    table_put_ms(&call->text, ms);
    buf_put_text(&call->text, "; `shutdown cancel` calls it off.\n");
    return CONTROL_DONE;
}

/* First everybody is told why; then it stops, and the answer is on its way before it does. */
static enum control_progress stop_now(struct control_call *call)
{
    struct buf text;

    if (call->step++ == 0) {
        buf_init(&text, CONTROL_TELL_BYTES_MAX * 2);
        buf_put_text(&text,
                     call->line->count > 1 ? "The server shuts down now: " : "The server shuts down now.");
        control_call_rest(call, 0, &text);
        control_tell_begin(&call->tell, call->server, 0, buf_bytes(&text));
        buf_done(&text);
    }
    if (control_tell_step(&call->tell))
        return CONTROL_MORE;
    log_event(LOG_KIND_SHUTDOWN_ASKED, LOG_LEVEL_NOTICE, LOG_STR("why", "now"), LOG_INT("in_ms", 0));
    server_stop(call->server);
    control_call_say(call, "The server stops.");
    return CONTROL_DONE;
}

enum control_progress control_shutdown(struct control_call *call)
{
    struct bytes word = control_call_word(call, 0);
    int64_t ms = 0;

    if (bytes_eq(word, BYTES("cancel")) && call->line->count == 2)
        return cancel_shutdown(call);
    if (bytes_eq(word, BYTES("--in"))) {
        if (!duration_parse(control_call_word(call, 1), &ms))
            return control_call_fail(call, CONTROL_USAGE, "--in needs a time, such as 30s, 10m or 2h");
        return announce_shutdown(call, ms, 2);
    }
    return stop_now(call);
}
