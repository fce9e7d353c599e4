/* The rule by which a time zone goes on after the last change that is known: the TZ string of POSIX with
 * the extension of RFC 8536, 3.3.1 (hours of a change from -167 to 167). Pure functions. */
#ifndef BASE_TZ_RULE_H
#define BASE_TZ_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

/* A day of the year and a local time on it. */
struct tz_change {
    enum { TZ_CHANGE_JULIAN, TZ_CHANGE_DAY, TZ_CHANGE_MONTH } kind;
    unsigned day;         /* JULIAN: 1-365 without leap days; DAY: 0-365; MONTH: weekday, 0 is Sunday */
    unsigned month, week; /* MONTH: 1-12; 1-5, 5 is the last one */
    int32_t time_s;
};

struct tz_rule {
    int32_t standard_s, summer_s; /* east of Greenwich */
    bool has_summer;
    struct tz_change start, end; /* of summer time */
};

/* "CET-1CEST,M3.5.0,M10.5.0/3". 0 or -EINVAL; summer time without its dates is not accepted. */
MUST_CHECK int tz_rule_parse(struct bytes text, struct tz_rule *ret_rule);

/* Seconds east of Greenwich at a time. */
int32_t tz_rule_offset_s(const struct tz_rule *rule, int64_t utc_s);

#endif
