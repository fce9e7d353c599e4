/* What people type becomes what they meant: says, commands, refusals, and answers to the name question. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "proto/plain.h"

static void assert_bytes(struct bytes got, const char *expected)
{
    assert_int_equal(got.len, strlen(expected));
    if (got.len > 0)
        assert_memory_equal(got.ptr, expected, got.len);
}

/* Parses one line of a new client. */
static struct chat_request parse(const char *line)
{
    struct plain_reader reader = {{0}};
    struct chat_request request;

    memset(&request, 0xee, sizeof(request));
    assert_true(plain_parse(&reader, bytes_of(line), &request));
    return request;
}

static void assert_say(const struct chat_request *request, const char *text)
{
    assert_ptr_equal(request->command, command_say());
    assert_int_equal(request->err, CHAT_OK);
    assert_int_equal(request->word_count, 0);
    assert_bytes(request->text, text);
}

static void assert_refusal(const struct chat_request *request, enum chat_err err, const char *subject,
                           const char *suggestion)
{
    assert_null(request->command);
    assert_int_equal(request->err, err);
    assert_bytes(request->err_subject, subject);
    assert_bytes(request->err_suggestion, suggestion);
}

static void assert_command(const struct chat_request *request, const char *name)
{
    assert_non_null(request->command);
    assert_string_equal(request->command->name, name);
    assert_int_equal(request->err, CHAT_OK);
}

static void test_plain_parse_says(void **state)
{
    static const char *const lines[] = {"hello", "a / b",      "  indented", "quit now", "helpful",
                                        "?",     " /",         " //join",    "  /topik", "\xff\xfe",
                                        "-",     "trailing  ", "\t/ ",       "$~%s"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct chat_request request = parse(lines[i]);
        assert_say(&request, lines[i]);
    }
}

static void test_plain_parse_says_slash(void **state)
{
    struct chat_request request = parse("//quit");
    (void)state;

    assert_say(&request, "/quit");
    request = parse("//");
    assert_say(&request, "/");
    request = parse("///x");
    assert_say(&request, "//x");
}

static void test_plain_parse_says_nul(void **state)
{
    struct plain_reader reader = {{0}};
    struct chat_request request;
    (void)state;

    assert_true(plain_parse(&reader, BYTES("quit\0"), &request));
    assert_ptr_equal(request.command, command_say());
    assert_int_equal(request.text.len, 5);
}

static void test_plain_parse_nothing(void **state)
{
    static const char *const lines[] = {"", " ", "\t", " \t  "};
    struct plain_reader reader = {{0}};
    struct chat_request request = {.err = CHAT_ERR_COUNT};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        assert_false(plain_parse(&reader, bytes_of(lines[i]), &request));
    assert_false(plain_parse(&reader, (struct bytes){NULL, 0}, &request));
    assert_int_equal(request.err, CHAT_ERR_COUNT);
}

static void test_plain_parse_commands(void **state)
{
    struct chat_request request = parse("/msg alice hello  there");
    (void)state;

    assert_command(&request, "msg");
    assert_int_equal(request.word_count, 1);
    assert_bytes(request.words[0], "alice");
    assert_bytes(request.text, "hello  there");

    request = parse("/JOIN #ops");
    assert_command(&request, "join");
    assert_bytes(request.words[0], "#ops");

    request = parse("/j #ops");
    assert_command(&request, "join");
    request = parse("/ join\t#ops ");
    assert_command(&request, "join");
    assert_bytes(request.words[0], "#ops");
}

static void test_plain_parse_every_row(void **state)
{
    char line[64];
    (void)state;

    for (size_t i = 0; command_row(i) != NULL; i++) {
        assert_true(snprintf(line, sizeof(line), "/%s", command_row(i)->name) < (int)sizeof(line));
        struct chat_request request = parse(line);
        bool needs_more =
            command_row(i)->words_min > 0 || (command_row(i)->flags & COMMAND_F_TEXT_REQUIRED) != 0;
        if (needs_more)
            assert_refusal(&request, CHAT_ERR_USAGE, command_row(i)->name, "");
        else
            assert_command(&request, command_row(i)->name);

        assert_true(snprintf(line, sizeof(line), " /%s x y", command_row(i)->name) < (int)sizeof(line));
        request = parse(line);
        assert_refusal(&request, CHAT_ERR_LEADING_SPACE, command_row(i)->name, "");
    }
}

static void test_plain_parse_slash_alone_is_help(void **state)
{
    static const char *const lines[] = {"/", "/ ", "/\t ", "/help"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct chat_request request = parse(lines[i]);
        assert_command(&request, "help");
        assert_int_equal(request.word_count, 0);
    }
}

