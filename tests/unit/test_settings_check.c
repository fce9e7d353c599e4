/* Settings: which source wins, what is said of mistakes, and what is checked of all together. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "daemon/settings.h"
#include "support/settings_fixture.h"

static void test_settings_suggest_what_was_meant(void **state)
{
    struct settings_fixture *fixture = *state;
    static const struct {
        const char *key, *message;
    } cases[] = {
        {"lissten.address", "unknown setting \"lissten.address\"; did you mean \"listen.address\"?"},
        {"limits.outbox_hihg",
         "unknown setting \"limits.outbox_hihg\"; did you mean \"limits.outbox_high\"?"},
        {"Log.Level", "unknown setting \"Log.Level\"; did you mean \"log.level\"?"},
        {"server.quiet_above", "unknown setting \"server.quiet_above\"; did you mean \"rooms.quiet_above\"?"},
        {"flood", "unknown setting \"flood\"; did you mean \"limits.flood\"?"},
        {"colour.of.sky", "unknown setting \"colour.of.sky\""},
        {"", "unknown setting \"\""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(settings_fixture_set(fixture, cases[i].key, "1"), -ENOENT);
        settings_fixture_assert_errors(fixture, cases[i].message);
    }
}

static void test_settings_say_what_is_allowed(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_set(fixture, "limits.line", "3"), -ERANGE);
    settings_fixture_assert_errors(
        fixture, "bad value \"3\" for limits.line: expected bytes (such as 4096, 64K or 1M) from 512 to "
                 "64K");
    assert_int_equal(settings_fixture_set(fixture, "limits.stalled", "2 # minutes"), -EINVAL);
    assert_non_null(
        strstr(settings_fixture_errors(fixture), "from 100ms to 24h; a comment needs its own line"));
}

static void test_settings_later_sources_win(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_load(fixture, "[limits]\ninbox = 11\nqueue = 22\n"), 0);
    assert_int_equal(settings_fixture_set(fixture, "limits.queue", "33"), 0);
    assert_int_equal(settings_fixture_set(fixture, "limits.queue", "44"), 0);
    assert_int_equal(fixture->settings->limits.inbox, 11);
    assert_int_equal(fixture->settings->limits.queue, 44);
    assert_int_equal(fixture->settings->rooms.log, 1024);
}

static void test_settings_list_replaces_per_source_and_then_grows(void **state)
{
    struct settings_fixture *fixture = *state;
    const struct setting_list *list = &fixture->settings->listen.address;
    assert_int_equal(settings_fixture_load(fixture, "[listen]\naddress = a:1\naddress = b:2\n"), 0);
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[0], "a:1");
    assert_string_equal(list->items[1], "b:2");
    settings_fixture_assert_refused(fixture, "listen.address", "", -EINVAL);
    assert_int_equal(list->count, 2);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "c:3"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "d:4"), 0);
    assert_int_equal(list->count, 2);
    assert_string_equal(list->items[0], "c:3");
    for (int i = 2; i < 64; i++)
        assert_int_equal(settings_fixture_set(fixture, "listen.address", "x:1"), 0);
    settings_fixture_assert_refused(fixture, "listen.address", "x:1", -ERANGE);
    assert_int_equal(list->count, 64);
}

static void test_settings_report_all_errors_of_a_file(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_load(
                         fixture, "x = 1\n[limits]\ninbox = 11\nline = 3\nlinne = 4\ninbox = 12\n[oops\n"),
                     -EINVAL);
    settings_fixture_assert_errors(
        fixture,
        "f.conf:1: a setting needs a [section] above it\n"
        "f.conf:4: bad value \"3\" for limits.line: expected bytes (such as 4096, 64K or 1M) from 512 to "
        "64K\n"
        "f.conf:5: unknown setting \"limits.linne\"; did you mean \"limits.line\"?\n"
        "f.conf:6: limits.inbox is set twice, first in line 3\n"
        "f.conf:7: the ] after the section is missing\n");
    assert_int_equal(fixture->settings->limits.inbox, 11);
}

static unsigned count_lines(const char *text)
{
    unsigned lines = 0;
    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

static void load_with_errors(struct settings_fixture *fixture, unsigned count)
{
    struct buf text;
    buf_init(&text, 4096);
    for (unsigned i = 0; i < count; i++)
        buf_put_text(&text, "oops\n");
    assert_int_equal(settings_load_text(fixture->settings, "f", buf_bytes(&text), &fixture->errors), -EINVAL);
    buf_done(&text);
}

static void test_settings_bound_the_errors_told(void **state)
{
    struct settings_fixture *fixture = *state;
    load_with_errors(fixture, SETTINGS_ERRORS_MAX);
    assert_int_equal(count_lines(settings_fixture_errors(fixture)), SETTINGS_ERRORS_MAX);
    assert_null(strstr(settings_fixture_errors(fixture), "more errors"));
    buf_reset(&fixture->errors);
    load_with_errors(fixture, SETTINGS_ERRORS_MAX + 3);
    assert_int_equal(count_lines(settings_fixture_errors(fixture)), SETTINGS_ERRORS_MAX + 1);
    assert_non_null(strstr(settings_fixture_errors(fixture), "\nf: 3 more errors\n"));
}

static void test_settings_shorten_long_texts_in_messages(void **state)
{
    struct settings_fixture *fixture = *state;
    char line[600];
    memset(line, 'x', sizeof(line));
    memcpy(line, "[", 1);
    memcpy(line + 298, "]\n", 2);
    memcpy(line + 590, " = 1", 5);
    assert_int_equal(settings_fixture_load(fixture, line), -EINVAL);
    assert_non_null(strstr(settings_fixture_errors(fixture), "f.conf:2: unknown setting \"xxx"));
    assert_non_null(strstr(settings_fixture_errors(fixture), "xxx...\"\n"));
    assert_true(fixture->errors.len < 200);
}

static void test_settings_check_finds_every_misfit(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), 0);
    settings_fixture_assert_errors(fixture, "");
    assert_int_equal(settings_fixture_set(fixture, "tls.key", "/k"), 0);
    assert_int_equal(settings_fixture_set(fixture, "limits.outbox_low", "64K"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.log", "16"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.history", "17"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.lobby", "lobby"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "nowhere"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "a:1"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "a:1 greeting=off"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "b:1 greeting=maybe"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "c:1 tls=required"), 0);
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), -EINVAL);
    settings_fixture_assert_errors(
        fixture, "--set: tls.key is set but tls.certificate is not; TLS needs both\n"
                 "--set: limits.outbox_low (65536) must be below limits.outbox_high (65536)\n"
                 "--set: rooms.history (17) must not be above rooms.log (16)\n"
                 "--set: rooms.lobby \"lobby\" must begin with # and have no spaces\n"
                 "--set: listen.address \"nowhere\" is not HOST:PORT, [IPV6]:PORT or unix:/PATH\n"
                 "--set: listen.address \"a:1\" is given twice\n"
                 "--set: listen.address \"b:1 greeting=maybe\": greeting=maybe: expected on or off\n"
                 "--set: listen.address \"c:1 tls=required\" needs tls.certificate and tls.key\n");
}

static void test_settings_check_pairs_certificates_and_keys(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_load(fixture, "[tls]\ncertificate = /a\nkey = /b\ncertificate = /c\n"),
                     0);
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), -EINVAL);
    assert_int_equal(settings_fixture_set(fixture, "tls.client_certificates", "required"), 0);
    assert_int_equal(settings_fixture_set(fixture, "tls.certificate", ""),
                     0); /* the command line may turn TLS off */
    assert_int_equal(settings_fixture_set(fixture, "tls.key", ""), 0);
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), -EINVAL);
    settings_fixture_assert_errors(
        fixture, "f.conf:4: 2 tls.certificate but 1 tls.key: each needs its key, in the same order\n"
                 "--set: tls.client_certificates = required needs tls.client_ca, or any would do\n");
    assert_int_equal(settings_fixture_set(fixture, "tls.client_ca", "/ca"), 0);
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), 0);
    assert_int_equal(settings_fixture_set(fixture, "tls.client_certificates", "maybe"), -EINVAL);
}

