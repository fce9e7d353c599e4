/* See civil.h. A year is counted from March here, so that the leap day is its last; 400 years always have
 * the same number of days. */
#include "base/civil.h"

#define DAYS_OF_400_YEARS 146097
#define DAYS_TO_1970 719468 /* from 0000-03-01 */

bool civil_is_leap(int64_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* Days from the first of March to the first of a month; `month` counts from March, 0. The lengths 31, 30,
 * 31, 30, 31 of five months repeat. */
static int64_t days_before_month(int64_t month)
{
    return (153 * month + 2) / 5;
}

int64_t civil_days(struct civil date)
{
    bool is_before_march = date.month < 3;
    int64_t year = date.year - is_before_march;
    int64_t era = civil_floor_div(year, 400);
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = days_before_month((date.month + 9) % 12) + date.day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

    return era * DAYS_OF_400_YEARS + day_of_era - DAYS_TO_1970;
}

struct civil civil_of_days(int64_t days)
{
    int64_t shifted = days + DAYS_TO_1970;
    int64_t era = civil_floor_div(shifted, DAYS_OF_400_YEARS);
    int64_t day = shifted - era * DAYS_OF_400_YEARS;
    /* Without the leap days of the years before it, a day has its year in steps of 365. */
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    return (struct civil){
        .year = era * 400 + year + (month >= 10),
        .month = (unsigned)(month < 10 ? month + 3 : month - 9),
        .day = (unsigned)(day_of_year - days_before_month(month) + 1),
    };
}

unsigned civil_weekday(int64_t days)
{
    int64_t weekday = (days + 4) % 7; /* 1970-01-01 was a Thursday */

    return (unsigned)(weekday < 0 ? weekday + 7 : weekday);
}
