/* What the log tells: its level, and the traces of sessions. */
#include <inttypes.h>

#include "base/log_event.h"
#include "daemon/control_command.h"
#include "daemon/server.h"
#include "session/trace.h"

enum control_progress control_log(struct control_call *call)
{
    struct bytes word = control_call_word(call, 1);
    enum log_level level;

    if (!bytes_eq(control_call_word(call, 0), BYTES("level")))
        return control_call_fail(call, CONTROL_USAGE, "usage: %s", call->command->usage);
    if (word.len == 0) {
        control_call_say(call, "%s", log_level_str(log_level()));
        return CONTROL_DONE;
    }
    if (log_level_parse(word, &level) < 0)
        return control_call_fail(call, CONTROL_USAGE,
                                 "%.*s is no level; they are error, warning, notice, info and debug",
                                 BYTES_ARG(word));
    log_change_level(level);
    control_call_say(call, "The log level is %s now.", log_level_str(level));
    return CONTROL_DONE;
}

static enum control_progress trace_next(struct control_call *call, struct bytes word)
{
    struct session_env *env = &call->server->session_env;
    struct addr peer;

    if (bytes_eq(word, BYTES("off"))) {
        session_trace_next(env, NULL);
        control_call_say(call, "No session to come is traced.");
        return CONTROL_DONE;
    }
    if (control_call_parse_host(word, &peer) < 0)
        return control_call_fail(
            call, CONTROL_USAGE,
            "--next needs an address in numbers, as 192.0.2.7 or 2001:db8::1, unix, or off");
    session_trace_next(env, &peer);
    control_call_say(call, "The next session from %.*s is traced; `trace --next off` takes that back.",
                     BYTES_ARG(word));
    return CONTROL_DONE;
}

enum control_progress control_trace(struct control_call *call)
{
    struct bytes word = control_call_word(call, 0), option = control_call_word(call, 1);
    bool is_off = bytes_eq(option, BYTES("off"));
    uint64_t id;

    if (bytes_eq(word, BYTES("--next")))
        return trace_next(call, option);
    if (bytes_parse_u64(word, UINT64_MAX, &id) < 0 || (option.len > 0 && !is_off))
        return control_call_fail(call, CONTROL_USAGE, "usage: %s", call->command->usage);
    struct session *session = session_trace_find(&call->server->session_env, id);
    if (!session)
        return control_call_fail(call, CONTROL_FAILED,
                                 "there is no session %" PRIu64 "; `sessions` lists them", id);
    session_trace_set(session, !is_off);
    control_call_say(call,
                     is_off ? "Session %" PRIu64 " is not traced."
                            : "Session %" PRIu64 " is traced; see the log, MINGLE_SESSION=%" PRIu64
                              " in the journal.",
                     id, id);
    return CONTROL_DONE;
}
