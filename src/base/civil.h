/* Days and dates of the Gregorian calendar, which is carried on into the past. Pure functions. */
#ifndef BASE_CIVIL_H
#define BASE_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

#define CIVIL_DAY_S 86400

struct civil {
    int64_t year; /* 0 is 1 BC */
    unsigned month, day;
};

/* Days since 1970-01-01. For years of no more than 12 digits. */
int64_t civil_days(struct civil date);
struct civil civil_of_days(int64_t days);

bool civil_is_leap(int64_t year);
unsigned civil_weekday(int64_t days); /* 0: Sunday */

/* Rounds towards the past; divisor > 0. */
static inline int64_t civil_floor_div(int64_t value, int64_t divisor)
{
    return value / divisor - (value % divisor < 0);
}

#endif
