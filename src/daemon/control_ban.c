/* Who gets in and who does not: kick, ban, unban, bans, why. */
#include <errno.h>
#include <inttypes.h>

#include "base/log_event.h"
#include "chat/duration.h"
#include "chat/user.h"
#include "daemon/control_command.h"
#include "daemon/server.h"

static struct bytes rest_of(const struct control_call *call, size_t index, struct buf *out)
{
    buf_init(out, CONTROL_LINE_BYTES_MAX);
    control_call_rest(call, index, out);
    return buf_bytes(out);
}

/* ---- kick ---- */

/* By number or name; NULL: there is none. */
static struct session *find_session(struct control_call *call, struct bytes word)
{
    uint64_t id = 0;
    struct session *session;
    bool is_id = bytes_parse_u64(word, UINT64_MAX, &id) == 0;

    while ((session = control_call_next_session(call)) != NULL) {
        if (is_id ? session->id == id : session->user && bytes_eq_nocase(user_name(session->user), word))
            return session;
    }
    return NULL;
}

enum control_progress control_kick(struct control_call *call)
{
    struct bytes word = control_call_word(call, 0);
    struct session *session = find_session(call, word);
    struct buf why;

    if (!session)
        return control_call_fail(call, CONTROL_FAILED,
                                 "there is no session or name %.*s; `sessions` lists them", BYTES_ARG(word));
    if (session->has_reason)
        return control_call_fail(call, CONTROL_FAILED, "session %" PRIu64 " is ending already", session->id);
    session_expel(session, CLOSE_KICKED, rest_of(call, 1, &why));
    buf_done(&why);
    control_call_say(call, "Session %" PRIu64 " is being ended.", session->id);
    return CONTROL_DONE;
}

/* ---- bans ---- */

static enum control_progress complain_mask(struct control_call *call, struct bytes mask)
{
    struct addr_block block;
    const char *why = "";

    if (bytes_find(mask, '/') < mask.len && addr_block_parse(mask, &block, &why) < 0)
        return control_call_fail(call, CONTROL_USAGE, "%.*s: %s", BYTES_ARG(mask), why);
    return control_call_fail(call, CONTROL_USAGE,
                             "%.*s is no mask; write 192.0.2.7, 2001:db8::/32, troll* or *@192.0.2.*",
                             BYTES_ARG(mask));
}

static enum control_progress ban_begin(struct control_call *call)
{
    struct ban_list *bans = &call->server->bans;
    struct bytes mask = control_call_word(call, 0);
    int64_t now_ms = clock_mono_ms(clock_system()), ms = 0;
    bool has_end = duration_parse(control_call_word(call, 1), &ms);
    const struct ban *ban;
    struct buf why;

    ban_list_purge(bans, now_ms);
    int r = ban_list_add(bans, mask, has_end ? now_ms + ms : BAN_FOREVER,
                         rest_of(call, has_end ? 2 : 1, &why), &ban);
    buf_done(&why);
    if (r == -EINVAL)
        return complain_mask(call, mask);
    if (r < 0)
        return control_call_fail(call, CONTROL_FAILED,
                                 r == -ENOSPC ? "there are too many bans; see `bans`"
                                              : "the server is out of memory");
    log_event(LOG_KIND_BAN_ADDED, LOG_LEVEL_NOTICE, LOG_STR("mask", ban->mask), LOG_STR("why", ban->why),
              LOG_INT("for_ms", has_end ? ms : -1));
    return CONTROL_MORE;
}

/* The ban that was made; NULL when it is gone again. */
static const struct ban *made_ban(const struct control_call *call)
{
    LIST_FOREACH(ban, &call->server->bans.bans, struct ban, link) {
        if (bytes_eq_nocase(bytes_of(ban->mask), control_call_word(call, 0)))
            return ban;
    }
    return NULL;
}

