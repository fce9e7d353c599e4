/* The command table, walked row by row, and how lines are cut by it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "chat/command.h"

static void assert_text(struct bytes have, const char *want)
{
    if (!bytes_eq(have, bytes_of(want)))
        fail_msg("have \"%.*s\", want \"%s\"", BYTES_ARG(have), want);
}

static void assert_lower_case_word(const char *name)
{
    assert_true(strlen(name) > 0);
    for (const char *c = name; *c != '\0'; c++)
        assert_true(*c >= 'a' && *c <= 'z');
}

static void check_row(const struct command *row)
{
    assert_lower_case_word(row->name);
    assert_non_null(row->summary);
    assert_true(strlen(row->summary) > 0 && strchr(row->summary, '\n') == NULL);
    assert_non_null(row->arguments);
    assert_true(row->words_min <= row->words_max);
    assert_true(row->words_max <= COMMAND_WORDS_MAX);
    bool is_session = (row->flags & COMMAND_F_SESSION) != 0;
    assert_int_equal(row->handler == NULL, is_session);
    bool takes_text = (row->flags & COMMAND_F_TEXT) != 0;
    if ((row->flags & (COMMAND_F_TEXT_REQUIRED | COMMAND_F_ROOM_WORD)) != 0)
        assert_true(takes_text);
    bool takes_anything = row->words_max > 0 || takes_text;
    assert_int_equal(takes_anything, strlen(row->arguments) > 0);
    /* A role is one in the current room, so there must be one. */
    bool needs_room = (row->flags & COMMAND_F_NEEDS_ROOM) != 0;
    assert_true(row->role == POLICY_ANYONE || row->role == POLICY_SERVER_OPERATOR ||
                (row->role == POLICY_OPERATOR && needs_room));
    assert_int_equal(row->act != COMMAND_ACT_NONE, is_session);
    assert_true(row->operator_if_mode == 0 || row->role == POLICY_OPERATOR);
    if ((row->flags & COMMAND_F_SPEAKS) != 0)
        assert_true(needs_room);
    if ((row->flags & COMMAND_F_SHOWS_ALONE) != 0)
        assert_true(row->role == POLICY_OPERATOR && row->words_min == 0);
}

static void test_command_rows_are_complete(void **state)
{
    (void)state;
    size_t count = 0;
    for (; command_row(count) != NULL; count++)
        check_row(command_row(count));
    assert_true(count >= 12);
    check_row(command_say());
}

static void test_command_names_and_aliases_are_found_and_unique(void **state)
{
    (void)state;
    for (size_t i = 0; command_row(i) != NULL; i++) {
        /* Found as itself means that no earlier row has the same word; later ones find themselves. */
        assert_ptr_equal(command_find(bytes_of(command_row(i)->name)), command_row(i));
        for (size_t k = 0; k < COMMAND_ALIASES_MAX; k++) {
            const char *alias = command_row(i)->aliases[k];
            if (alias == NULL)
                continue;
            assert_true(k == 0 || command_row(i)->aliases[k - 1] != NULL);
            assert_lower_case_word(alias);
            assert_string_not_equal(alias, command_row(i)->name);
            assert_ptr_equal(command_find(bytes_of(alias)), command_row(i));
        }
    }
}

/* Which commands only operators have, in which rooms, is written down a second time here: a row that
 * loses its role is a hole. */
static void test_command_roles_are_as_written_down(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint32_t if_mode;
        bool shows_alone;
    } operators[] = {
        {"kick", 0, false},
        {"ban", 0, true},
        {"unban", 0, false},
        {"mute", 0, true},
        {"unmute", 0, false},
        {"except", 0, true},
        {"unexcept", 0, false},
        {"admit", 0, true},
        {"unadmit", 0, false},
        {"op", 0, false},
        {"deop", 0, false},
        {"voice", 0, false},
        {"devoice", 0, false},
        {"slow", 0, false},
        {"key", 0, false},
        {"limit", 0, false},
        {"mode", 0, true},
        {"topic", ROOM_MODE_TOPIC_LOCK, true},
        {"invite", ROOM_MODE_INVITE_ONLY, false},
        {"rename", 0, false},
    };
    static const char *const server_operators[] = {"deoper", "kill", "wall", "wallops", "reload"};
    size_t with_role = 0;
    for (size_t i = 0; command_row(i) != NULL; i++)
        with_role += command_row(i)->role != POLICY_ANYONE;
    assert_int_equal(with_role, ARRAY_LEN(operators) + ARRAY_LEN(server_operators));
    for (size_t i = 0; i < ARRAY_LEN(server_operators); i++)
        assert_int_equal(command_find(bytes_of(server_operators[i]))->role, POLICY_SERVER_OPERATOR);
    for (size_t i = 0; i < ARRAY_LEN(operators); i++) {
        const struct command *row = command_find(bytes_of(operators[i].name));
        assert_non_null(row);
        assert_int_equal(row->role, POLICY_OPERATOR);
        assert_int_equal(row->operator_if_mode, operators[i].if_mode);
        assert_int_equal((row->flags & COMMAND_F_SHOWS_ALONE) != 0, operators[i].shows_alone);
    }
}

static void test_command_those_that_speak_are_held_to_it(void **state)
{
    (void)state;
    assert_true((command_say()->flags & COMMAND_F_SPEAKS) != 0);
    assert_true((command_find(BYTES("me"))->flags & COMMAND_F_SPEAKS) != 0);
}

