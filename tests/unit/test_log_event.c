/* Events: kind and fields become one line that can be taken apart again, JSON, and not too many of them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log_event.h"

/* What the sink and the taker got. */
struct seen {
    unsigned count, taken_count;
    bool takes;
    char line[20000];
    uint64_t suppressed_told; /* the sum of the counts of suppressed=... */
    struct clock_fake clock;
};

static void on_line(void *arg, enum log_level level, struct bytes line)
{
    struct seen *seen = arg;
    (void)level;
    seen->count++;
    assert_true(bytes_copy(line, seen->line, sizeof(seen->line)));
    const char *told = strstr(seen->line, " suppressed=");
    if (!told)
        return;
    struct bytes rest = bytes_of(told + strlen(" suppressed="));
    uint64_t count;
    assert_int_equal(bytes_parse_u64(bytes_word(&rest), UINT64_MAX, &count), 0);
    seen->suppressed_told += count;
    errno = EDOM;
}

static bool take(void *arg, const struct log_record *record)
{
    struct seen *seen = arg;
    seen->taken_count++;
    assert_true(bytes_copy(record->message, seen->line, sizeof(seen->line)));
    return seen->takes;
}

static int setup(void **state)
{
    struct seen *seen = calloc(1, sizeof(*seen));
    if (!seen)
        return -1;
    clock_fake_init(&seen->clock, 1000, 0);
    *state = seen;
    log_set_sink(on_line, seen);
    log_set_clock(&seen->clock.clock);
    log_set_limit(0, 0);
    log_set_level(LOG_LEVEL_INFO);
    return 0;
}

static int teardown(void **state)
{
    log_flush();
    log_set_limit(0, 0);
    log_set_sink(NULL, NULL);
    log_set_taker(NULL, NULL);
    log_set_clock(NULL);
    log_set_format(LOG_FORMAT_TEXT);
    free(*state);
    return 0;
}

/* Without the time. */
static const char *line_of(const struct seen *seen)
{
    const char *blank = strchr(seen->line, ' ');
    assert_non_null(blank);
    return blank + 1;
}

static void test_log_event_fills_in_its_text_and_adds_the_other_fields(void **state)
{
    struct seen *seen = *state;
    log_event(LOG_KIND_SESSION_CLOSED, LOG_LEVEL_INFO, LOG_STR("reason", "quit"), LOG_UINT("in", UINT64_MAX),
              LOG_INT("ms", -5), LOG_UINT("session", 12), LOG_STR("name", ""));
    assert_string_equal(line_of(seen), "info session=12 closed reason=quit in=18446744073709551615 ms=-5");
    assert_int_equal(seen->count, 1);
}

static void test_log_event_say_replaces_the_line(void **state)
{
    struct seen *seen = *state;
    log_event(LOG_KIND_LISTENING, LOG_LEVEL_NOTICE, LOG_STR("address", "x"),
              LOG_SAY(BYTES("listening on x (TLS)")));
    assert_string_equal(line_of(seen), "notice listening on x (TLS)");
}

static void assert_value(struct seen *seen, struct bytes value, const char *expected)
{
    char whole[256];
    snprintf(whole, sizeof(whole), "info session=1 named user=%s", expected);
    log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 1), LOG_TEXT("name", value));
    assert_string_equal(line_of(seen), whole);
}

static void test_log_event_quotes_where_needed(void **state)
{
    struct seen *seen = *state;
    assert_value(seen, BYTES("alice"), "alice");
    assert_value(seen, BYTES("\xC3\xA4"), "\xC3\xA4");
    assert_value(seen, BYTES(""), "\"\"");
    assert_value(seen, BYTES("a b"), "\"a b\"");
    assert_value(seen, BYTES("a=b"), "\"a=b\"");
    assert_value(seen, BYTES("a\"b"), "\"a\\\"b\"");
    assert_value(seen, BYTES("a\\b"), "\"a\\\\b\"");
    assert_value(seen, BYTES("a\nb"), "\"a\\x0ab\"");
    assert_value(seen, BYTES("\x1B[2J"), "\"\\x1b[2J\"");
    assert_value(seen, BYTES("\xC2\x9B"), "\"\\xc2\\x9b\"");
    assert_value(seen, BYTES("a\xFF"), "\"a\\xff\"");
    assert_value(seen, (struct bytes){"a\0b", 3}, "\"a\\x00b\"");
    assert_int_equal(seen->count, 12);
}

static void test_log_event_text_cannot_forge_a_field(void **state)
{
    struct seen *seen = *state;
    assert_value(seen, BYTES("x\" reason=\"quit"), "\"x\\\" reason=\\\"quit\"");
    assert_value(seen, BYTES("{session}"), "{session}");
}

