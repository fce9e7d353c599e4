/* The end of the command table: what one wants to know of people, what one says of oneself; then /reload and /rename,
 * which came last. */
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
        .name = "ops",
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SPEAKS | COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 2,
        .arguments = "TEXT",
        .summary = "say something to the operators of your current room only",
        .help = "Example: /ops Can somebody look at what troll says?",
        .handler = cmd_role_say_operators,
    },
    {
        .name = "invites",
        .cost = 2,
        .arguments = "",
        .summary = "list the rooms that you are invited to",
        .handler = cmd_list_invites,
    },
    {
        .name = "wallops",
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 2,
        .role = POLICY_SERVER_OPERATOR,
        .arguments = "TEXT",
        .summary = "say something to the other operators of the server",
        .help =
            "Example: /wallops I look after the flood in #lobby.\nClients of IRC read it, too, with user mode w.",
        .handler = cmd_admin_wallops,
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
    {
        .name = "reload",
        .aliases = {"rehash"},
        .flags = COMMAND_F_SESSION,
        .act = COMMAND_ACT_RELOAD,
        .cost = 5,
        .role = POLICY_SERVER_OPERATOR,
        .arguments = "",
        .summary = "have the server read its settings again",
        .help = "It is what `minglectl reload` does. What came of it is told to you when it is done.",
    },
    {
        .name = "rename",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT,
        .cost = 5,
        .role = POLICY_OPERATOR,
        .arguments = "#NEW [WHY]",
        .summary = "give your current room another name",
        .help = "Example: /rename #devops more than one team now\n"
                "Who and what is in it stays. The old name is free at once.",
        .handler = cmd_rename,
    },
};

const struct command_table command_table_people = {table, ARRAY_LEN(table)};