/* First the ban; then those who are here, a piece at a time. counts[0]: how many were sent away. */
enum control_progress control_ban(struct control_call *call)
{
    if (call->step++ == 0)
        return ban_begin(call);
    const struct ban *ban = made_ban(call);
    for (size_t i = 0; ban && i < CONTROL_PIECE; i++) {
        struct session *session = control_call_next_session(call);
        if (!session) {
            control_call_say(call, "%s is banned; %zu of those who are here had to go.", ban->mask,
                             call->counts[0]);
            return CONTROL_DONE;
        }
        struct bytes name = session->user ? user_name(session->user) : (struct bytes){NULL, 0};
        struct addr peer = session_peer(session);
        if (!session->has_reason && ban_matches(ban, &peer, name)) {
            session_expel(session, CLOSE_BANNED, bytes_of(ban->why));
            call->counts[0]++;
        }
    }
    if (!ban)
        return control_call_fail(call, CONTROL_FAILED, "the ban is gone again");
    return CONTROL_MORE;
}

enum control_progress control_unban(struct control_call *call)
{
    struct bytes mask = control_call_word(call, 0);

    if (!ban_list_remove(&call->server->bans, mask))
        return control_call_fail(call, CONTROL_FAILED, "there is no ban %.*s; `bans` lists them",
                                 BYTES_ARG(mask));
    log_event(LOG_KIND_BAN_REMOVED, LOG_LEVEL_NOTICE, LOG_TEXT("mask", mask));
    control_call_say(call, "%.*s is no longer banned.", BYTES_ARG(mask));
    return CONTROL_DONE;
}

enum control_progress control_bans(struct control_call *call)
{
    static const struct table_column columns[] = {
        {"mask", "MASK", false}, {"left_ms", "ENDS IN", true}, {"why", "WHY", false}};
    int64_t now_ms = clock_mono_ms(clock_system());

    ban_list_purge(&call->server->bans, now_ms);
    table_init(&call->table, columns, ARRAY_LEN(columns), CONTROL_TABLE_BYTES_MAX);
    LIST_FOREACH(ban, &call->server->bans.bans, struct ban, link) { /* few, see BAN_LIST_MAX */
        table_text(&call->table, bytes_of(ban->mask));
        table_ms(&call->table, ban->until_ms == BAN_FOREVER ? -1 : ban->until_ms - now_ms);
        table_text(&call->table, bytes_of(ban->why));
    }
    return CONTROL_DONE;
}

/* ---- why ---- */

/* "would be refused" is an answer, not a failure. */
static void answer_why(struct control_call *call, struct bytes word, const struct addr *addr)
{
    const struct server *server = call->server;
    const struct registry_config *limits = &server->registry.config;
    const struct ban *ban =
        ban_list_find(&server->bans, addr, (struct bytes){NULL, 0}, clock_mono_ms(clock_system()));
    size_t count, unnamed;
    int r = registry_ask(&server->registry, addr, &count, &unnamed);

    if (server->session_env.is_draining)
        control_call_say(call, "Refused: the server takes no new connections; `drain off` ends that.");
    else if (r == -ENFILE)
        control_call_say(call,
                         "Refused: the server is full, %zu connections are the most (limits.sessions, "
                         "and the limit of open files).",
                         limits->sessions);
    else if (ban)
        control_call_say(call, "Refused: banned by %s%s%s; `unban %s` takes that back.", ban->mask,
                         ban->why[0] ? ": " : "", ban->why, ban->mask);
    else if (r == -EUSERS)
        control_call_say(call, "Refused: %.*s has %zu connections, the most (limits.per_address).",
                         BYTES_ARG(word), count);
    else if (r == -EBUSY)
        control_call_say(call,
                         "Refused: %zu connections of %.*s have no name yet, the most "
                         "(limits.unnamed_per_address).",
                         unnamed, BYTES_ARG(word));
    else
        control_call_say(call, "Admitted: %.*s has %zu connections, %zu of them without a name.",
                         BYTES_ARG(word), count, unnamed);
}

enum control_progress control_why(struct control_call *call)
{
    struct bytes word = control_call_word(call, 0);
    struct addr addr;

    if (control_call_parse_host(word, &addr) < 0)
        return control_call_fail(call, CONTROL_USAGE,
                                 "%.*s is no address; write numbers, as 192.0.2.7 or 2001:db8::1, or unix",
                                 BYTES_ARG(word));
    answer_why(call, word, &addr);
    return CONTROL_DONE;
}
