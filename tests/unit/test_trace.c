/* What a trace shows of a line: everything but secrets. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/attr.h"
#include "session/trace.h"

static void assert_shown(const char *line, const char *shown, bool asks)
{
    bool is_next_secret = !asks;
    struct bytes part = trace_mask(bytes_of(line), false, &is_next_secret);
    char text[256];
    assert_true(bytes_copy(part, text, sizeof(text)));
    assert_string_equal(text, shown);
    assert_int_equal(is_next_secret, asks);
}

static void assert_all_shown(const char *line)
{
    assert_shown(line, line, false);
}

static void test_trace_mask_shows_what_is_no_secret(void **state)
{
    (void)state;
    assert_all_shown("");
    assert_all_shown("hello, oper and friends");
    assert_all_shown("my key is lost");
    assert_all_shown("/msg bob my oper password is x"); /* said to somebody: theirs to keep */
    assert_all_shown("/help oper");
    assert_all_shown("//oper alice x"); /* is said */
    assert_all_shown("/nick alice");
    assert_all_shown("NICK alice");
    assert_all_shown("operate the machine");
}

static void test_trace_mask_hides_secrets(void **state)
{
    (void)state;
    assert_shown("/oper alice sesame", "/oper ", false);
    assert_shown("/oper sesame", "/oper ", true);
    assert_shown("/OPER alice sesame open", "/OPER ", false);
    assert_shown("/oper   alice \t sesame", "/oper   ", false);
    assert_shown(" \x01 /oper alice sesame", " \x01 /oper ", false);
    assert_shown("\xEF\xBB\xBF/oper alice sesame", "\xEF\xBB\xBF/oper ", false);
    assert_shown("OPER alice sesame", "OPER ", false);
    assert_shown("PASS sesame", "PASS ", false);
    assert_shown("pass :sesame", "pass ", false);
    assert_shown("@a=b :src PASS sesame", "@a=b :src PASS ", false);
    assert_shown("AUTHENTICATE c2VzYW1l", "AUTHENTICATE ", false);
    assert_shown("/login alice sesame", "/login alice ", false);
    assert_shown("/key sesame", "/key ", false);
    assert_shown("/join #room sesame", "/join #room ", false);
    assert_shown("/msg NickServ identify sesame", "/msg NickServ ", false);
    assert_shown("PRIVMSG nickserv :identify sesame", "PRIVMSG nickserv ", false);
    assert_shown("Authorization: Basic c2VzYW1l", "Authorization: ", false);
}

static void test_trace_mask_hides_arguments_of_commands_that_do_not_exist(void **state)
{
    (void)state;
    assert_shown("/opre alice sesame", "/opre ", false);
    assert_shown("/ oper alice sesame", "/ oper ", false);
    assert_all_shown("/opre");
}

static void test_trace_mask_hides_the_answer_to_the_question(void **state)
{
    (void)state;
    bool is_next_secret;
    assert_shown("/oper alice", "/oper ", true); /* the name may have been the password */
    assert_shown("/oper alice ", "/oper ", true);
    assert_shown("/login alice", "/login alice", true);
    assert_int_equal(trace_mask(BYTES("sesame"), true, &is_next_secret).len, 0);
    assert_false(is_next_secret);
    assert_int_equal(trace_mask(BYTES("/oper alice"), true, &is_next_secret).len, 0);
    assert_false(is_next_secret);
}

static void assert_told(const char *line, const char *shown)
{
    char text[256];

    assert_true(bytes_copy(trace_mask_told(bytes_of(line)), text, sizeof(text)));
    assert_string_equal(text, shown);
}

static void test_trace_mask_hides_keys_that_are_told(void **state)
{
    static const char *const harmless[] = {
        "",
        "*** You are bob, in #a.",
        "*** ",
        "14:05 <bob> *** x. To enter: /join #a sesame",
        "{\"type\":\"pong\"}",
        ":bob!u@bob.mingle MODE #a +m",
        ":bob!u@bob.mingle MODE #a +o mark",
        ":srv 324 bob #a +kn *",
        "MODE",
        "@",
        "{",
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(harmless); i++)
        assert_told(harmless[i], harmless[i]);
    assert_told("*** You gave #a a key. To enter: /join #a sesame",
                "*** You gave #a a key. To enter: /join #a ");
    assert_told(":bob!u@bob.mingle MODE #a +k sesame", ":bob!u@bob.mingle MODE #a +k ");
    assert_told("@time=x :bob!u@bob.mingle MODE #a +lk 7 sesame", "@time=x :bob!u@bob.mingle MODE #a +lk ");
    assert_told("{\"type\":\"change-done\",\"change\":\"key\",\"on\":true,\"key\":\"sesame\"}",
                "{\"type\":\"change-done\",\"change\":\"key\",\"on\":true,\"key\":\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trace_mask_shows_what_is_no_secret),
        cmocka_unit_test(test_trace_mask_hides_secrets),
        cmocka_unit_test(test_trace_mask_hides_keys_that_are_told),
        cmocka_unit_test(test_trace_mask_hides_arguments_of_commands_that_do_not_exist),
        cmocka_unit_test(test_trace_mask_hides_the_answer_to_the_question),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