static void test_log_event_json_is_one_object(void **state)
{
    struct seen *seen = *state;
    log_set_format(LOG_FORMAT_JSON);
    log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 1), LOG_STR("name", "a\"\n"));
    const char *rest = strstr(seen->line, ",\"level\":");
    assert_non_null(rest);
    assert_string_equal(rest, ",\"level\":\"info\",\"event\":\"session-named\",\"message\":\"session=1 named "
                              "user=\\\"a\\\\\\\"\\\\x0a\\\"\",\"session\":1,\"name\":\"a\\\"\\n\"}");
    assert_int_equal(strncmp(seen->line, "{\"time\":\"2", 10), 0);
    log_warning("plain %d", 5);
    assert_non_null(strstr(seen->line, ",\"level\":\"warning\",\"message\":\"plain 5\"}"));
}

static void test_log_event_json_that_is_too_long_goes_without_fields(void **state)
{
    struct seen *seen = *state;
    static char big[20000];
    memset(big, '\x01', sizeof(big));
    log_set_format(LOG_FORMAT_JSON);
    log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 1),
              LOG_TEXT("name", ((struct bytes){big, sizeof(big)})));
    size_t len = strlen(seen->line);
    assert_true(len > 2000);
    assert_string_equal(seen->line + len - strlen(",\"is_cut\":true}"), ",\"is_cut\":true}");
}

static void test_log_event_long_values_are_cut(void **state)
{
    struct seen *seen = *state;
    static char big[100000];
    const char fill[] = {'x', '"', '\n'};
    for (size_t i = 0; i < sizeof(fill); i++) {
        memset(big, fill[i], sizeof(big));
        log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 1),
                  LOG_TEXT("name", ((struct bytes){big, sizeof(big)})));
        size_t len = strlen(seen->line);
        assert_in_range(len, LOG_LINE_BYTES - 4, LOG_LINE_BYTES);
        assert_string_equal(seen->line + len - 3, "...");
    }
}

static void refuse(unsigned session)
{
    log_event(LOG_KIND_SESSION_REFUSED, LOG_LEVEL_INFO, LOG_UINT("session", session));
}

static void test_log_event_flood_is_bounded_and_counted(void **state)
{
    struct seen *seen = *state;
    uint64_t before = log_suppressed_count(LOG_KIND_SESSION_REFUSED);
    log_set_limit(1000, 5);
    for (unsigned i = 1; i <= 10000; i++)
        refuse(i);
    assert_int_equal(seen->count, 5);
    assert_int_equal(log_suppressed_count(LOG_KIND_SESSION_REFUSED) - before, 9995);
    clock_fake_advance(&seen->clock, 1000);
    refuse(10001); /* the bucket has a token again: first what was missed */
    assert_int_equal(seen->count, 7);
    assert_int_equal(seen->suppressed_told, 9995);
    assert_non_null(strstr(seen->line, "session=10001 "));
}

static void test_log_event_tells_the_count_without_another_event(void **state)
{
    struct seen *seen = *state;
    log_set_limit(1, 1); /* a token in 1000 s */
    refuse(1);
    refuse(2);
    log_tick();
    assert_int_equal(seen->count, 1);
    clock_fake_advance(&seen->clock, 9999);
    log_tick();
    assert_int_equal(seen->count, 1);
    clock_fake_advance(&seen->clock, 1);
    log_tick();
    assert_int_equal(seen->count, 2);
    assert_string_equal(line_of(seen), "notice suppressed=1 kind=session-refused");
    log_tick();
    assert_int_equal(seen->count, 2); /* once */
    refuse(3);
    log_flush();
    assert_int_equal(seen->suppressed_told, 2);
}

static void test_log_event_kinds_have_buckets_of_their_own(void **state)
{
    struct seen *seen = *state;
    log_set_limit(1000, 1);
    refuse(1);
    refuse(2);
    log_event(LOG_KIND_SESSION_OPEN, LOG_LEVEL_INFO, LOG_UINT("session", 3));
    assert_int_equal(seen->count, 2);
}

static void test_log_event_errors_and_own_events_are_never_held_back(void **state)
{
    struct seen *seen = *state;
    log_set_limit(1, 1);
    for (int i = 0; i < 100; i++)
        log_event(LOG_KIND_NO_MEMORY, LOG_LEVEL_ERROR, LOG_INT("code", i));
    for (int i = 0; i < 100; i++)
        log_event(LOG_KIND_LISTENING, LOG_LEVEL_NOTICE, LOG_STR("address", "x"));
    assert_int_equal(seen->count, 200);
}

