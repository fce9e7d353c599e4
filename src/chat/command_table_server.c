/* The part of the command table about the connection and the server, with what operators of the server do. */
#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/command_table.h"

static const struct command table[] = {
    {
        .name = "set",
        .words_max = 2,
        .cost = 1,
        .arguments = "[OPTION VALUE]",
        .summary = "choose how things are shown to you; alone: list the options",
        .help =
            "Example: /set time iso\n"
            "time on, off, iso; tz server, UTC, Europe/Paris: when things happened.\n"
            "joins smart (not in large rooms), on, off. echo: your own lines are sent back to you.\n"
            "colour, bell on (your name, private), all, off: for terminals. width: columns of lists.\n"
            "plain on: nothing is drawn, for screen readers. edit off: no editor. format json: for programs.",
        .handler = cmd_option_set,
    },
    {.name = "time",
     .cost = 1,
     .arguments = "",
     .summary = "show the server's time",
     .handler = cmd_server_time},
    {.name = "ping", .cost = 1, .arguments = "", .summary = "get an answer", .handler = cmd_server_ping},
    {.name = "version",
     .cost = 1,
     .arguments = "",
     .summary = "show the server's version",
     .handler = cmd_server_version},
    {.name = "uptime",
     .cost = 1,
     .arguments = "",
     .summary = "show how long the server has been up",
     .handler = cmd_server_uptime},
    {.name = "motd",
     .cost = 2,
     .arguments = "",
     .summary = "show the message of the day",
     .handler = cmd_server_motd},
    {.name = "rules",
     .cost = 2,
     .arguments = "",
     .summary = "show the rules of this server",
     .handler = cmd_server_rules},
    {
        .name = "oper",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_TEXT | COMMAND_F_SESSION,
        .act = COMMAND_ACT_OPER,
        .cost = 5,
        .arguments = "NAME [PASSWORD]",
        .summary = "become an operator of the server",
        .help = "Example: /oper alice\n"
                "Without PASSWORD it is asked for, and hidden where that is possible. It is only taken over\n"
                "TLS or from the server's own machine. After five wrong ones you are disconnected.",
    },
    {.name = "deoper",
     .cost = 1,
     .role = POLICY_SERVER_OPERATOR,
     .arguments = "",
     .summary = "be no operator of the server any more",
     .handler = cmd_admin_deoper},
    {
        .name = "kill",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_TEXT,
        .cost = 1,
        .role = POLICY_SERVER_OPERATOR,
        .arguments = "NAME [WHY]",
        .summary = "disconnect somebody",
        .help = "Example: /kill troll spam\n"
                "Nothing keeps them from coming back.",
        .handler = cmd_admin_kill,
    },
    {
        .name = "wall",
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED,
        .cost = 2,
        .role = POLICY_SERVER_OPERATOR,
        .arguments = "TEXT",
        .summary = "say something to everybody on the server",
        .help = "Example: /wall We restart at 15:00, for a minute.",
        .handler = cmd_admin_wall,
    },
    {
        .name = "quit",
        .aliases = {"exit", "bye"},
        .flags = COMMAND_F_TEXT | COMMAND_F_SESSION | COMMAND_F_EVERYDAY,
        .act = COMMAND_ACT_QUIT,
        .arguments = "[WHY]",
        .summary = "leave the server",
        .help = "Example: /quit see you tomorrow",
    },
};

const struct command_table command_table_server = {table, ARRAY_LEN(table)};
