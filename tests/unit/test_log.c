/* The log: what reaches the sink and what reaches stderr; no text can forge a line or an escape. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/utf8.h"

enum { LINE_MAX_BYTES = 2048, PREFIX_BYTES = sizeof("2026-11-21T14:05:03.120Z info ") - 1 };

/* The last line that the sink got. */
struct seen {
    unsigned count;
    enum log_level level;
    char line[4096];
    size_t len;
};

static void seen_on_line(void *arg, enum log_level level, struct bytes line)
{
    struct seen *seen = arg;
    seen->count++;
    seen->level = level;
    assert_true(bytes_copy(line, seen->line, sizeof(seen->line)));
    seen->len = line.len;
    errno = EDOM; /* log_msg() has to put it right again */
}

static int setup(void **state)
{
    struct seen *seen = calloc(1, sizeof(*seen));
    if (seen == NULL)
        return -1;
    *state = seen;
    log_set_level(LOG_LEVEL_INFO);
    log_set_sink(seen_on_line, seen);
    return 0;
}

static int teardown(void **state)
{
    log_set_sink(NULL, NULL);
    log_set_level(LOG_LEVEL_INFO);
    unsetenv("JOURNAL_STREAM");
    free(*state);
    return 0;
}

/* "2026-11-21T14:05:03.120Z info rest": returns the rest. */
static const char *after_prefix(const char *line, const char *level)
{
    static const char pattern[] = "dddd-dd-ddTdd:dd:dd.dddZ ";
    size_t len = strlen(pattern);
    assert_true(strlen(line) >= len);
    for (size_t i = 0; i < len; i++) {
        if (pattern[i] == 'd')
            assert_in_range(line[i], '0', '9');
        else
            assert_int_equal(line[i], pattern[i]);
    }
    assert_int_equal(strncmp(line + len, level, strlen(level)), 0);
    assert_int_equal(line[len + strlen(level)], ' ');
    return line + len + strlen(level) + 1;
}

static void assert_logged(struct seen *seen, const char *text, const char *expected)
{
    log_info("%s", text);
    assert_string_equal(after_prefix(seen->line, "info"), expected);
}

static void test_log_line_has_time_level_and_text(void **state)
{
    struct seen *seen = *state;
    log_info("session=%d joined room=%s", 12, "#lobby");
    assert_int_equal(seen->count, 1);
    assert_int_equal(seen->level, LOG_LEVEL_INFO);
    assert_string_equal(after_prefix(seen->line, "info"), "session=12 joined room=#lobby");
    log_error("%s", "");
    assert_int_equal(seen->level, LOG_LEVEL_ERROR);
    assert_string_equal(after_prefix(seen->line, "error"), "");
}

static void test_log_levels_decide_what_is_written(void **state)
{
    struct seen *seen = *state;
    for (unsigned most = 0; most < LOG_LEVEL_COUNT; most++) {
        log_set_level((enum log_level)most);
        for (unsigned level = 0; level < LOG_LEVEL_COUNT; level++) {
            seen->count = 0;
            log_msg((enum log_level)level, "%s", "x");
            assert_int_equal(seen->count, level <= most);
            assert_int_equal(log_is_on((enum log_level)level), level <= most);
        }
    }
}

static void test_log_macros_have_their_levels(void **state)
{
    struct seen *seen = *state;
    log_set_level(LOG_LEVEL_DEBUG);
    log_error("%s", "x");
    assert_int_equal(seen->level, LOG_LEVEL_ERROR);
    log_warning("%s", "x");
    assert_int_equal(seen->level, LOG_LEVEL_WARNING);
    log_notice("%s", "x");
    assert_int_equal(seen->level, LOG_LEVEL_NOTICE);
    log_info("%s", "x");
    assert_int_equal(seen->level, LOG_LEVEL_INFO);
    log_debug("%s", "x");
    assert_int_equal(seen->level, LOG_LEVEL_DEBUG);
    assert_string_equal(after_prefix(seen->line, "debug"), "x");
}

static void test_log_level_names_go_both_ways(void **state)
{
    (void)state;
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    assert_int_equal(ARRAY_LEN(names), LOG_LEVEL_COUNT);
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        enum log_level level = LOG_LEVEL_COUNT;
        assert_string_equal(log_level_str((enum log_level)i), names[i]);
        assert_int_equal(log_level_parse(bytes_of(names[i]), &level), 0);
        assert_int_equal(level, i);
    }
}