static void test_command_find_folds_case(void **state)
{
    (void)state;
    assert_string_equal(command_find(BYTES("JOIN"))->name, "join");
    assert_string_equal(command_find(BYTES("Users"))->name, "names");
    assert_null(command_find(BYTES("")));
    assert_null(command_find(BYTES("joi")));
    assert_null(command_find(BYTES("/join")));
    assert_null(command_find(BYTES("say"))); /* has no slash form */
    assert_null(command_find(BYTES("h")));
}

static void test_command_find_knows_all_aliases(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"name", "nick"},  {"j", "join"},      {"leave", "part"}, {"s", "switch"},
        {"list", "rooms"}, {"users", "names"}, {"tell", "msg"},   {"w", "msg"},
        {"r", "reply"},    {"exit", "quit"},   {"bye", "quit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        const struct command *command = command_find(bytes_of(pairs[i][0]));
        assert_non_null(command);
        assert_string_equal(command->name, pairs[i][1]);
    }
}

static void assert_suggests(const char *word, const char *want)
{
    const struct command *command = command_suggest(bytes_of(word));
    if (want == NULL) {
        assert_null(command);
        return;
    }
    assert_non_null(command);
    assert_string_equal(command->name, want);
}

static void test_command_suggest_finds_what_is_near(void **state)
{
    (void)state;
    assert_suggests("topik", "topic");
    assert_suggests("TOPIK", "topic");
    assert_suggests("jion", "join");
    assert_suggests("hlep", "help");
    assert_suggests("exot", "quit");
    assert_suggests("top", "topic");
    assert_suggests("he", "help");
    assert_suggests("ms", "msg");
    assert_suggests("mgs", NULL); /* two differences in three letters */
    assert_suggests("x", NULL);
    assert_suggests("", NULL);
    assert_suggests("rx", NULL); /* not the one letter of an alias */
    assert_suggests("kik", "kick");
    assert_suggests("zzzzz", NULL);
    assert_suggests("whoisthereandwhoiswherewhoiswhenwhoiswho", NULL);
}

static struct chat_request cut(const char *name, const char *rest)
{
    struct chat_request request;
    command_cut(command_find(bytes_of(name)), bytes_of(rest), &request);
    return request;
}

static void assert_usage(const char *name, const char *rest)
{
    struct chat_request request = cut(name, rest);
    assert_null(request.command);
    assert_int_equal(request.err, CHAT_ERR_USAGE);
    assert_text(request.err_subject, name);
}

static void test_command_cut_words_and_text(void **state)
{
    (void)state;
    struct chat_request request = cut("msg", "alice  are you   there? ");
    assert_string_equal(request.command->name, "msg");
    assert_int_equal(request.word_count, 1);
    assert_text(request.words[0], "alice");
    assert_text(request.text, "are you   there? ");
    request = cut("me", "waves");
    assert_int_equal(request.word_count, 0);
    assert_text(request.text, "waves");
    request = cut("quit", "");
    assert_string_equal(request.command->name, "quit");
    assert_int_equal(request.text.len, 0);
}

static void test_command_cut_refuses_what_is_missing(void **state)
{
    (void)state;
    assert_usage("msg", "");
    assert_usage("msg", "alice");
    assert_usage("msg", "alice   ");
    assert_usage("reply", " \t ");
    assert_usage("me", "");
    assert_usage("join", "");
    assert_usage("nick", "  ");
    assert_usage("switch", "");
}

static void test_command_cut_refuses_what_is_too_much(void **state)
{
    (void)state;
    assert_usage("nick", "bob smith");
    assert_usage("join", "#a key more");
    assert_usage("ping", "all");
    assert_usage("names", "#a #b");
    assert_usage("help", "join part");
    assert_non_null(cut("ping", "  ").command);
    assert_non_null(cut("nick", " bob ").command);
}

static void test_command_cut_takes_optional_room_only_with_hash(void **state)
{
    (void)state;
    struct chat_request request = cut("part", "#ops see you");
    assert_int_equal(request.word_count, 1);
    assert_text(request.words[0], "#ops");
    assert_text(request.text, "see you");
    request = cut("part", "see you in #ops");
    assert_int_equal(request.word_count, 0);
    assert_text(request.text, "see you in #ops");
    request = cut("part", "");
    assert_int_equal(request.word_count, 0);
    assert_int_equal(request.text.len, 0);
    request = cut("names", "ops"); /* an ordinary word */
    assert_int_equal(request.word_count, 1);
}

static void test_command_cut_of_say_keeps_blanks(void **state)
{
    (void)state;
    struct chat_request request;
    command_cut(command_say(), BYTES("    indented"), &request);
    assert_ptr_equal(request.command, command_say());
    assert_text(request.text, "    indented");
    command_cut(command_say(), BYTES("  "), &request);
    assert_ptr_equal(request.command, command_say()); /* the hub refuses it, as empty */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_rows_are_complete),
        cmocka_unit_test(test_command_names_and_aliases_are_found_and_unique),
        cmocka_unit_test(test_command_roles_are_as_written_down),
        cmocka_unit_test(test_command_those_that_speak_are_held_to_it),
        cmocka_unit_test(test_command_find_folds_case),
        cmocka_unit_test(test_command_find_knows_all_aliases),
        cmocka_unit_test(test_command_suggest_finds_what_is_near),
        cmocka_unit_test(test_command_cut_words_and_text),
        cmocka_unit_test(test_command_cut_refuses_what_is_missing),
        cmocka_unit_test(test_command_cut_refuses_what_is_too_much),
        cmocka_unit_test(test_command_cut_takes_optional_room_only_with_hash),
        cmocka_unit_test(test_command_cut_of_say_keeps_blanks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
