/* About the server and what was said on it: /history, /time, /ping, /version, /uptime, /motd, /rules. */
#include <errno.h>
#include <time.h>

#include "chat/cmd.h"
#include "chat/duration.h"
#include "chat/hub_private.h"
#include "chat/room.h"
#include "chat/user.h"

#define HISTORY_DEFAULT 20

/* The start of yesterday in the server's zone; a day has not always 24 hours. */
static int64_t yesterday_ms(int64_t wall_ms)
{
    time_t now = (time_t)(wall_ms / 1000);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL)
        return wall_ms;
    tm.tm_mday--;
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    tm.tm_isdst = -1;
    return (int64_t)mktime(&tm) * 1000;
}

/* A number of messages, a duration, or "yesterday". */
static bool parse_extent(struct hub *hub, struct bytes word, uint32_t *ret_count, int64_t *ret_since_ms)
{
    int64_t now_ms = clock_wall_ms(hub->clock), ms;
    uint64_t count;

    if (bytes_parse_u64(word, UINT32_MAX, &count) == 0 && count > 0) {
        *ret_count = count < CHAT_HISTORY_MAX ? (uint32_t)count : CHAT_HISTORY_MAX;
        *ret_since_ms = 0;
        return true;
    }
    if (bytes_eq_nocase(word, BYTES("yesterday")))
        *ret_since_ms = yesterday_ms(now_ms);
    else if (duration_parse(word, &ms))
        *ret_since_ms = now_ms - ms;
    else
        return false;
    *ret_count = CHAT_HISTORY_MAX;
    return true;
}

int cmd_server_history(struct hub *hub, struct user *user, const struct chat_request *request)
{
    struct chat_event_spec spec = cmd_spec_reply(CHAT_EV_HISTORY, user, user->current->room);

    spec.count = HISTORY_DEFAULT;
    if (request->word_count > 0 && !parse_extent(hub, request->words[0], &spec.count, &spec.time_ms))
        return hub_refuse(hub, user, CHAT_ERR_TIME_BAD, request->words[0], BYTES(""));
    return cmd_tell(hub, &spec);
}

static int tell(struct hub *hub, const struct user *user, enum chat_event_kind kind)
{
    struct chat_event_spec spec = cmd_spec_reply(kind, user, NULL);

    if (kind == CHAT_EV_VERSION)
        spec.text = bytes_of(hub->config.version);
    if (kind == CHAT_EV_MOTD)
        spec.text = hub->texts.motd;
    if (kind == CHAT_EV_RULES)
        spec.text = hub->texts.rules;
    if (kind == CHAT_EV_UPTIME) {
        spec.count = (uint32_t)((hub_now_ms(hub) - hub->start_ms) / 1000);
        spec.time_ms = hub->start_wall_ms;
    }
    return cmd_tell(hub, &spec);
}

int cmd_server_time(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_TIME);
}

int cmd_server_ping(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_PONG);
}

int cmd_server_version(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_VERSION);
}

int cmd_server_uptime(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_UPTIME);
}

int cmd_server_motd(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_MOTD);
}

int cmd_server_rules(struct hub *hub, struct user *user, const struct chat_request *request)
{
    (void)request;
    return tell(hub, user, CHAT_EV_RULES);
}
