/* The plain dialect's longer answers: lists, help, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/command.h"
#include "support/plain_text.h"

/* ---- lists ---- */

static void test_plain_reply_names(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("alice")},
        {.name = BYTES("dave"), .flags = CHAT_ITEM_F_OPERATOR},
        {.name = BYTES("bob"), .flags = CHAT_ITEM_F_YOU},
    };
    struct chat_event_spec spec = {
        .kind = CHAT_EV_NAMES, .room = BYTES("#ops"), .items = items, .item_count = 3, .count = 3};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here),
                      "--- 3 people in #ops ---\n      | alice, @dave, bob (you)\n");
    spec.count = 973;
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here),
                      "--- 973 people in #ops ---\n      | alice, @dave, bob (you)\n      | and 970 more\n");
    spec.count = 2; /* fewer than are listed: nothing is left out */
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here),
                      "--- 2 people in #ops ---\n      | alice, @dave, bob (you)\n");
    spec.item_count = spec.count = 1;
    plain_text_assert(plain_text_render(plain_text_crlf, spec, &plain_text_here),
                      "--- 1 person in #ops ---\r\n      | alice\r\n");
    spec.item_count = spec.count = 0;
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here), "--- 0 people in #ops ---\n");
}

static void test_plain_reply_names_wraps(void **state)
{
    struct chat_item items[100];
    size_t lines;
    (void)state;

    /* 7 names of 9 with comma and space fill 70 - 1 columns behind the prefix of 8. */
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        items[i] = (struct chat_item){.name = BYTES("abcdefgh")};
    struct chat_event_spec spec = {
        .kind = CHAT_EV_NAMES, .room = BYTES("#ops"), .items = items, .item_count = 100, .count = 100};
    char *text = plain_text_render(plain_text_lf, spec, &plain_text_here);
    assert_int_equal(plain_text_longest(text, &lines), 77);
    assert_int_equal(lines, 1 + 15);
    free(text);

    /* One column more is the last that fits; then the line breaks one word earlier. */
    items[0].name = BYTES("abcdefghi");
    text = plain_text_render(plain_text_lf, spec, &plain_text_here);
    assert_int_equal(plain_text_longest(text, &lines), 78);
    free(text);
    items[0].name = BYTES("abcdefghij");
    text = plain_text_render(plain_text_lf, spec, &plain_text_here);
    assert_int_equal(plain_text_longest(text, &lines), 77);
    free(text);
}

static void test_plain_reply_rooms(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("#ops"), .count = 3, .detail = BYTES("who broke it")},
        {.name = BYTES("#lobby"), .count = 1, .flags = CHAT_ITEM_F_YOU},
    };
    struct chat_event_spec spec = {.kind = CHAT_EV_ROOMS, .items = items, .item_count = 2, .count = 2};
    (void)state;

    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here),
                      "--- 2 rooms ---\n"
                      "      | #ops  3 people  who broke it\n"
                      "      | #lobby  1 person (you too)\n");
    spec.count = 9;
    char *text = plain_text_render(plain_text_lf, spec, &plain_text_here);
    assert_non_null(strstr(text, "--- 9 rooms ---\n"));
    assert_non_null(strstr(text, "\n      | and 7 more\n"));
    free(text);
    spec.item_count = spec.count = 1;
    text = plain_text_render(plain_text_lf, spec, &plain_text_here);
    assert_non_null(strstr(text, "--- 1 room ---\n"));
    free(text);
    spec.item_count = spec.count = 0;
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_here),
                      "*** There are no rooms. To make one: /join #ROOM\n");
}

/* ---- help ---- */

static char *render_help_for(const char *about, bool is_server_operator)
{
    return plain_text_render(
        plain_text_lf,
        (struct chat_event_spec){.kind = CHAT_EV_HELP, .text = bytes_of(about), .count = is_server_operator},
        &plain_text_here);
}

static char *render_help(const char *about)
{
    return render_help_for(about, false);
}

static void test_plain_reply_help_overview(void **state)
{
    size_t lines;
    char *text = render_help_for("", true);
    char word[64];
    (void)state;

    assert_true(plain_text_longest(text, &lines) <= 100);
    assert_true(lines <= 20);
    for (size_t i = 0; command_row(i) != NULL; i++) {
        (void)snprintf(word, sizeof(word), "/%s", command_row(i)->name);
        assert_non_null(strstr(text, word));
        if ((command_row(i)->flags & COMMAND_F_EVERYDAY) != 0)
            assert_non_null(strstr(text, command_row(i)->summary));
    }
    assert_non_null(strstr(text, "      | also: /switch"));
    free(text);
}

/* What only operators of the server can do is no use to others, but it is explained when somebody asks. */
static void test_plain_reply_help_of_server_operators(void **state)
{
    char *text = render_help("");
    (void)state;

    assert_null(strstr(text, "/kill"));
    assert_null(strstr(text, "/wall"));
    assert_non_null(strstr(text, "/oper"));
    free(text);
    text = render_help("kill");
    assert_non_null(strstr(text, "For operators of the server: /oper NAME\n"));
    free(text);
    text = render_help("kick");
    assert_null(strstr(text, "of the server"));
    free(text);
}

