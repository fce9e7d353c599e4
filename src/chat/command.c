/* The command table and how a typed line is held against it. */
#include "chat/command.h"

#include "base/attr.h"
#include "base/check.h"
#include "chat/cmd.h"

#define SUGGEST_DISTANCE_MAX 2
#define SUGGEST_SHORT_BYTES 3 /* for words up to this length the distance is at most 1 */

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
        .flags = COMMAND_F_EVERYDAY,
        .cost = 2,
        .arguments = "",
        .summary = "list the rooms",
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
        .arguments = "[MASK]",
        .summary = "list who is on the server",
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
    {
        .name = "kick",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME [WHY]",
        .summary = "throw somebody out of your current room",
        .help = "Example: /kick troll enough of that",
        .handler = cmd_oper_kick,
    },
    {
        .name = "ban",
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "[NAME|MASK [DURATION] [WHY]]",
        .summary = "keep somebody out of your current room; alone: list the bans",
        .help = "Example: /ban troll 2h enough of that\n"
                "Durations are like 30s, 10m, 2h, 1d, 1w; without one it has no end.\n"
                "In masks * and ? stand for any characters: troll*. Whoever comes from where bob is: *@bob",
        .handler = cmd_oper_ban,
    },
    {
        .name = "unban",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME|MASK",
        .summary = "lift a ban",
        .help = "Example: /unban troll",
        .handler = cmd_oper_unban,
    },
    {
        .name = "mute",
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_TEXT,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "[NAME|MASK [DURATION] [WHY]]",
        .summary = "keep somebody silent in your current room; alone: list the mutes",
        .help = "Example: /mute troll 10m\n"
                "Durations and masks are as in /help ban.",
        .handler = cmd_oper_mute,
    },
    {
        .name = "unmute",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME|MASK",
        .summary = "lift a mute",
        .help = "Example: /unmute troll",
        .handler = cmd_oper_unmute,
    },
    {
        .name = "op",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME",
        .summary = "make somebody an operator of your current room",
        .help = "Example: /op carol",
        .handler = cmd_role_op,
    },
    {
        .name = "deop",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME",
        .summary = "take that role away",
        .help = "Example: /deop carol",
        .handler = cmd_role_deop,
    },
    {
        .name = "voice",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME",
        .summary = "let somebody talk while the room is moderated",
        .help = "Example: /voice carol",
        .handler = cmd_role_voice,
    },
    {
        .name = "devoice",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "NAME",
        .summary = "take that right away",
        .help = "Example: /devoice carol",
        .handler = cmd_role_devoice,
    },
    {
        .name = "slow",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "SECONDS|off",
        .summary = "let everybody send one message in so many seconds",
        .help = "Example: /slow 10\n"
                "At most an hour. It does not hold operators.",
        .handler = cmd_mode_slow,
    },
    {
        .name = "key",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "WORD|off",
        .summary = "let only those in who know a word",
        .help = "Example: /key sesame\n"
                "They type /join #ROOM sesame",
        .handler = cmd_mode_key,
    },
    {
        .name = "limit",
        .words_min = 1,
        .words_max = 1,
        .flags = COMMAND_F_NEEDS_ROOM,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "N|off",
        .summary = "let only so many people in",
        .help = "Example: /limit 20",
        .handler = cmd_mode_limit,
    },
    {
        .name = "mode",
        .aliases = {"modes"},
        .words_max = 2,
        .flags = COMMAND_F_NEEDS_ROOM | COMMAND_F_SHOWS_ALONE,
        .cost = 2,
        .role = POLICY_OPERATOR,
        .arguments = "[MODE on|off]",
        .summary = "show or change the modes of your current room",
        .help =
            "Example: /mode invite-only on\n"
            "invite-only: only who is invited comes in. secret: not in lists.\n"
            "topic-lock: only operators set the topic. moderated: only operators and who has voice talk.\n"
            "See also /slow, /key and /limit.",
        .handler = cmd_mode_mode,
    },
    {
        .name = "set",
        .words_max = 2,
        .cost = 1,
        .arguments = "[OPTION VALUE]",
        .summary = "choose how things are shown to you; alone: list the options",
        .help =
            "Example: /set time iso\n"
            "time on, off or iso. joins smart (not in large rooms), on or off.\n"
            "echo on or off: your own lines are sent back to you. width: columns of lists, 40-400 or auto.",
        .handler = cmd_option_set,
    },
    {
        .name = "time",
        .cost = 1,
        .arguments = "",
        .summary = "show the server's time",
        .handler = cmd_server_time,
    },
    {
        .name = "ping",
        .cost = 1,
        .arguments = "",
        .summary = "get an answer",
        .handler = cmd_server_ping,
    },
    {
        .name = "version",
        .cost = 1,
        .arguments = "",
        .summary = "show the server's version",
        .handler = cmd_server_version,
    },
    {
        .name = "uptime",
        .cost = 1,
        .arguments = "",
        .summary = "show how long the server has been up",
        .handler = cmd_server_uptime,
    },
    {
        .name = "quit",
        .aliases = {"exit", "bye"},
        .flags = COMMAND_F_TEXT | COMMAND_F_SESSION | COMMAND_F_EVERYDAY,
        .arguments = "[WHY]",
        .summary = "leave the server",
        .help = "Example: /quit see you tomorrow",
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

const struct command *command_table(size_t *ret_count)
{
    *ret_count = ARRAY_LEN(table);
    return table;
}

const struct command *command_say(void)
{
    return &say;
}

static bool has_alias(const struct command *command, struct bytes word)
{
    for (size_t i = 0; i < COMMAND_ALIASES_MAX && command->aliases[i] != NULL; i++) {
        if (bytes_eq_nocase(bytes_of(command->aliases[i]), word))
            return true;
    }
    return false;
}

const struct command *command_find(struct bytes word)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (bytes_eq_nocase(bytes_of(table[i].name), word) || has_alias(&table[i], word))
            return &table[i];
    }
    return NULL;
}