static void test_settings_check_accepts_what_just_fits(void **state)
{
    struct settings_fixture *fixture = *state;
    assert_int_equal(settings_fixture_set(fixture, "tls.key", "/k"), 0);
    assert_int_equal(settings_fixture_set(fixture, "tls.certificate", "/c"), 0);
    assert_int_equal(settings_fixture_set(fixture, "limits.outbox_low", "65535"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.log", "17"), 0);
    assert_int_equal(settings_fixture_set(fixture, "rooms.history", "17"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "[::]:7000"), 0);
    assert_int_equal(settings_fixture_set(fixture, "listen.address", "unix:/run/x tls=required proxy=unix"),
                     0);
    assert_int_equal(settings_check(fixture->settings, &fixture->errors), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, settings_fixture_setup, settings_fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settings_suggest_what_was_meant),
        TEST(test_settings_say_what_is_allowed),
        TEST(test_settings_later_sources_win),
        TEST(test_settings_list_replaces_per_source_and_then_grows),
        TEST(test_settings_report_all_errors_of_a_file),
        TEST(test_settings_bound_the_errors_told),
        TEST(test_settings_shorten_long_texts_in_messages),
        TEST(test_settings_check_finds_every_misfit),
        TEST(test_settings_check_pairs_certificates_and_keys),
        TEST(test_settings_check_accepts_what_just_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
