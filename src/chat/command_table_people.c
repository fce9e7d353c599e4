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
