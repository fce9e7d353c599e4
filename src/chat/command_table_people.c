/* The end of the command table: what one wants to know of people, and what one says of oneself. */
#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/command_table.h"

static const struct command table[] = {
    {
        .name = "realname",
        .aliases = {"setname"},
        .flags = COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "[TEXT]",
        .summary = "show or set what /whois says of you besides your name",
        .help = "Example: /realname Alice Liddell\n\"/realname -\" clears it.",
        .handler = cmd_profile_realname,
    },
    {
        .name = "whowas",
        .words_min = 1,
        .words_max = 2,
        .cost = 2,
        .arguments = "NAME [N]",
        .summary = "tell about somebody who has left or changed the name",
        .help = "Example: /whowas carol\nWithout N the last five are shown. After a day they are forgotten.",
        .handler = cmd_present_whowas,
    },
    {
        .name = "watch",
        .flags = COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "[NAME...]",
        .summary = "be told when somebody comes and goes; alone: list whom you watch",
        .help = "Example: /watch carol\nThe name need not be taken yet. At most 100.",
        .handler = cmd_watch_watch,
    },
    {
        .name = "unwatch",
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 1,
        .arguments = "NAME...|*",
        .summary = "be told no longer",
        .help = "Example: /unwatch carol",
        .handler = cmd_watch_unwatch,
    },
    {
        .name = "stats",
        .aliases = {"lusers"},
        .cost = 2,
        .arguments = "",
        .summary = "show how many people and rooms there are",
        .handler = cmd_present_counts,
    },
};

const struct command *command_table_people(size_t index)
{
    return index < ARRAY_LEN(table) ? &table[index] : NULL;
}
