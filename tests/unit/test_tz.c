/* Zones: every zone of this system against libc, the days on which clocks are changed, far times, and files
 * that are none. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/civil.h"
#include "base/tz.h"
#include "base/tz_rule.h"

#define FOLDER "/usr/share/zoneinfo/"

static size_t read_zone(const char *name, char *data)
{
    char path[200];

    snprintf(path, sizeof(path), FOLDER "%s", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        return 0;
    size_t size = fread(data, 1, TZ_FILE_BYTES_MAX, file);
    fclose(file);
    return size;
}

/* Skips the test where there is no database. */
static struct tz *load(const char *name)
{
    static char data[TZ_FILE_BYTES_MAX];
    struct tz *tz = NULL;
    size_t size = read_zone(name, data);

    if (size == 0)
        skip();
    assert_int_equal(tz_parse((struct bytes){data, size}, &tz), 0);
    return tz;
}

static void assert_shows(const struct tz *tz, int64_t utc_s, const char *wanted)
{
    struct tz_time time = tz_time(tz, utc_s);
    char text[80];

    snprintf(text, sizeof(text), "%lld-%02u-%02u %02u:%02u:%02u %+d", (long long)time.year, time.month,
             time.day, time.hour, time.minute, time.second, (int)time.offset_s);
    assert_string_equal(text, wanted);
}

static void test_tz_summer_time_in_paris(void **state)
{
    (void)state;
    struct tz *tz = load("Europe/Paris");

    /* 2025-03-30 01:00 UTC: 02:00 to 03:00 do not exist. */
    assert_shows(tz, 1743296399, "2025-03-30 01:59:59 +3600");
    assert_shows(tz, 1743296400, "2025-03-30 03:00:00 +7200");
    /* 2025-10-26 01:00 UTC: 02:00 to 03:00 come twice. */
    assert_shows(tz, 1761440399, "2025-10-26 02:59:59 +7200");
    assert_shows(tz, 1761440400, "2025-10-26 02:00:00 +3600");
    /* By the rule, behind the last change of the file. */
    assert_shows(tz, 4078429200 - 1, "2099-03-29 01:59:59 +3600");
    assert_shows(tz, 4078429200, "2099-03-29 03:00:00 +7200");
    assert_shows(tz, INT64_C(253402300800), "10000-01-01 01:00:00 +3600");
    /* Before the first change: the sun's time. */
    assert_shows(tz, INT64_C(-9000000000), "1684-10-19 08:09:21 +561");
    tz_free(tz);
}

static void test_tz_odd_zones(void **state)
{
    (void)state;
    struct tz *tz = load("Asia/Kathmandu");
    assert_shows(tz, 1700000000, "2023-11-15 03:58:20 +20700");
    tz_free(tz);
    tz = load("Australia/Lord_Howe"); /* half an hour of summer time, over the turn of the year */
    assert_shows(tz, 1704067200, "2024-01-01 11:00:00 +39600");
    assert_shows(tz, 1719792000, "2024-07-01 10:30:00 +37800");
    tz_free(tz);
    tz = load("Pacific/Apia"); /* 2011-12-30 never was */
    assert_shows(tz, 1325239199, "2011-12-29 23:59:59 -36000");
    assert_shows(tz, 1325239200, "2011-12-31 00:00:00 +50400");
    tz_free(tz);
    tz = load("America/Nuuk"); /* its rule has hours below zero */
    assert_shows(tz, 4102444800, "2099-12-31 22:00:00 -7200");
    tz_free(tz);
}

static void test_tz_utc_and_limits(void **state)
{
    (void)state;
    assert_shows(NULL, 0, "1970-01-01 00:00:00 +0");
    assert_shows(NULL, -1, "1969-12-31 23:59:59 +0");
    assert_shows(NULL, INT64_MAX, "318857-05-20 17:46:40 +0");
    assert_shows(NULL, INT64_MIN, "-314918-08-13 06:13:20 +0");
    assert_int_equal(tz_time(NULL, 0).weekday, 4);
}

