/* Which rooms a list shows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/room.h"
#include "chat/room_filter.h"

#define MINUTE_MS 60000

static bool fits(const char *words, const struct room *room)
{
    return room_filter_fits(bytes_of(words), room, 100 * (int64_t)MINUTE_MS);
}

static void test_room_filter_fits_words(void **state)
{
    char topic[] = "t";
    struct room room = {.present_count = 5,
                        .topic = topic,
                        .topic_wall_ms = 90 * (int64_t)MINUTE_MS,
                        .opened_wall_ms = 40 * (int64_t)MINUTE_MS};
    static const struct {
        const char *words;
        bool fits;
    } cases[] = {
        {"", true},       {" , ,", true},  {"#dev-c", true},     {"dev-c", true},    {"DEV-?", true},
        {"#ops", false},  {"ops", false},  {"#ops,dev*", true},  {"*", true},        {"*dev*", true},
        {"!dev*", false}, {"!ops", true},  {"dev*,!*-c", false}, {"*v-c", true},     {">4", true},
        {">5", false},    {"<6", true},    {"<5", false},        {">4 <6", true},    {">4,<5", false},
        {"C>59", true},   {"C>60", false}, {"c<61", true},       {"C<60", false},    {"T>9", true},
        {"T>10", false},  {"t<11", true},  {"T<10", false},      {"dev* >9", false}, {"ops >1", false},
        {">x", false},    {"C", false},    {"c*,d*", true},      {"<", false},       {">99999999999", false},
    };
    (void)state;

    name_set(&room.name, BYTES("#dev-c"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (fits(cases[i].words, &room) != cases[i].fits)
            fail_msg("\"%s\" should %sfit", cases[i].words, cases[i].fits ? "" : "not ");
    }
    room.topic = NULL;
    assert_false(fits("T>9", &room));
    assert_false(fits("T<99", &room));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room_filter_fits_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