struct nearest {
    const struct command *command;
    unsigned distance; /* only what is less far is taken */
};

static void offer(struct nearest *nearest, struct bytes word, const struct command *command, const char *name)
{
    struct bytes candidate = bytes_of(name);
    if (candidate.len < 2)
        return; /* A single letter is near to everything short. */
    bool is_beginning =
        word.len < candidate.len && bytes_eq_nocase(bytes_slice(candidate, 0, word.len), word);
    unsigned distance = is_beginning ? 1 : bytes_distance(word, candidate);
    if (distance < nearest->distance)
        *nearest = (struct nearest){command, distance};
}

const struct command *command_suggest(struct bytes word)
{
    if (word.len < 2)
        return NULL;
    struct nearest nearest = {NULL, word.len <= SUGGEST_SHORT_BYTES ? 2 : SUGGEST_DISTANCE_MAX + 1};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        offer(&nearest, word, &table[i], table[i].name);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        for (size_t k = 0; k < COMMAND_ALIASES_MAX && table[i].aliases[k] != NULL; k++)
            offer(&nearest, word, &table[i], table[i].aliases[k]);
    }
    return nearest.command;
}

/* The next word, unless the row says that what comes is text. */
static struct bytes cut_word(const struct command *command, size_t word_count, struct bytes *rest)
{
    struct bytes after = *rest;
    struct bytes word = bytes_word(&after);
    bool is_optional = word_count >= command->words_min;
    if (is_optional && (command->flags & COMMAND_F_ROOM_WORD) != 0 && !bytes_starts_with(word, BYTES("#")))
        return (struct bytes){NULL, 0};
    *rest = after;
    return word;
}

void command_cut(const struct command *command, struct bytes rest, struct chat_request *ret_request)
{
    CHECK(command->words_max <= COMMAND_WORDS_MAX);
    struct chat_request request = {.command = command};
    while (request.word_count < command->words_max) {
        struct bytes word = cut_word(command, request.word_count, &rest);
        if (word.len == 0)
            break;
        request.words[request.word_count++] = word;
    }
    bool has_rest = bytes_trim(rest).len > 0;
    bool takes_text = (command->flags & COMMAND_F_TEXT) != 0;
    bool needs_text = (command->flags & COMMAND_F_TEXT_REQUIRED) != 0;
    if (takes_text)
        request.text = rest;
    if (request.word_count < command->words_min || (needs_text && !has_rest) || (has_rest && !takes_text))
        request = (struct chat_request){.err = CHAT_ERR_USAGE, .err_subject = bytes_of(command->name)};
    *ret_request = request;
}