/* libc reads the same files: it must say the same. */
static void test_tz_agrees_with_libc(void **state)
{
    static const char *const names[] = {
        "Europe/Paris",      "Europe/Dublin",   "America/New_York", "America/St_Johns", "Africa/Casablanca",
        "Australia/Sydney",  "Asia/Gaza",       "Asia/Tehran",      "Pacific/Chatham",  "Antarctica/Troll",
        "America/Sao_Paulo", "Africa/Monrovia", "Etc/GMT+12",       "Asia/Kolkata",     "America/Nuuk",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct tz *tz = load(names[i]);
        setenv("TZ", names[i], 1);
        tzset();
        /* Every five days and some, from 1850 to 2200. */
        for (int64_t at = INT64_C(-3786825600); at < INT64_C(7258118400); at += 449999) {
            time_t when = (time_t)at;
            struct tm tm;
            assert_non_null(localtime_r(&when, &tm));
            struct tz_time time = tz_time(tz, at);
            if (tm.tm_gmtoff != time.offset_s || tm.tm_hour != (int)time.hour ||
                tm.tm_mday != (int)time.day || tm.tm_mon + 1 != (int)time.month ||
                tm.tm_year + 1900 != time.year || tm.tm_wday != (int)time.weekday ||
                tm.tm_sec != (int)time.second)
                fail_msg("%s at %lld: %ld but %d", names[i], (long long)at, tm.tm_gmtoff, (int)time.offset_s);
        }
        tz_free(tz);
    }
    unsetenv("TZ");
    tzset();
}

static void test_tz_parse_refuses_every_cut_and_many_flips(void **state)
{
    static char data[TZ_FILE_BYTES_MAX];
    struct tz *tz;
    size_t size = read_zone("Europe/Paris", data);

    (void)state;
    if (size == 0)
        skip();
    for (size_t cut = 0; cut < size; cut++) {
        char *copy = malloc(cut + 1); /* so that a read behind it is found */
        memcpy(copy, data, cut);
        assert_int_equal(tz_parse((struct bytes){copy, cut}, &tz), -EINVAL);
        free(copy);
    }
    for (size_t i = 20; i < 44; i++) { /* counts that are far too large */
        char old = data[i];
        data[i] = '\x7f';
        assert_int_equal(tz_parse((struct bytes){data, size}, &tz), -EINVAL);
        data[i] = old;
    }
    assert_int_equal(tz_parse(BYTES(""), &tz), -EINVAL);
    assert_int_equal(tz_parse(BYTES("# tzdb timezone descriptions\n"), &tz), -EINVAL);
}

static void test_tz_parse_refuses_leap_seconds(void **state)
{
    static char data[TZ_FILE_BYTES_MAX];
    struct tz *tz;
    size_t size = read_zone("right/UTC", data);

    (void)state;
    if (size == 0)
        skip();
    assert_int_equal(tz_parse((struct bytes){data, size}, &tz), -EINVAL);
}

static void put_block(struct buf *out, char version, uint8_t changes, const char *times, size_t time_bytes)
{
    const char counts[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, (char)changes,
                           0, 0, 0, 2, 0, 0, 0, 4};

    buf_put_text(out, "TZif");
    buf_put_char(out, version);
    for (size_t i = 0; i < 15; i++)
        buf_put_char(out, '\0');
    buf_put(out, (struct bytes){counts, sizeof(counts)});
    buf_put(out, (struct bytes){times, changes * time_bytes});
    for (size_t i = 0; i < changes; i++)
        buf_put_char(out, 1);
    buf_put(out, BYTES("\0\0\0\0\0\0\0\0\x0e\x10\1\0ABC"));
    buf_put_char(out, '\0');
}

static int parse_made(char version, uint8_t changes, const char *times, const char *footer,
                      struct tz **ret_tz)
{
    struct buf file;

    buf_init(&file, 1000);
    put_block(&file, version, changes, times, 4);
    if (version != '\0') {
        buf_reset(&file);
        put_block(&file, version, 0, "", 4);
        put_block(&file, version, changes, times, 8);
        buf_put_text(&file, footer);
    }
    int r = tz_parse(buf_bytes(&file), ret_tz);
    buf_done(&file);
    return r;
}

static void test_tz_parse_made_files(void **state)
{
    struct tz *tz;

    (void)state;
    assert_int_equal(parse_made('\0', 1, "\0\0\0\x64", "", &tz), 0); /* version 1 has no footer */
    assert_shows(tz, 99, "1970-01-01 00:01:39 +0");
    assert_shows(tz, 100, "1970-01-01 01:01:40 +3600");
    tz_free(tz);
    assert_int_equal(parse_made('2', 1, "\0\0\0\0\0\0\0\x64", "\nCET-2\n", &tz), 0);
    assert_shows(tz, 100, "1970-01-01 02:01:40 +7200");
    tz_free(tz);
    assert_int_equal(parse_made('2', 0, "", "\n\n", &tz), 0);
    assert_shows(tz, 100, "1970-01-01 00:01:40 +0");
    tz_free(tz);
    /* Not in order; a footer that is none, or not ended. */
    assert_int_equal(parse_made('2', 2, "\0\0\0\0\0\0\0\x64\0\0\0\0\0\0\0\x64", "\n\n", &tz), -EINVAL);
    assert_int_equal(parse_made('2', 0, "", "", &tz), -EINVAL);
    assert_int_equal(parse_made('2', 0, "", "\nCET", &tz), -EINVAL);
    assert_int_equal(parse_made('2', 0, "", "\nwhatever 5\n", &tz), -EINVAL);
}

