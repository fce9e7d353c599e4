/* Options: names, words and values, and that /set puts them into the order of events. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/option.h"
#include "chat/user.h"
#include "support/chat_world.h"

static void test_option_parse_and_word_agree(void **state)
{
    static const struct {
        const char *name, *word;
        enum chat_option option;
        uint16_t value;
        const char *said; /* how it is called then */
    } cases[] = {
        {"time", "on", OPTION_TIME, OPTION_TIME_ON, "on"},
        {"Time", "HH:MM", OPTION_TIME, OPTION_TIME_ON, "on"},
        {"time", "off", OPTION_TIME, OPTION_TIME_OFF, "off"},
        {"time", "ISO", OPTION_TIME, OPTION_TIME_ISO, "iso"},
        {"joins", "smart", OPTION_JOINS, OPTION_JOINS_SMART, "smart"},
        {"joins", "on", OPTION_JOINS, OPTION_JOINS_ON, "on"},
        {"joins", "off", OPTION_JOINS, OPTION_JOINS_OFF, "off"},
        {"echo", "on", OPTION_ECHO, OPTION_ECHO_ON, "on"},
        {"echo", "off", OPTION_ECHO, OPTION_ECHO_OFF, "off"},
        {"width", "40", OPTION_WIDTH, 40, "40"},
        {"width", "400", OPTION_WIDTH, 400, "400"},
        {"width", "auto", OPTION_WIDTH, 0, "auto"},
        {"width", "off", OPTION_WIDTH, 0, "auto"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum chat_option option = OPTION_COUNT;
        uint16_t value = 9999;
        char word[OPTION_WORD_BYTES_MAX + 1];
        assert_true(option_parse(bytes_of(cases[i].name), bytes_of(cases[i].word), &option, &value));
        assert_int_equal(option, cases[i].option);
        assert_int_equal(value, cases[i].value);
        option_word(option, value, word);
        assert_string_equal(word, cases[i].said);
    }
}

static void test_option_parse_refuses_the_rest(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},        {"time", ""},     {"time", "maybe"}, {"joins", "iso"}, {"echo", "40"},
        {"width", "39"}, {"width", "401"}, {"width", "-1"},   {"colour", "on"}, {"width", "on"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum chat_option option = OPTION_COUNT;
        uint16_t value = 9999;
        assert_false(option_parse(bytes_of(cases[i][0]), bytes_of(cases[i][1]), &option, &value));
        assert_int_equal(option, OPTION_COUNT);
        assert_int_equal(value, 9999);
    }
}

static void test_cmd_option_set_tells_and_keeps(void **state)
{
    struct chat_scene *s = *state;

    chat_world_type(&s->world, s->bob, "/set Time ISO");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_OPTION_SET);
    assert_int_equal(event->target_id, s->bob->id);
    assert_int_equal(event->option, OPTION_TIME);
    assert_int_equal(event->count, OPTION_TIME_ISO);
    chat_world_assert_text(event->text, "time");
    chat_world_assert_text(event->extra, "iso");
    chat_world_type(&s->world, s->bob, "/set");
    event = chat_world_take(&s->world, CHAT_EV_OPTIONS);
    assert_int_equal(event->item_count, OPTION_COUNT);
    chat_world_assert_text(event->items[OPTION_TIME].detail, "iso");
    chat_world_assert_text(event->items[OPTION_JOINS].detail, "smart");
    assert_int_equal(s->alice->options[OPTION_TIME], OPTION_TIME_ON);
    chat_world_type(&s->world, s->bob, "/set time");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_OPTION_BAD);
    chat_world_type(&s->world, s->bob, "/set nonsense on");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_OPTION_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_parse_and_word_agree),
        cmocka_unit_test(test_option_parse_refuses_the_rest),
        cmocka_unit_test_setup_teardown(test_cmd_option_set_tells_and_keeps, chat_scene_set_up,
                                        chat_scene_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
