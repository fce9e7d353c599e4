/* Files of time zones: what is accepted gives a time for every moment; and every name that is accepted stays
 * in the folder. */
#include <string.h>

#include "base/check.h"
#include "base/civil.h"
#include "base/tz.h"
#include "base/tz_rule.h"
#include "fuzz/fuzz.h"

static void check_time(const struct tz *tz, int64_t utc_s)
{
    struct tz_time time = tz_time(tz, utc_s);
    int64_t days = civil_days((struct civil){time.year, time.month, time.day});

    CHECK(time.month >= 1 && time.month <= 12 && time.day >= 1 && time.day <= 31);
    CHECK(time.hour < 24 && time.minute < 60 && time.second < 60 && time.weekday < 7);
    CHECK(time.weekday == civil_weekday(days));
    CHECK(days * CIVIL_DAY_S + time.hour * 3600 + time.minute * 60 + time.second == utc_s + time.offset_s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t moments[] = {0,          1,          -1,          1600000000,
                                      1617244200, 4102444800, -9999999999, 9999999999999};
    struct bytes input = fuzz_bytes(data, size);
    struct tz_rule rule;
    struct tz *tz;

    if (tz_parse(input, &tz) == 0) {
        for (size_t i = 0; i < ARRAY_LEN(moments); i++)
            check_time(tz, moments[i]);
        tz_free(tz);
    }
    if (tz_rule_parse(input, &rule) == 0) {
        for (size_t i = 0; i < ARRAY_LEN(moments); i++) {
            int32_t offset_s = tz_rule_offset_s(&rule, moments[i]);
            CHECK(offset_s == rule.standard_s || offset_s == rule.summer_s);
        }
    }
    if (tz_name_is_valid(input)) {
        CHECK(input.len > 0 && input.ptr[0] != '/' && input.len <= TZ_NAME_BYTES_MAX);
        CHECK(memchr(input.ptr, '.', input.len) == NULL && memchr(input.ptr, '\0', input.len) == NULL);
    }
    return 0;
}