static void test_plain_reply_help_about_every_command(void **state)
{
    size_t lines;
    char expected[256];
    (void)state;

    for (size_t i = 0; command_row(i) != NULL; i++) {
        bool has_arguments = command_row(i)->arguments != NULL && command_row(i)->arguments[0] != '\0';
        char *text = render_help(command_row(i)->name);
        (void)plain_text_longest(text, &lines);
        (void)snprintf(expected, sizeof(expected), "*** /%s%s%s: %s\n", command_row(i)->name,
                       has_arguments ? " " : "", has_arguments ? command_row(i)->arguments : "",
                       command_row(i)->summary);
        assert_int_equal(strncmp(text, expected, strlen(expected)), 0);
        for (size_t k = 0; k < COMMAND_ALIASES_MAX && command_row(i)->aliases[k] != NULL; k++) {
            (void)snprintf(expected, sizeof(expected), "/%s", command_row(i)->aliases[k]);
            assert_non_null(strstr(text, expected));
        }
        free(text);
    }
}

static void test_plain_reply_help_about_one(void **state)
{
    (void)state;

    const char *expected = "*** /join #ROOM [KEY]: enter a room, or open a new one\n"
                           "      | Example: /join #ops\n"
                           "      | The room becomes your current one. The # may be left out.\n"
                           "      | Who opens a room is its operator.\n"
                           "      | Also: /j\n";
    plain_text_assert(render_help("join"), expected);
    plain_text_assert(render_help("/J"), expected);
    plain_text_assert(render_help("nonsense"),
                      "*** Unknown command /nonsense. To see what there is: /help\n");
}

/* ---- refusals ---- */

static char *render_refusal(enum chat_err err, const char *subject, const char *suggestion)
{
    return plain_text_render(
        plain_text_lf,
        (struct chat_event_spec){
            .kind = CHAT_EV_REFUSED, .err = err, .text = bytes_of(subject), .extra = bytes_of(suggestion)},
        &(struct chat_view){.is_actor = true});
}

static void test_plain_reply_every_refusal(void **state)
{
    char *texts[CHAT_ERR_COUNT] = {NULL};
    size_t lines;
    (void)state;

    for (int err = CHAT_OK + 1; err < CHAT_ERR_COUNT; err++) {
        bool is_option = err == CHAT_ERR_OPTION_BAD;
        char *text = render_refusal((enum chat_err)err, is_option ? "time" : "", "");
        assert_true(strlen(text) > 20);
        free(text);
        texts[err] = render_refusal((enum chat_err)err, is_option ? "time" : "subject", "other");
        (void)plain_text_longest(texts[err], &lines);
        assert_int_equal(lines, 1);
        assert_int_equal(strncmp(texts[err], "*** ", 4), 0);
        assert_null(strpbrk(texts[err], "$~"));
        for (int before = CHAT_OK + 1; before < err; before++)
            assert_string_not_equal(texts[before], texts[err]);
    }
    for (int err = CHAT_OK + 1; err < CHAT_ERR_COUNT; err++)
        free(texts[err]);
}

static void test_plain_reply_refusal_texts(void **state)
{
    static const struct {
        enum chat_err err;
        const char *subject, *suggestion, *expected;
    } cases[] = {
        {CHAT_ERR_UNKNOWN_COMMAND, "topik", "topic",
         "*** Unknown command /topik. Did you mean /topic? (/help)\n"},
        {CHAT_ERR_UNKNOWN_COMMAND, "x", "", "*** Unknown command /x. To see what there is: /help\n"},
        {CHAT_ERR_NO_SUCH_USER, "carl", "carol", "*** No one here is called carl. Did you mean carol?\n"},
        {CHAT_ERR_NAME_TAKEN, "bob", "bob2", "*** \"bob\" is taken. Try /nick bob2 or another name.\n"},
        {CHAT_ERR_BARE_WORD, "quit", "",
         "*** To leave type /quit, for help /help. To say it anyway, send it again.\n"},
        {CHAT_ERR_USAGE, "msg", "",
         "*** That is not how /msg works. Type: /msg NAME TEXT (more: /help msg)\n"},
        {CHAT_ERR_USAGE, "uptime", "", "*** /uptime stands alone on its line. More: /help uptime\n"},
        {CHAT_ERR_LINE_TOO_LONG, "4096", "",
         "*** Not sent: the line is longer than 4096 bytes. Send it in parts.\n"},
        {CHAT_ERR_LINE_TOO_LONG, "", "", "*** Not sent: the line is too long. Send it in parts.\n"},
        {CHAT_ERR_NOT_IN_ROOM, "#ops", "", "*** You are not in #ops. To enter it: /join #ops\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        plain_text_assert(render_refusal(cases[i].err, cases[i].subject, cases[i].suggestion),
                          cases[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_reply_names),
        cmocka_unit_test(test_plain_reply_names_wraps),
        cmocka_unit_test(test_plain_reply_rooms),
        cmocka_unit_test(test_plain_reply_help_overview),
        cmocka_unit_test(test_plain_reply_help_of_server_operators),
        cmocka_unit_test(test_plain_reply_help_about_every_command),
        cmocka_unit_test(test_plain_reply_help_about_one),
        cmocka_unit_test(test_plain_reply_every_refusal),
        cmocka_unit_test(test_plain_reply_refusal_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
