/* Settings: the table, values of every type, the dump and the sample file. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "daemon/conf_file.h"
#include "daemon/settings.h"
#include "support/settings_fixture.h"

static void test_settings_have_the_defaults(void **state)
{
    const struct settings *settings = ((struct settings_fixture *)*state)->settings;
    assert_string_equal(settings->server.name, "localhost");
    assert_string_equal(settings->server.welcome, "");
    assert_int_equal(settings->server.shutdown_timeout_ms, 5000);
    assert_int_equal(settings->listen.address.count, 1);
    assert_string_equal(settings->listen.address.items[0], "127.0.0.1:7000");
    assert_int_equal(settings->listen.backlog, 1024);
    assert_int_equal(settings->tls.certificate.count, 0);
    assert_int_equal(settings->tls.key.count, 0);
    assert_int_equal(settings->tls.client_certificates, TLS_CLIENTS_NO);
    assert_int_equal(settings->tls.warn_days, 14);
    assert_int_equal(settings->tls.handshake_timeout_ms, 10000);
    assert_int_equal(settings->limits.flood.rate_milli, 1000);
    assert_int_equal(settings->limits.flood.burst, 5);
    assert_int_equal(settings->limits.per_address, 20);
    assert_int_equal(settings->limits.sessions, 0);
    assert_int_equal(settings->limits.line_bytes, 4096);
    assert_int_equal(settings->limits.name_timeout_ms, 60000);
    assert_int_equal(settings->limits.outbox_high_bytes, 65536);
    assert_int_equal(settings->limits.outbox_low_bytes, 16384);
    assert_int_equal(settings->limits.stalled_ms, 120000);
    assert_int_equal(settings->limits.inbox, 1000);
    assert_int_equal(settings->limits.lines_per_turn, 16);
    assert_int_equal(settings->limits.rooms_per_user, 50);
    assert_int_equal(settings->limits.queue, 4096);
    assert_string_equal(settings->rooms.lobby, "#lobby");
    assert_int_equal(settings->rooms.log, 1024);
    assert_int_equal(settings->rooms.history, 10);
    assert_int_equal(settings->rooms.quiet_above, 30);
    assert_int_equal(settings->greeting.delay_ms, 400);
    assert_int_equal(settings->log.level, LOG_LEVEL_INFO);
}

static void test_settings_table_is_sound(void **state)
{
    struct settings_fixture *fixture = *state;
    for (size_t i = 0; settings_row(i) != NULL; i++) {
        const struct settings_row *row = settings_row(i);
        struct bytes name = bytes_of(row->key);
        assert_true(bytes_cut(&name, '.').len > 0);
        assert_true(name.len > 0 && bytes_find(name, '.') == name.len);
        assert_true(row->min <= row->max);
        assert_null(strchr(row->help, '\n'));
        assert_true(row->help[0] >= 'A' && row->help[0] <= 'Z');
        assert_true(row->help[strlen(row->help) - 1] != '.');
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(row->key, settings_row(k)->key);
            assert_int_not_equal(row->offset, settings_row(k)->offset);
        }

        /* The dump compares with the default as text. */
        struct buf text;
        buf_init(&text, 1024);
        setting_type_format(row->type, settings_field(fixture->settings, row), &text);
        assert_true(bytes_eq(buf_bytes(&text), bytes_of(row->default_text)));
        buf_done(&text);
    }
    assert_null(settings_row(10000));
}