static void test_tz_rule_parse(void **state)
{
    static const char *const bad[] = {"",
                                      "CE-1",
                                      "CET",
                                      "<+1-1",
                                      "CET-25",
                                      "CET-1:60",
                                      "CET-1CEST",
                                      "CET-1CEST,M3.5.0",
                                      "CET-1CEST,M13.5.0,M10.5.0",
                                      "CET-1CEST,M3.6.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0",
                                      "CET-1CEST,J0,M10.5.0",
                                      "CET-1CEST,366,M10.5.0",
                                      "CET-1CEST,M3.5.0/168,M10.5.0",
                                      "CET-1CEST,M3.5.0,M10.5.0 "};
    struct tz_rule rule;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(tz_rule_parse(bytes_of(bad[i]), &rule), -EINVAL);
    assert_int_equal(tz_rule_parse(BYTES("<-03>3:30:15"), &rule), 0);
    assert_int_equal(tz_rule_offset_s(&rule, 0), -(3 * 3600 + 30 * 60 + 15));
    /* Always summer: RFC 8536's own example. */
    assert_int_equal(tz_rule_parse(BYTES("XXX3EDT4,0/0,J365/23"), &rule), 0);
    for (int64_t at = 1700000000; at < 1800000000; at += 100003)
        assert_int_equal(tz_rule_offset_s(&rule, at), -4 * 3600);
    /* J60 is the first of March in every year, day 59 is not. */
    assert_int_equal(tz_rule_parse(BYTES("AAA0BBB,J60/0,J61/0"), &rule), 0);
    assert_int_equal(tz_rule_offset_s(&rule, civil_days((struct civil){2024, 3, 1}) * CIVIL_DAY_S), 3600);
    assert_int_equal(tz_rule_offset_s(&rule, civil_days((struct civil){2023, 3, 1}) * CIVIL_DAY_S), 3600);
    assert_int_equal(tz_rule_parse(BYTES("AAA0BBB,59/0,60/0"), &rule), 0);
    assert_int_equal(tz_rule_offset_s(&rule, civil_days((struct civil){2024, 2, 29}) * CIVIL_DAY_S), 3600);
}

static void test_civil_there_and_back(void **state)
{
    (void)state;
    for (int64_t days = -1000000; days < 1000000; days += 17) {
        struct civil date = civil_of_days(days);
        assert_int_equal(civil_days(date), days);
        assert_true(date.month >= 1 && date.month <= 12 && date.day >= 1 && date.day <= 31);
    }
    assert_int_equal(civil_days((struct civil){2000, 2, 29}), 11016);
    assert_int_equal(civil_weekday(11016), 2);
    assert_int_equal(civil_weekday(-4), 0);
    assert_true(civil_is_leap(2000) && civil_is_leap(2024) && !civil_is_leap(1900) && !civil_is_leap(2023));
}

static void test_tz_names(void **state)
{
    static const char *const good[] = {"Europe/Paris", "UTC", "Etc/GMT+5", "America/Argentina/Buenos_Aires",
                                       "America/Port-au-Prince"};
    static const char *const bad[] = {"",
                                      "/",
                                      "/etc/passwd",
                                      "..",
                                      "../x",
                                      "Europe/../x",
                                      "Europe//Paris",
                                      "Europe/",
                                      "zone.tab",
                                      "a b",
                                      "x\n",
                                      "right/UTC",
                                      "posix/UTC",
                                      "Zürich",
                                      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_true(tz_name_is_valid(bytes_of(good[i])));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(tz_name_is_valid(bytes_of(bad[i])));
    assert_true(tz_name_is_valid(BYTES("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")));
    assert_false(tz_name_is_valid(BYTES("a\0b")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tz_summer_time_in_paris),
        cmocka_unit_test(test_tz_odd_zones),
        cmocka_unit_test(test_tz_utc_and_limits),
        cmocka_unit_test(test_tz_agrees_with_libc),
        cmocka_unit_test(test_tz_parse_refuses_every_cut_and_many_flips),
        cmocka_unit_test(test_tz_parse_refuses_leap_seconds),
        cmocka_unit_test(test_tz_parse_made_files),
        cmocka_unit_test(test_tz_rule_parse),
        cmocka_unit_test(test_civil_there_and_back),
        cmocka_unit_test(test_tz_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
