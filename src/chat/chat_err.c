/* The names of refusals, for what programs read: they stay as they are. */
#include "chat/chat_err.h"

#include "base/attr.h"
#include "base/check.h"

static const char *const names[CHAT_ERR_COUNT] = {
    [CHAT_ERR_NAME_BAD] = "name-bad",
    [CHAT_ERR_NAME_TAKEN] = "name-taken",
    [CHAT_ERR_NO_SUCH_USER] = "no-such-user",
    [CHAT_ERR_NO_SUCH_ROOM] = "no-such-room",
    [CHAT_ERR_ROOM_NAME_BAD] = "room-name-bad",
    [CHAT_ERR_NOT_IN_ROOM] = "not-in-room",
    [CHAT_ERR_ALREADY_IN_ROOM] = "already-in-room",
    [CHAT_ERR_NO_CURRENT_ROOM] = "no-current-room",
    [CHAT_ERR_TOO_MANY_ROOMS] = "too-many-rooms",
    [CHAT_ERR_NOBODY_TO_REPLY] = "nobody-to-reply",
    [CHAT_ERR_UNKNOWN_COMMAND] = "unknown-command",
    [CHAT_ERR_USAGE] = "usage",
    [CHAT_ERR_LEADING_SPACE] = "leading-space",
    [CHAT_ERR_BARE_WORD] = "bare-word",
    [CHAT_ERR_TEXT_EMPTY] = "text-empty",
    [CHAT_ERR_LINE_TOO_LONG] = "line-too-long",
    [CHAT_ERR_NOT_OPERATOR] = "not-operator",
    [CHAT_ERR_BANNED] = "banned",
    [CHAT_ERR_INVITE_ONLY] = "invite-only",
    [CHAT_ERR_KEY_NEEDED] = "key-needed",
    [CHAT_ERR_KEY_WRONG] = "key-wrong",
    [CHAT_ERR_ROOM_FULL] = "room-full",
    [CHAT_ERR_MUTED] = "muted",
    [CHAT_ERR_MODERATED] = "moderated",
    [CHAT_ERR_SLOW_MODE] = "slow-mode",
    [CHAT_ERR_NOT_YOURSELF] = "not-yourself",
    [CHAT_ERR_SERVER_OPERATOR] = "server-operator",
    [CHAT_ERR_TARGET_OPERATOR] = "target-operator",
    [CHAT_ERR_NOT_THERE] = "not-there",
    [CHAT_ERR_THERE_ALREADY] = "there-already",
    [CHAT_ERR_MASK_BAD] = "mask-bad",
    [CHAT_ERR_LIST_FULL] = "list-full",
    [CHAT_ERR_NOT_LISTED] = "not-listed",
    [CHAT_ERR_TIME_BAD] = "time-bad",
    [CHAT_ERR_OPTION_UNKNOWN] = "option-unknown",
    [CHAT_ERR_OPTION_BAD] = "option-bad",
    [CHAT_ERR_ZONE_UNKNOWN] = "zone-unknown",
    [CHAT_ERR_ZONES_MISSING] = "zones-missing",
    [CHAT_ERR_ROOM_CLOSED] = "room-closed",
    [CHAT_ERR_NOT_SERVER_OPERATOR] = "not-server-operator",
    [CHAT_ERR_PASSWORD_WRONG] = "password-wrong",
    [CHAT_ERR_PASSWORD_UNSAFE] = "password-unsafe",
    [CHAT_ERR_PASSWORD_LATER] = "password-later",
    [CHAT_ERR_PASSWORD_CANCELLED] = "password-cancelled",
    [CHAT_ERR_NOBODY_ADDRESSED] = "nobody-addressed",
    [CHAT_ERR_NO_HISTORY] = "no-history",
    [CHAT_ERR_NO_SUCH_MESSAGE] = "no-such-message",
    [CHAT_ERR_NOT_YOUR_MESSAGE] = "not-your-message",
    [CHAT_ERR_MESSAGE_OLD] = "message-old",
    [CHAT_ERR_MODES_OF_OTHER] = "modes-of-other",
    [CHAT_ERR_ROOM_NAME_TAKEN] = "room-name-taken",
    [CHAT_ERR_ROOM_NAME_FIXED] = "room-name-fixed",
    [CHAT_ERR_NO_MEMORY] = "no-memory",
};

const char *chat_err_str(enum chat_err err)
{
    if (err <= CHAT_OK || err >= CHAT_ERR_COUNT || !names[err])
        BUG("no such refusal: %d", (int)err);
    return names[err];
}