static void test_settings_refuse_numbers_outside_their_range(void **state)
{
    struct settings_fixture *fixture = *state;
    settings_fixture_assert_refused(fixture, "limits.line", "511", -ERANGE);
    assert_int_equal(settings_fixture_set(fixture, "limits.line", "512"), 0);
    assert_int_equal(fixture->settings->limits.line_bytes, 512);
    assert_int_equal(settings_fixture_set(fixture, "limits.line", "65536"), 0);
    settings_fixture_assert_refused(fixture, "limits.line", "65537", -ERANGE);
    assert_int_equal(fixture->settings->limits.line_bytes, 65536);

    settings_fixture_assert_refused(fixture, "rooms.log", "15", -ERANGE);
    assert_int_equal(settings_fixture_set(fixture, "rooms.log", "16"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.log", "65536"), 0);
    settings_fixture_assert_refused(fixture, "rooms.log", "65537", -ERANGE);

    settings_fixture_assert_refused(fixture, "server.shutdown_timeout", "99ms", -ERANGE);
    assert_int_equal(settings_fixture_set(fixture, "server.shutdown_timeout", "100ms"), 0);
    assert_int_equal(settings_fixture_set(fixture, "server.shutdown_timeout", "10m"), 0);
    settings_fixture_assert_refused(fixture, "server.shutdown_timeout", "601s", -ERANGE);
}

static void test_settings_read_units(void **state)
{
    struct settings_fixture *fixture = *state;
    static const struct {
        const char *text;
        int64_t ms;
    } times[] = {{"100ms", 100},    {"1s", 1000},  {"90s", 90000}, {"2m", 120000},
                 {"24h", 86400000}, {"3 s", 3000}, {"4S", 4000}};
    for (size_t i = 0; i < ARRAY_LEN(times); i++) {
        assert_int_equal(settings_fixture_set(fixture, "limits.stalled", times[i].text), 0);
        assert_int_equal(fixture->settings->limits.stalled_ms, times[i].ms);
    }
    assert_int_equal(settings_fixture_set(fixture, "limits.outbox_high", "2M"), 0);
    assert_int_equal(fixture->settings->limits.outbox_high_bytes, 2 * 1024 * 1024);
    assert_int_equal(settings_fixture_set(fixture, "limits.outbox_high", "5k"), 0);
    assert_int_equal(fixture->settings->limits.outbox_high_bytes, 5120);
    assert_int_equal(settings_fixture_set(fixture, "greeting.delay", "0"), 0);
    assert_int_equal(fixture->settings->greeting.delay_ms, 0);
}

static void test_settings_refuse_malformed_numbers(void **state)
{
    struct settings_fixture *fixture = *state;
    static const char *const times[] = {"",     "s",         "5",   "-5s",  "+5s",
                                        "1.5s", "5 minutes", "5sx", "0x5s", "5ms s"};
    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        settings_fixture_assert_refused(fixture, "limits.stalled", times[i], -EINVAL);
    static const char *const sizes[] = {"", "K", "4KB", "4G", "-1", "4096 # bytes"};
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
        settings_fixture_assert_refused(fixture, "limits.line", sizes[i], -EINVAL);
    static const char *const counts[] = {"", "1K", "1 0", "ten", "1e3"};
    for (size_t i = 0; i < ARRAY_LEN(counts); i++)
        settings_fixture_assert_refused(fixture, "limits.inbox", counts[i], -EINVAL);
    /* 2^64, 2^63, and products that overflow */
    settings_fixture_assert_refused(fixture, "limits.inbox", "18446744073709551616", -ERANGE);
    settings_fixture_assert_refused(fixture, "limits.line", "9223372036854775808", -ERANGE);
    settings_fixture_assert_refused(fixture, "limits.line", "9223372036854775807M", -ERANGE);
    settings_fixture_assert_refused(fixture, "limits.stalled", "9223372036854775807h", -ERANGE);
}

static void test_settings_read_flood_rates(void **state)
{
    struct settings_fixture *fixture = *state;
    static const struct {
        const char *text;
        int64_t rate_milli, burst;
        const char *canonical;
    } good[] = {
        {"1 burst 5", 1000, 5, "1 burst 5"},
        {"0.5 burst 10", 500, 10, "0.5 burst 10"},
        {"0.001 burst 1", 1, 1, "0.001 burst 1"},
        {"2.250  BURST  3", 2250, 3, "2.25 burst 3"},
        {"1000 burst 10000", 1000000, 10000, "1000 burst 10000"},
        {"off", 0, 0, "off"},
        {"2.05 burst 3", 2050, 3, "2.05 burst 3"},
    };
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        assert_int_equal(settings_fixture_set(fixture, "limits.flood", good[i].text), 0);
        assert_int_equal(fixture->settings->limits.flood.rate_milli, good[i].rate_milli);
        assert_int_equal(fixture->settings->limits.flood.burst, good[i].burst);
        setting_type_format(SETTING_TYPE_FLOOD, &fixture->settings->limits.flood, &fixture->errors);
        settings_fixture_assert_errors(fixture, good[i].canonical);
    }
    static const char *const malformed[] = {"",           "1",          "1 5",
                                            "burst 5",    "1 burst",    "1 burst x",
                                            "1. burst 5", ".5 burst 5", "0.0001 burst 5",
                                            "-1 burst 5", "1 burst 5 6"};
    for (size_t i = 0; i < ARRAY_LEN(malformed); i++)
        settings_fixture_assert_refused(fixture, "limits.flood", malformed[i], -EINVAL);
    static const char *const outside[] = {"0 burst 5",    "0.000 burst 5",    "1 burst 0",
                                          "1001 burst 5", "1000.001 burst 5", "1 burst 10001"};
    for (size_t i = 0; i < ARRAY_LEN(outside); i++)
        settings_fixture_assert_refused(fixture, "limits.flood", outside[i], -ERANGE);
}

static void test_settings_read_bool(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "on", "true", "YES"};
    static const char *const no[] = {"no", "off", "false", "False"};
    static const char *const neither[] = {"", "1", "0", "ye", "yess"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool value = false;
        assert_int_equal(setting_type_parse(SETTING_TYPE_BOOL, bytes_of(yes[i]), 0, 0, &value), 0);
        assert_true(value);
        assert_int_equal(setting_type_parse(SETTING_TYPE_BOOL, bytes_of(no[i]), 0, 0, &value), 0);
        assert_false(value);
    }
    for (size_t i = 0; i < ARRAY_LEN(neither); i++) {
        bool value = true;
        assert_int_equal(setting_type_parse(SETTING_TYPE_BOOL, bytes_of(neither[i]), 0, 0, &value), -EINVAL);
        assert_true(value);
    }
}

