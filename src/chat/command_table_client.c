/* What only programs ask for: rows without a slash form, for the dialects that have words of their own for it. People
 * have other commands for the same. */
#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/command.h"

static const struct command table[] = {
    {
        .name = "leave-all",
        .flags = COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "",
        .summary = "leave all rooms",
        .handler = cmd_room_leave_all,
    },
    {
        .name = "voiced",
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SPEAKS | COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 2,
        .arguments = "TEXT",
        .summary = "say something to the operators of a room and who has voice there",
        .handler = cmd_role_say_voiced,
    },
    {
        .name = "tags",
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SPEAKS,
        .cost = 1,
        .arguments = "",
        .summary = "tell programs in a room something",
        .handler = cmd_talk_tags,
    },
    {
        .name = "tags-to",
        .words_min = 1,
        .words_max = 1,
        .cost = 1,
        .arguments = "NAME",
        .summary = "tell the program of one person something",
        .handler = cmd_talk_tags_to,
    },
    {
        .name = "modes-of-user",
        .words_max = 2,
        .cost = 1,
        .arguments = "[hidden|wallops|bot on|off]",
        .summary = "show or change the modes of oneself",
        .handler = cmd_profile_modes,
    },
    {
        .name = "modes-of-other",
        .words_min = 1,
        .words_max = 1,
        .cost = 1,
        .arguments = "NAME",
        .summary = "tell that the modes of others are theirs",
        .handler = cmd_profile_modes_of,
    },
    {
        .name = "who-fields",
        .words_max = 2,
        .cost = 2,
        .arguments = "MASK|#ROOM FIELDS",
        .summary = "list people, with what comes back with the answer",
        .handler = cmd_list_who,
    },
    {
        .name = "ison",
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 1,
        .arguments = "NAME...",
        .summary = "tell which of these people are here",
        .handler = cmd_present_which,
    },
    {
        .name = "userhost",
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 1,
        .arguments = "NAME...",
        .summary = "tell which of these people are here, and how they are",
        .handler = cmd_present_which,
    },
    {
        /* Of request->range; without a word of all of the user's rooms. The text is the program's word for it. */
        .name = "range",
        .words_max = 1,
        .flags = COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "[#ROOM]",
        .summary = "read a part of what was said",
        .handler = cmd_range_read,
    },
    {
        /* The message at request->range->from. The word is the program's for it. */
        .name = "redact",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "MESSAGE [WHY]",
        .summary = "take back what was said",
        .handler = cmd_redact,
    },
    {
        .name = "server-stats",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_SESSION,
        .act = COMMAND_ACT_STATS,
        .cost = 2,
        .arguments = "m|o",
        .summary = "tell what the server has counted, or who may become its operator",
    },
    {
        .name = "watch-status",
        .cost = 2,
        .arguments = "",
        .summary = "tell how all are whom one watches",
        .handler = cmd_watch_status,
    },
};

const struct command *command_client(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (bytes_eq(bytes_of(table[i].name), name))
            return &table[i];
    }
    return NULL;
}
