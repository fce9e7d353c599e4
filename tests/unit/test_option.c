/* Options: names, words and values, and that /set puts them into the order of events. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
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
        {"width", "0", OPTION_WIDTH, 0, "auto"},
        {"colour", "on", OPTION_COLOUR, OPTION_COLOUR_ON, "on"},
        {"COLOR", "off", OPTION_COLOUR, OPTION_COLOUR_OFF, "off"},
        {"colour", "auto", OPTION_COLOUR, OPTION_COLOUR_AUTO, "auto"},
        {"bell", "auto", OPTION_BELL, OPTION_BELL_AUTO, "auto"},
        {"bell", "on", OPTION_BELL, OPTION_BELL_ON, "on"},
        {"bell", "off", OPTION_BELL, OPTION_BELL_OFF, "off"},
        {"bell", "all", OPTION_BELL, OPTION_BELL_ALL, "all"},
        {"format", "JSON", OPTION_FORMAT, OPTION_FORMAT_JSON, "json"},
        {"format", "text", OPTION_FORMAT, OPTION_FORMAT_TEXT, "text"},
        {"plain", "on", OPTION_PLAIN, OPTION_PLAIN_ON, "on"},
        {"plain", "off", OPTION_PLAIN, OPTION_PLAIN_OFF, "off"},
        {"edit", "on", OPTION_EDIT, OPTION_EDIT_ON, "on"},
        {"edit", "off", OPTION_EDIT, OPTION_EDIT_OFF, "off"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum chat_option option = OPTION_COUNT;
        uint16_t value = 9999;
        char word[OPTION_WORD_BYTES_MAX + 1];
        assert_true(option_find(bytes_of(cases[i].name), &option));
        assert_true(option_parse(option, bytes_of(cases[i].word), &value));
        assert_int_equal(option, cases[i].option);
        assert_int_equal(value, cases[i].value);
        option_word(option, value, NULL, word);
        assert_string_equal(word, cases[i].said);
    }
}

static void test_option_parse_refuses_the_rest(void **state)
{
    static const struct {
        enum chat_option option;
        const char *word;
    } cases[] = {
        {OPTION_TIME, ""},    {OPTION_TIME, "maybe"}, {OPTION_JOINS, "iso"},  {OPTION_ECHO, "40"},
        {OPTION_WIDTH, "39"}, {OPTION_WIDTH, "401"},  {OPTION_WIDTH, "-1"},   {OPTION_COLOUR, "red"},
        {OPTION_WIDTH, "on"}, {OPTION_TZ, "UTC"},     {OPTION_FORMAT, "xml"}, {OPTION_PLAIN, "auto"},
    };
    enum chat_option option = OPTION_COUNT;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint16_t value = 9999;
        assert_false(option_parse(cases[i].option, bytes_of(cases[i].word), &value));
        assert_int_equal(value, 9999);
    }
    assert_false(option_find(BYTES("nonsense"), &option));
    assert_false(option_find(BYTES(""), &option));
    assert_int_equal(option, OPTION_COUNT);
}

static void test_option_names_choices_and_words_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        enum chat_option option;
        char word[OPTION_WORD_BYTES_MAX + 1];
        assert_true(option_find(bytes_of(option_name((enum chat_option)i)), &option));
        assert_int_equal(option, i);
        option_word(option, 0, NULL, word);
        assert_non_null(strstr(option_choices(option), word)); /* what it is without a choice is one */
    }
}

static void test_option_suggestions(void **state)
{
    (void)state;
    assert_string_equal(option_suggest(BYTES("colr")), "colour");
    assert_string_equal(option_suggest(BYTES("bel")), "bell");
    assert_string_equal(option_suggest(BYTES("tme")), "time");
    assert_null(option_suggest(BYTES("nonsense")));
    assert_string_equal(option_suggest_word(OPTION_TIME, BYTES("is")), "iso");
    assert_null(option_suggest_word(OPTION_TIME, BYTES("xyz")));
    assert_string_equal(option_suggest_word(OPTION_FORMAT, BYTES("jsn")), "json");
    assert_null(option_suggest_word(OPTION_COLOUR, BYTES("purple")));
    assert_null(option_suggest_word(OPTION_TZ, BYTES("Europe/Pari")));
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
    event = chat_world_take(&s->world, CHAT_EV_OPTIONS);
    assert_int_equal(event->item_count, 1);
    chat_world_assert_text(event->items[0].name, "time");
    chat_world_type(&s->world, s->bob, "/set nonsense on");
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_OPTION_UNKNOWN);
    chat_world_type(&s->world, s->bob, "/set color purple");
    event = chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_OPTION_BAD);
    chat_world_assert_text(event->text, "colour");
}

static void test_cmd_option_set_tz(void **state)
{
    struct chat_scene *s = *state;
    const struct chat_zone paris = {.name = "Europe/Paris"};
    struct chat_request request = {.command = command_find(BYTES("set")),
                                   .words = {BYTES("tz"), BYTES("Europe/Paris")},
                                   .word_count = 2,
                                   .zone = &paris};

    chat_world_type(&s->world, s->bob, "/set tz utc");
    const struct chat_event *event = chat_world_take(&s->world, CHAT_EV_OPTION_SET);
    assert_ptr_equal(event->zone, &option_zone_utc);
    chat_world_assert_text(event->extra, "UTC");
    assert_int_equal(hub_apply(s->world.hub, s->bob, &request), 0);
    event = chat_world_take(&s->world, CHAT_EV_OPTION_SET);
    assert_ptr_equal(event->zone, &paris);
    chat_world_assert_text(event->extra, "Europe/Paris");
    chat_world_type(&s->world, s->bob, "/set time off"); /* leaves the zone as it is */
    assert_ptr_equal(chat_world_take(&s->world, CHAT_EV_OPTION_SET)->zone, &paris);
    chat_world_type(&s->world, s->bob, "/set tz server");
    assert_null(chat_world_take(&s->world, CHAT_EV_OPTION_SET)->zone);
    assert_null(s->bob->zone);
    chat_world_type(&s->world, s->bob, "/set tz Europe/Paris"); /* whose file nobody has read */
    chat_world_take_refusal(&s->world, s->bob, CHAT_ERR_OPTION_BAD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_option_parse_and_word_agree),
        cmocka_unit_test(test_option_parse_refuses_the_rest),
        cmocka_unit_test(test_option_names_choices_and_words_fit),
        cmocka_unit_test(test_option_suggestions),
        cmocka_unit_test_setup_teardown(test_cmd_option_set_tz, chat_scene_set_up, chat_scene_tear_down),
        cmocka_unit_test_setup_teardown(test_cmd_option_set_tells_and_keeps, chat_scene_set_up,
                                        chat_scene_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