static void test_log_event_a_hidden_level_takes_no_token(void **state)
{
    struct seen *seen = *state;
    log_set_limit(1, 1);
    log_set_level(LOG_LEVEL_NOTICE);
    refuse(1);
    assert_int_equal(seen->count, 0);
    log_set_level(LOG_LEVEL_INFO);
    refuse(2);
    assert_int_equal(seen->count, 1);
}

static void test_log_event_keeps_errno(void **state)
{
    (void)state;
    errno = ENOENT;
    refuse(1);
    assert_int_equal(errno, ENOENT);
}

static void test_log_event_taker_comes_first_and_may_decline(void **state)
{
    struct seen *seen = *state;
    log_set_taker(take, seen);
    log_warning("a\nb");
    assert_int_equal(seen->count, 1);
    assert_int_equal(seen->taken_count, 1);
    assert_string_equal(line_of(seen), "warning a\\x0ab");
    seen->takes = true;
    log_warning("a\nb");
    assert_int_equal(seen->count, 1);
    assert_string_equal(seen->line, "a\\x0ab"); /* harmless already */
    refuse(7);
    assert_string_equal(seen->line, "session=7 closed");
}

static void test_log_change_level_tells_of_it_either_way(void **state)
{
    struct seen *seen = *state;
    log_change_level(LOG_LEVEL_ERROR);
    assert_string_equal(line_of(seen), "notice log level is now error before=info");
    assert_int_equal(log_level(), LOG_LEVEL_ERROR);
    log_change_level(LOG_LEVEL_DEBUG);
    assert_string_equal(line_of(seen), "notice log level is now debug before=error");
    assert_int_equal(log_level(), LOG_LEVEL_DEBUG);
    assert_int_equal(seen->count, 2);
}

static void test_log_kind_names_and_ids_are_unique(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LOG_KIND_COUNT; i++) {
        const struct log_kind_row *row = log_kind_row((enum log_kind)i);
        assert_int_equal(strspn(row->id, "0123456789abcdef"), 32);
        assert_int_equal(strlen(row->id), 32);
        assert_int_equal(strspn(row->name, "abcdefghijklmnopqrstuvwxyz-"), strlen(row->name));
        assert_true(strlen(row->text) > 0);
        for (unsigned j = 0; j < i; j++) {
            assert_string_not_equal(row->id, log_kind_row((enum log_kind)j)->id);
            assert_string_not_equal(row->name, log_kind_row((enum log_kind)j)->name);
        }
    }
}

/* docs/logs.md has a row for each kind, with its id, and no others. */
static void test_log_kind_table_of_the_manual_is_complete(void **state)
{
    (void)state;
    static char text[64 * 1024];
    char path[4096], row[128];
    const char *top = getenv("TOP_SRCDIR");
    snprintf(path, sizeof(path), "%s/docs/logs.md", top ? top : ".");
    FILE *file = fopen(path, "re");
    if (!file)
        skip();
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    unsigned rows = 0;
    for (const char *at = text; (at = strstr(at, "\n| `")) != NULL; at++)
        rows += strstr(at, "` | `") != NULL && strstr(at, "` | `") - at < 40;
    for (unsigned i = 0; i < LOG_KIND_COUNT; i++) {
        const struct log_kind_row *kind = log_kind_row((enum log_kind)i);
        snprintf(row, sizeof(row), "\n| `%s` | `%s` |", kind->name, kind->id);
        if (!strstr(text, row))
            fail_msg("docs/logs.md has no row%s", row);
    }
    assert_int_equal(rows, LOG_KIND_COUNT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(test_log_event_fills_in_its_text_and_adds_the_other_fields),
        T(test_log_event_say_replaces_the_line),
        T(test_log_event_quotes_where_needed),
        T(test_log_event_text_cannot_forge_a_field),
        T(test_log_event_json_is_one_object),
        T(test_log_event_json_that_is_too_long_goes_without_fields),
        T(test_log_event_long_values_are_cut),
        T(test_log_event_flood_is_bounded_and_counted),
        T(test_log_event_tells_the_count_without_another_event),
        T(test_log_event_kinds_have_buckets_of_their_own),
        T(test_log_event_errors_and_own_events_are_never_held_back),
        T(test_log_event_a_hidden_level_takes_no_token),
        T(test_log_event_keeps_errno),
        T(test_log_event_taker_comes_first_and_may_decline),
        T(test_log_change_level_tells_of_it_either_way),
        T(test_log_kind_names_and_ids_are_unique),
        T(test_log_kind_table_of_the_manual_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