static void test_settings_read_modes(void **state)
{
    static const char *const bad[] = {"", "66", "00660", "0668", "1777", "rw-rw----", "+660", "0x1b"};
    struct settings_fixture *fixture = *state;
    assert_int_equal(fixture->settings->control.mode, 0660);
    assert_int_equal(settings_fixture_set(fixture, "control.mode", "0777"), 0);
    assert_int_equal(fixture->settings->control.mode, 0777);
    assert_int_equal(settings_fixture_set(fixture, "control.mode", "600"), 0);
    assert_int_equal(fixture->settings->control.mode, 0600);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        settings_fixture_assert_refused(fixture, "control.mode", bad[i], i == 4 ? -ERANGE : -EINVAL);
}

static void test_settings_read_log_level(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_set(fixture, "log.level", "debug"), 0);
    assert_int_equal(fixture->settings->log.level, LOG_LEVEL_DEBUG);
    assert_int_equal(settings_fixture_set(fixture, "log.level", "chatty"), -EINVAL);
    settings_fixture_assert_errors(
        fixture, "bad value \"chatty\" for log.level: expected one of error, warning, notice, info, "
                 "debug");
}

static void test_settings_refuse_text_that_harms_a_terminal(void **state)
{
    struct settings_fixture *fixture = *state;
    static const char *const bad[] = {"a\x1b[2J", "a\nb", "a\tb", "\x7f", "\xc2\x9b", "\xff", "\xc0\xaf"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        settings_fixture_assert_refused(fixture, "server.welcome", bad[i], -EINVAL);
    assert_int_equal(settings_fixture_set(fixture, "server.welcome", "Grüße ☕"), 0);
    assert_string_equal(fixture->settings->server.welcome, "Grüße ☕");
    /* What is refused is cleaned in the message, too. */
    assert_int_equal(settings_fixture_set(fixture, "no\x1b[2J", "x"), -ENOENT);
    settings_fixture_assert_errors(fixture, "unknown setting \"no?[2J\"");
}

static void test_settings_refuse_names_of_a_wrong_form(void **state)
{
    struct settings_fixture *fixture = *state;
    char name[255];
    assert_int_equal(settings_fixture_set(fixture, "server.name", "Chat-1.example.org"), 0);
    settings_fixture_assert_refused(fixture, "server.name", "", -ERANGE);
    settings_fixture_assert_refused(fixture, "server.name", "a b", -EINVAL);
    settings_fixture_assert_refused(fixture, "server.name", "a_b", -EINVAL);
    settings_fixture_assert_refused(fixture, "server.name", "ü", -EINVAL);
    memset(name, 'a', sizeof(name));
    name[254] = '\0';
    settings_fixture_assert_refused(fixture, "server.name", name, -ERANGE);
    name[253] = '\0';
    assert_int_equal(settings_fixture_set(fixture, "server.name", name), 0);
}

static void assert_same_settings(const struct settings *a, const struct settings *b)
{
    for (size_t i = 0; settings_row(i) != NULL; i++) {
        const struct settings_row *row = settings_row(i);
        struct buf text_a, text_b;
        buf_init(&text_a, 8192);
        buf_init(&text_b, 8192);
        setting_type_format(row->type, settings_field(a, row), &text_a);
        setting_type_format(row->type, settings_field(b, row), &text_b);
        assert_true(bytes_eq(buf_bytes(&text_a), buf_bytes(&text_b)));
        buf_done(&text_a);
        buf_done(&text_b);
    }
}

static void test_settings_dump_reads_back_the_same(void **state)
{
    struct settings_fixture *fixture = *state;
    static const char *const changes[][2] = {
        {"server.welcome", "  \"quoted\" 'ends' "},
        {"listen.address", "a:1"},
        {"listen.address", "b:2"},
        {"limits.flood", "0.125 burst 7"},
        {"limits.line", "5000"},
        {"limits.stalled", "90s"},
        {"greeting.delay", "0"},
        {"tls.key", "/k with space"},
        {"tls.key", "credential:key.pem"},
        {"tls.client_certificates", "optional"},
        {"control.mode", "0604"},
        {"log.level", "warning"},
        {"rooms.lobby", "#a"},
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++)
        assert_int_equal(settings_fixture_set(fixture, changes[i][0], changes[i][1]), 0);
    struct buf dump;
    buf_init(&dump, SETTINGS_DUMP_BYTES);
    settings_dump(fixture->settings, &dump);
    assert_int_equal(buf_error(&dump), 0);

    struct settings *again = settings_new();
    assert_int_equal(settings_load_text(again, "dump", buf_bytes(&dump), &fixture->errors), 0);
    assert_same_settings(fixture->settings, again);
    settings_free(again);
    buf_done(&dump);
}

/* The next `#name = value` or `#name =` of the text, with the section it stands in; prose and examples
 * begin with "# ". */
static bool next_default(struct bytes *rest, struct bytes *section, struct bytes *ret_name,
                         struct bytes *ret_value)
{
    while (rest->len > 0) {
        struct bytes line = bytes_cut(rest, '\n');
        if (line.len > 2 && line.ptr[0] == '[')
            *section = bytes_slice(line, 1, line.len - 1);
        if (line.len < 2 || line.ptr[0] != '#' || line.ptr[1] == ' ')
            continue;
        *ret_value = bytes_slice(line, 1, line.len);
        *ret_name = bytes_trim(bytes_cut(ret_value, '='));
        *ret_value = bytes_trim(*ret_value);
        return true;
    }
    return false;
}

/* `text` sets nothing and shows each setting of the table once, in order, with its default. */
static void assert_shows_the_table(struct settings_fixture *fixture, struct bytes text)
{
    struct bytes rest = text, section = {NULL, 0}, name, value;
    size_t index = 0;
    for (; next_default(&rest, &section, &name, &value); index++) {
        char key[80];
        (void)snprintf(key, sizeof(key), "%.*s.%.*s", BYTES_ARG(section), BYTES_ARG(name));
        assert_non_null(settings_row(index));
        assert_string_equal(key, settings_row(index)->key);
        assert_int_equal(value.len, strlen(settings_row(index)->default_text));
        assert_true(bytes_eq(value, bytes_of(settings_row(index)->default_text)));
    }
    assert_null(settings_row(index));
    struct conf_file file;
    struct conf_file_item item;
    conf_file_init(&file, text);
    assert_false(conf_file_next(&file, &item));
    assert_int_equal(settings_load_text(fixture->settings, "text", text, &fixture->errors), 0);
}

static void test_settings_dump_of_defaults_shows_the_table(void **state)
{
    struct settings_fixture *fixture = *state;
    struct buf dump;
    buf_init(&dump, SETTINGS_DUMP_BYTES);
    settings_dump(fixture->settings, &dump);
    assert_int_equal(buf_error(&dump), 0);
    assert_shows_the_table(fixture, buf_bytes(&dump));
    buf_done(&dump);
}

static void test_settings_sample_file_shows_the_table(void **state)
{
    struct settings_fixture *fixture = *state;
    char path[512];
    char text[32768];
    const char *top = getenv("TOP_SRCDIR");
    (void)snprintf(path, sizeof(path), "%s/conf/mingled.conf", top != NULL ? top : ".");
    FILE *sample = fopen(path, "re");
    if (sample == NULL)
        fail_msg("%s cannot be read; is TOP_SRCDIR set?", path);
    size_t len = fread(text, 1, sizeof(text), sample);
    fclose(sample);
    assert_in_range(len, 1, sizeof(text) - 1);
    assert_shows_the_table(fixture, (struct bytes){text, len});
}

static void test_settings_free_accepts_null(void **state)
{
    (void)state;
    settings_free(NULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settings_fixture_setup, settings_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settings_have_the_defaults),
        TEST(test_settings_table_is_sound),
        TEST(test_settings_refuse_numbers_outside_their_range),
        TEST(test_settings_read_units),
        TEST(test_settings_refuse_malformed_numbers),
        TEST(test_settings_read_flood_rates),
        TEST(test_settings_read_bool),
        TEST(test_settings_read_modes),
        TEST(test_settings_read_log_level),
        TEST(test_settings_refuse_text_that_harms_a_terminal),
        TEST(test_settings_refuse_names_of_a_wrong_form),
        TEST(test_settings_dump_reads_back_the_same),
        TEST(test_settings_dump_of_defaults_shows_the_table),
        TEST(test_settings_sample_file_shows_the_table),
        TEST(test_settings_free_accepts_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