static void test_plain_parse_refuses_unknown_command(void **state)
{
    struct chat_request request = parse("/topik Release");
    (void)state;

    assert_refusal(&request, CHAT_ERR_UNKNOWN_COMMAND, "topik", "topic");
    request = parse("/xyzzyplugh");
    assert_refusal(&request, CHAT_ERR_UNKNOWN_COMMAND, "xyzzyplugh", "");
    request = parse("/say hello");
    assert_null(request.command);
    assert_int_equal(request.err, CHAT_ERR_UNKNOWN_COMMAND);
    assert_bytes(request.err_subject, "say");
}

static void test_plain_parse_refuses_leading_space(void **state)
{
    struct chat_request request = parse(" /quit");
    (void)state;

    assert_refusal(&request, CHAT_ERR_LEADING_SPACE, "quit", "");
    request = parse("\t  /J #ops");
    assert_refusal(&request, CHAT_ERR_LEADING_SPACE, "J", "");
}

static void test_plain_parse_refuses_bare_word_once(void **state)
{
    static const char *const words[] = {"quit", "EXIT", " help", "Quit\t"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct plain_reader reader = {{0}};
        struct chat_request request;
        struct bytes word = bytes_of(words[i]);

        assert_true(plain_parse(&reader, word, &request));
        assert_null(request.command);
        assert_int_equal(request.err, CHAT_ERR_BARE_WORD);
        assert_true(bytes_eq(request.err_subject, bytes_trim(word)));
        assert_true(plain_parse(&reader, word, &request));
        assert_say(&request, words[i]);
        assert_true(plain_parse(&reader, word, &request));
        assert_say(&request, words[i]);
    }
}

static void test_plain_parse_bare_word_must_be_repeated_at_once(void **state)
{
    static const char *const between[] = {"hello", "", " ", "help", "/rooms", "quit!"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(between); i++) {
        struct plain_reader reader = {{0}};
        struct chat_request request;

        assert_true(plain_parse(&reader, BYTES("quit"), &request));
        (void)plain_parse(&reader, bytes_of(between[i]), &request);
        assert_true(plain_parse(&reader, BYTES("quit"), &request));
        assert_refusal(&request, CHAT_ERR_BARE_WORD, "quit", "");
        assert_true(plain_parse(&reader, BYTES("QUIT"), &request));
        assert_say(&request, "QUIT");
    }
}

static void assert_name(const char *line, const char *expected)
{
    struct bytes name = BYTES("untouched");

    assert_int_equal(plain_parse_answer(bytes_of(line), &name), PLAIN_ANSWER_NAME);
    assert_bytes(name, expected);
}

static void assert_no_name(const char *line, enum plain_answer answer)
{
    struct bytes name = BYTES("untouched");

    assert_int_equal(plain_parse_answer(bytes_of(line), &name), answer);
    assert_bytes(name, "untouched");
}

static void test_plain_parse_answer_takes_names(void **state)
{
    (void)state;

    assert_name("bob", "bob");
    assert_name("  bob\t ", "bob");
    assert_name("", "");
    assert_name(" \t", "");
    assert_name("Nick Smith", "Nick Smith");
    assert_name("quit now", "quit now");
    assert_name("??", "??");
    assert_name("/nick bob ", "bob");
    assert_name("/NICK bob smith", "bob smith");
}

static void test_plain_parse_answer_knows_other_answers(void **state)
{
    static const char *const helps[] = {"help", " HELP ", "?", "/help", "/Help join", "/", "/ "};
    static const char *const quits[] = {"quit", "Exit", "/quit", "/exit", " /bye all", "/QUIT"};
    static const char *const others[] = {"/join #ops", "/topik", "/nick", "/nick  ", "//bob", "/say hi"};
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(helps); i++)
        assert_no_name(helps[i], PLAIN_ANSWER_HELP);
    for (size_t i = 0; i < ARRAY_LEN(quits); i++)
        assert_no_name(quits[i], PLAIN_ANSWER_QUIT);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_no_name(others[i], PLAIN_ANSWER_OTHER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_parse_says),
        cmocka_unit_test(test_plain_parse_says_slash),
        cmocka_unit_test(test_plain_parse_says_nul),
        cmocka_unit_test(test_plain_parse_nothing),
        cmocka_unit_test(test_plain_parse_commands),
        cmocka_unit_test(test_plain_parse_every_row),
        cmocka_unit_test(test_plain_parse_slash_alone_is_help),
        cmocka_unit_test(test_plain_parse_refuses_unknown_command),
        cmocka_unit_test(test_plain_parse_refuses_leading_space),
        cmocka_unit_test(test_plain_parse_refuses_bare_word_once),
        cmocka_unit_test(test_plain_parse_bare_word_must_be_repeated_at_once),
        cmocka_unit_test(test_plain_parse_answer_takes_names),
        cmocka_unit_test(test_plain_parse_answer_knows_other_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