static void test_log_level_parse_refuses_other_words(void **state)
{
    (void)state;
    static const char *const words[] = {"", "Info", "inf", "infos", " info", "6"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        enum log_level level = LOG_LEVEL_NOTICE;
        assert_int_equal(log_level_parse(bytes_of(words[i]), &level), -EINVAL);
        assert_int_equal(level, LOG_LEVEL_NOTICE);
    }
}

static void test_log_escapes_every_control_byte(void **state)
{
    struct seen *seen = *state;
    for (unsigned c = 0; c <= 0x7F; c++) {
        char expected[16];
        if (c < 0x20 || c == 0x7F)
            snprintf(expected, sizeof(expected), "a\\x%02xb", c);
        else
            snprintf(expected, sizeof(expected), "a%cb", (int)c);
        log_info("a%cb", (int)c);
        assert_string_equal(after_prefix(seen->line, "info"), expected);
    }
}

static void test_log_escapes_c1_controls(void **state)
{
    struct seen *seen = *state;
    for (unsigned c = 0x80; c <= 0x9F; c++) {
        char text[] = {'a', '\xC2', (char)c, 'b', '\0'}, expected[16];
        snprintf(expected, sizeof(expected), "a\\xc2\\x%02xb", c);
        assert_logged(seen, text, expected);
    }
    assert_logged(seen, "\xC2\xA0", "\xC2\xA0"); /* the first one after them */
}

static void test_log_escapes_malformed_utf8(void **state)
{
    struct seen *seen = *state;
    assert_logged(seen, "\x9B[2J", "\\x9b[2J"); /* CSI in one byte, for a terminal that is not in UTF-8 */
    assert_logged(seen, "a\xFFz", "a\\xffz");
    assert_logged(seen, "\xC0\x8A", "\\xc0\\x8a");
    assert_logged(seen, "\xED\xA0\x80", "\\xed\\xa0\\x80");
    assert_logged(seen, "\xF0\x9F\x98", "\\xf0\\x9f\\x98");
    assert_logged(seen, "\xE2\x82\n", "\\xe2\\x82\\x0a");
}

static void test_log_leaves_good_text_alone(void **state)
{
    struct seen *seen = *state;
    static const char text[] = "100% \\ \xC3\xA4 \xE2\x82\xAC \xF0\x9F\x98\x80";
    assert_logged(seen, text, text);
}

static void test_log_text_cannot_forge_a_line(void **state)
{
    struct seen *seen = *state;
    assert_logged(seen, "hi\r\n<3>forged\x1B[31m", "hi\\x0d\\x0a<3>forged\\x1b[31m");
    assert_int_equal(seen->count, 1);
}

static void test_log_cuts_over_two_kib(void **state)
{
    struct seen *seen = *state;
    for (size_t total = LINE_MAX_BYTES - 1; total <= LINE_MAX_BYTES + 1; total++) {
        size_t n = total - PREFIX_BYTES;
        char text[LINE_MAX_BYTES];
        memset(text, 'x', n);
        log_info("%.*s", (int)n, text);
        assert_int_equal(seen->len, total <= LINE_MAX_BYTES ? total : LINE_MAX_BYTES);
        assert_int_equal(seen->line[seen->len - 4], 'x');
        assert_string_equal(seen->line + seen->len - 3, total <= LINE_MAX_BYTES ? "xxx" : "...");
    }
}

static void test_log_cuts_very_long_text(void **state)
{
    struct seen *seen = *state;
    char text[100000];
    memset(text, 'x', sizeof(text));
    log_info("%.*s", (int)sizeof(text), text);
    assert_int_equal(seen->len, LINE_MAX_BYTES);
    assert_string_equal(seen->line + LINE_MAX_BYTES - 4, "x...");
}

/* Wherever the cut falls, it falls between characters and between escapes. */
static void test_log_never_cuts_a_character_or_an_escape(void **state)
{
    struct seen *seen = *state;
    static const char *const units[] = {"\xC3\xA4", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\x1B",
                                        "\xF0\x9F\x98"};
    static const size_t written[] = {2, 3, 4, 4, 12};
    for (size_t i = 0; i < ARRAY_LEN(units); i++) {
        for (size_t shift = 0; shift < 12; shift++) {
            char text[6000] = {0};
            memset(text, 'y', shift);
            for (size_t at = shift; at + 8 < sizeof(text); at += strlen(units[i]))
                memcpy(text + at, units[i], strlen(units[i]));
            log_info("%s", text);
            size_t room = LINE_MAX_BYTES - 3 - PREFIX_BYTES - shift;
            assert_int_equal(seen->len, LINE_MAX_BYTES - room % written[i]);
            assert_string_equal(seen->line + seen->len - 3, "...");
            assert_true(utf8_is_valid(bytes_of(seen->line)));
        }
    }
}

