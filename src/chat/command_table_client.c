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
