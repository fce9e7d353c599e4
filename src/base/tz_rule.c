/* See tz_rule.h. */
#include "base/tz_rule.h"

#include <errno.h>

#include "base/ascii.h"
#include "base/civil.h"

#define HOURS_OFFSET_MAX 24
#define HOURS_CHANGE_MAX 167
#define CHANGE_DEFAULT_S (2 * 3600)

static bool take_char(struct bytes *rest, char c)
{
    if (rest->len == 0 || rest->ptr[0] != c)
        return false;
    *rest = bytes_slice(*rest, 1, rest->len);
    return true;
}

static bool take_number(struct bytes *rest, unsigned least, unsigned most, unsigned *ret_number)
{
    unsigned number = 0;
    size_t n = 0;

    while (n < rest->len && n < 4 && ascii_is_digit(rest->ptr[n]))
        number = number * 10 + (unsigned)(rest->ptr[n++] - '0');
    if (n == 0 || number < least || number > most)
        return false;
    *rest = bytes_slice(*rest, n, rest->len);
    *ret_number = number;
    return true;
}

/* Three letters or more, or anything of letters, digits and signs in <>. */
static bool take_name(struct bytes *rest)
{
    bool is_quoted = take_char(rest, '<');
    size_t n = 0;

    while (n < rest->len &&
           (ascii_is_letter(rest->ptr[n]) ||
            (is_quoted && (ascii_is_digit(rest->ptr[n]) || rest->ptr[n] == '+' || rest->ptr[n] == '-'))))
        n++;
    *rest = bytes_slice(*rest, n, rest->len);
    return n >= 3 && (!is_quoted || take_char(rest, '>'));
}

/* [+-]hh[:mm[:ss]] */
static bool take_time(struct bytes *rest, unsigned hours_max, int32_t *ret_s)
{
    unsigned hours, minutes = 0, seconds = 0;
    bool is_negative = take_char(rest, '-');

    if (!is_negative)
        (void)take_char(rest, '+');
    if (!take_number(rest, 0, hours_max, &hours))
        return false;
    if (take_char(rest, ':')) {
        if (!take_number(rest, 0, 59, &minutes))
            return false;
        if (take_char(rest, ':') && !take_number(rest, 0, 59, &seconds))
            return false;
    }
    int32_t total = (int32_t)(hours * 3600 + minutes * 60 + seconds);
    *ret_s = is_negative ? -total : total;
    return true;
}

static bool take_day(struct bytes *rest, struct tz_change *ret)
{
    if (take_char(rest, 'J')) {
        ret->kind = TZ_CHANGE_JULIAN;
        return take_number(rest, 1, 365, &ret->day);
    }
    if (!take_char(rest, 'M')) {
        ret->kind = TZ_CHANGE_DAY;
        return take_number(rest, 0, 365, &ret->day);
    }
    ret->kind = TZ_CHANGE_MONTH;
    return take_number(rest, 1, 12, &ret->month) && take_char(rest, '.') &&
           take_number(rest, 1, 5, &ret->week) && take_char(rest, '.') && take_number(rest, 0, 6, &ret->day);
}

static bool take_change(struct bytes *rest, struct tz_change *ret)
{
    *ret = (struct tz_change){.time_s = CHANGE_DEFAULT_S};
    return take_char(rest, ',') && take_day(rest, ret) &&
           (!take_char(rest, '/') || take_time(rest, HOURS_CHANGE_MAX, &ret->time_s));
}

int tz_rule_parse(struct bytes text, struct tz_rule *ret_rule)
{
    struct tz_rule rule = {0};
    int32_t west_s;

    if (!take_name(&text) || !take_time(&text, HOURS_OFFSET_MAX, &west_s))
        return -EINVAL;
    rule.standard_s = rule.summer_s = -west_s;
    if (text.len > 0) {
        rule.has_summer = true;
        rule.summer_s = rule.standard_s + 3600;
        if (!take_name(&text))
            return -EINVAL;
        if (text.len > 0 && text.ptr[0] != ',') {
            if (!take_time(&text, HOURS_OFFSET_MAX, &west_s))
                return -EINVAL;
            rule.summer_s = -west_s;
        }
        if (!take_change(&text, &rule.start) || !take_change(&text, &rule.end) || text.len > 0)
            return -EINVAL;
    }
    *ret_rule = rule;
    return 0;
}

/* Days since 1970 of the n-th, or last, such weekday of the month. */
static int64_t day_in_month(const struct tz_change *change, int64_t year)
{
    int64_t first = civil_days((struct civil){year, change->month, 1});
    bool is_december = change->month == 12;
    int64_t next = civil_days((struct civil){year + is_december, is_december ? 1 : change->month + 1, 1});
    int64_t day = first + (change->day + 7 - civil_weekday(first)) % 7 + 7 * ((int64_t)change->week - 1);

    return day < next ? day : day - 7;
}

/* As if the local time were UTC. */
static int64_t change_local_s(const struct tz_change *change, int64_t year)
{
    int64_t day = 0, january = civil_days((struct civil){year, 1, 1});

    switch (change->kind) {
    case TZ_CHANGE_JULIAN:
        day = january + change->day - 1 + (civil_is_leap(year) && change->day >= 60);
        break;
    case TZ_CHANGE_DAY:
        day = january + change->day;
        break;
    case TZ_CHANGE_MONTH:
        day = day_in_month(change, year);
        break;
    }
    return day * CIVIL_DAY_S + change->time_s;
}

int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s)
{
    if (!rule->has_summer)
        return rule->standard_s;
    int64_t year = civil_of_days(civil_floor_div(utc_s + rule->standard_s, CIVIL_DAY_S)).year;
    int64_t start_s = change_local_s(&rule->start, year) - rule->standard_s;
    int64_t end_s = change_local_s(&rule->end, year) - rule->summer_s;
    bool is_summer = start_s < end_s ? utc_s >= start_s && utc_s < end_s : utc_s >= start_s || utc_s < end_s;

    return is_summer ? rule->summer_s : rule->standard_s;
}
