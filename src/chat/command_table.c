/* The beginning of the command table, which is what people can type, in the order of /help: what one does all day. How a
 * line is held against the table is in command.c. */
#include "chat/command.h"

#include "base/attr.h"
#include "chat/cmd.h"
#include "chat/command_table.h"

static const struct command table[] = {
    {
        .name = "help",
        .words_max = 1,
        .flags = COMMAND_F_EVERYDAY,
        .cost = 1,
        .arguments = "[COMMAND]",
        .summary = "list the commands, or explain one",
        .help = "Example: /help join",
        .handler = cmd_user_help,
    },
    {
        .name = "msg",
        .aliases = {"tell", "w"},
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED | COMMAND_F_EVERYDAY,
        .cost = 1,
        .arguments = "NAME TEXT",
        .summary = "say something to one person only",
        .help = "Example: /msg alice are you there?",
        .handler = cmd_talk_msg,
    },
    {
        .name = "reply",
        .aliases = {"r"},
        .flags = COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED | COMMAND_F_EVERYDAY,
        .cost = 1,
        .arguments = "TEXT",
        .summary = "answer the last private message",
        .help = "Example: /r yes, here",
        .handler = cmd_talk_reply,
    },
    {
        .name = "me",
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SPEAKS | COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED |
                 COMMAND_F_EVERYDAY,
        .cost = 1,
        .arguments = "TEXT",
        .summary = "say what you do",
        .help = "Example: \"/me waves\" shows \"* bob waves\" to bob's current room.",
        .handler = cmd_talk_me,
    },
    {
        .name = "join",
        .aliases = {"j"},
        .words_min = 1,
        .words_max = 2,
        .flags = COMMAND_F_EVERYDAY,
        .cost = 2,
        .arguments = "#ROOM [KEY]",
        .summary = "enter a room, or open a new one",
        .help = "Example: /join #ops\nThe room becomes your current one. The # may be left out.\n"
                "Who opens a room is its operator.",
        .handler = cmd_room_join,
    },
    {
        .name = "part",
        .aliases = {"leave"},
        .words_max = 1,
        .flags = COMMAND_F_TEXT | COMMAND_F_ROOM_WORD | COMMAND_F_EVERYDAY,
        .cost = 1,
        .arguments = "[#ROOM] [WHY]",
        .summary = "leave a room",
        .help = "Example: /part #ops see you tomorrow\nWithout #ROOM you leave your current room.",
        .handler = cmd_room_part,
    },
    {
        .name = "switch",
        .aliases = {"s"},
        .words_min = 1,
        .words_max = 1,
        .cost = 1,
        .arguments = "#ROOM",
        .summary = "make one of your rooms the current one",
        .help = "Example: /switch #ops\nThe beginning of its name is enough: /s op",
        .handler = cmd_room_switch,
    },
    {
        .name = "rooms",
        .aliases = {"list"},
        .flags = COMMAND_F_EVERYDAY | COMMAND_F_TEXT,
        .cost = 2,
        .arguments = "[MASK|>N|<N]",
        .summary = "list the rooms",
        .help = "Example: /rooms dev* >5\n> and < are about how many people there are.",
        .handler = cmd_list_rooms,
    },
    {
        .name = "names",
        .aliases = {"users"},
        .words_max = 1,
        .flags = COMMAND_F_EVERYDAY,
        .cost = 2,
        .arguments = "[#ROOM]",
        .summary = "list who is in a room",
        .help =
            "Example: /names #ops\nWithout #ROOM it lists your current room.\n@ marks operators, + who may talk in a moderated room.",
        .handler = cmd_list_names,
    },
    {
        .name = "nick",
        .aliases = {"name"},
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_EVERYDAY,
        .cost = 2,
        .arguments = "NAME",
        .summary = "change your name",
        .help = "Example: /nick bob2",
        .handler = cmd_user_nick,
    },
    {
        .name = "topic",
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT | COMMAND_F_SHOWS_ALONE,
        .role = POLICY_OPERATOR,
        .operator_if_mode = ROOM_MODE_TOPIC_LOCK,
        .cost = 2,
        .arguments = "[TEXT]",
        .summary = "show or set the topic of your current room",
        .help = "Example: /topic Release on Friday\n\"/topic -\" clears it.",
        .handler = cmd_room_topic,
    },
    {
        .name = "paste",
        .flags = COMMAND_F_SESSION,
        .act = COMMAND_ACT_PASTE,
        .cost = 1,
        .arguments = "",
        .summary = "send several lines as one message",
        .help =
            "Type or paste the lines, then a line that is only \".\", and they are sent. /cancel drops them.\n"
            "At most 50 lines and 4096 bytes.",
    },
    {
        .name = "history",
        .aliases = {"last"},
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .arguments = "[N|2h|yesterday]",
        .summary = "show what was said in your current room",
        .help = "Example: /history 20, or /history 2h, or /history yesterday\n"
                "The newest is last; at most 200 messages.",
        .handler = cmd_server_history,
    },
    {
        .name = "who",
        .words_max = 1,
        .cost = 2,
        .arguments = "[MASK|#ROOM]",
        .summary = "list who is on the server, or in a room",
        .help = "Example: /who al*",
        .handler = cmd_list_who,
    },
    {
        .name = "whois",
        .words_min = 1,
        .words_max = 1,
        .cost = 2,
        .arguments = "NAME",
        .summary = "tell about one person",
        .help = "Example: /whois alice",
        .handler = cmd_people_whois,
    },
    {
        .name = "away",
        .flags = COMMAND_F_TEXT,
        .cost = 1,
        .arguments = "[WHY]",
        .summary = "say that you are away; who writes to you is told once",
        .help = "Example: /away lunch",
        .handler = cmd_people_away,
    },
    {
        .name = "back",
        .cost = 1,
        .arguments = "",
        .summary = "say that you are back",
        .handler = cmd_people_back,
    },
    {
        .name = "ignore",
        .words_max = 1,
        .cost = 1,
        .arguments = "[NAME]",
        .summary = "do not show what somebody says; alone: list whom you ignore",
        .help = "Example: /ignore troll",
        .handler = cmd_people_ignore,
    },
    {
        .name = "unignore",
        .words_min = 1,
        .words_max = 1,
        .cost = 1,
        .arguments = "NAME",
        .summary = "show it again",
        .help = "Example: /unignore troll",
        .handler = cmd_people_unignore,
    },
    {
        .name = "invite",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .operator_if_mode = ROOM_MODE_INVITE_ONLY,
        .arguments = "NAME",
        .summary = "ask somebody into your current room",
        .help = "Example: /invite carol\n"
                "An invitation opens the room once, whatever its modes are.",
        .handler = cmd_role_invite,
    },
};

/* Its text is not "required": an empty one has a refusal of its own, not a hint how to use "say". */
static const struct command say = {
    .name = "say",
    .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SPEAKS | COMMAND_F_TEXT,
    .cost = 1,
    .arguments = "TEXT",
    .summary = "say something in your current room",
    .handler = cmd_talk_say,
};

static const struct command_table first = {table, ARRAY_LEN(table)};

const struct command *command_row(size_t index)
{
    static const struct command_table *const parts[] = {&first, &command_table_room, &command_table_server,
                                                        &command_table_people};

    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (index < parts[i]->count)
            return &parts[i]->rows[index];
        index -= parts[i]->count;
    }
    return NULL;
}

const struct command *command_say(void)
{
    return &say;
}