static void test_log_keeps_errno(void **state)
{
    struct seen *seen = *state;
    errno = ENOENT;
    log_info("%m");
    assert_int_equal(errno, ENOENT);
    assert_string_equal(after_prefix(seen->line, "info"), strerror(ENOENT));
}

/* What JOURNAL_STREAM says while a line is logged. */
enum journal { JOURNAL_UNCHANGED, JOURNAL_IS_STDERR, JOURNAL_ON_OTHER_DEVICE };

/* Sends stderr to a file in memory while `text` is logged; returns what was written. */
static void log_to_file(enum log_level level, const char *text, enum journal journal, char *out, size_t size)
{
    int file = memfd_create("log", 0), saved = dup(STDERR_FILENO);
    struct stat status;
    assert_true(file >= 0 && saved >= 0);
    assert_int_equal(fstat(file, &status), 0);
    if (journal != JOURNAL_UNCHANGED) {
        char stream[64];
        uintmax_t device = (uintmax_t)status.st_dev + (journal == JOURNAL_ON_OTHER_DEVICE ? 1 : 0);
        snprintf(stream, sizeof(stream), "%ju:%ju", device, (uintmax_t)status.st_ino);
        setenv("JOURNAL_STREAM", stream, 1);
    }
    dup2(file, STDERR_FILENO);
    log_set_sink(NULL, NULL);
    log_msg(level, "%s", text);
    dup2(saved, STDERR_FILENO);
    close(saved);
    ssize_t n = pread(file, out, size - 1, 0);
    close(file);
    assert_true(n >= 0);
    out[n] = '\0';
}

static void test_log_writes_one_line_to_stderr(void **state)
{
    struct seen *seen = *state;
    char out[4096];
    unsetenv("JOURNAL_STREAM");
    log_to_file(LOG_LEVEL_WARNING, "a\nb", JOURNAL_UNCHANGED, out, sizeof(out));
    assert_string_equal(after_prefix(out, "warning"), "a\\x0ab\n");
    assert_int_equal(seen->count, 0);
}

static void test_log_full_line_keeps_its_newline(void **state)
{
    (void)state;
    char out[4096], text[3000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    unsetenv("JOURNAL_STREAM");
    log_to_file(LOG_LEVEL_INFO, text, JOURNAL_UNCHANGED, out, sizeof(out));
    assert_int_equal(strlen(out), LINE_MAX_BYTES + 1);
    assert_string_equal(out + LINE_MAX_BYTES - 3, "...\n");
}

static void test_log_gives_journald_its_priority(void **state)
{
    (void)state;
    static const char *const expected[] = {"<3>x\n", "<4>x\n", "<5>x\n", "<6>x\n", "<7>x\n"};
    log_set_level(LOG_LEVEL_DEBUG);
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        char out[256];
        log_to_file((enum log_level)i, "x", JOURNAL_IS_STDERR, out, sizeof(out));
        assert_string_equal(out, expected[i]);
    }
}

/* A desktop session hands JOURNAL_STREAM down to programs whose stderr is a terminal. */
static void test_log_compares_journal_stream_with_stderr(void **state)
{
    (void)state;
    static const char *const streams[] = {"", "1", "1:", ":1", "1:1", "x:y", "99999999999999999999:1"};
    char other[256];
    log_to_file(LOG_LEVEL_INFO, "x", JOURNAL_ON_OTHER_DEVICE, other, sizeof(other));
    assert_string_equal(after_prefix(other, "info"), "x\n");
    for (size_t i = 0; i < ARRAY_LEN(streams); i++) {
        char out[256];
        setenv("JOURNAL_STREAM", streams[i], 1);
        log_to_file(LOG_LEVEL_INFO, "x", JOURNAL_UNCHANGED, out, sizeof(out));
        assert_string_equal(after_prefix(out, "info"), "x\n");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_log_line_has_time_level_and_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_levels_decide_what_is_written, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_macros_have_their_levels, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_level_names_go_both_ways, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_level_parse_refuses_other_words, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_escapes_every_control_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_escapes_c1_controls, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_escapes_malformed_utf8, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_leaves_good_text_alone, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_text_cannot_forge_a_line, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_cuts_over_two_kib, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_cuts_very_long_text, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_never_cuts_a_character_or_an_escape, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_keeps_errno, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_writes_one_line_to_stderr, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_full_line_keeps_its_newline, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_gives_journald_its_priority, setup, teardown),
        cmocka_unit_test_setup_teardown(test_log_compares_journal_stream_with_stderr, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
