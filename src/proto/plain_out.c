/* See plain_out.h. Everything user-made goes through plain_out_text(), and there is no other way. */
#include "proto/plain_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"
#include "chat/option.h"
#include "chat/text.h"

void plain_out_end(struct wire_form form, struct buf *out)
{
    buf_put(out, (form.flags & WIRE_F_CRLF) != 0 ? BYTES("\r\n") : BYTES("\n"));
}

void plain_out_text(struct buf *out, struct bytes text)
{
    CHECK(text_is_clean(text));
    buf_put(out, text);
}

void plain_out_fill(struct buf *out, const char *pattern, struct bytes dollar, struct bytes tilde)
{
    for (;;) {
        size_t plain = strcspn(pattern, "$~");
        buf_put(out, (struct bytes){pattern, plain});
        pattern += plain;
        if (*pattern == '\0')
            return;
        plain_out_text(out, *pattern == '$' ? dollar : tilde);
        pattern++;
    }
}

void plain_out_line(struct wire_form form, struct buf *out, const char *pattern, struct bytes dollar,
                    struct bytes tilde)
{
    plain_out_fill(out, pattern, dollar, tilde);
    plain_out_end(form, out);
}

void plain_out_fixed(struct wire_form form, struct buf *out, const char *line)
{
    buf_put_text(out, line);
    plain_out_end(form, out);
}

void plain_out_count(struct buf *out, uint64_t count, const char *one, const char *many)
{
    buf_printf(out, "%" PRIu64 " %s", count, count == 1 ? one : many);
}

/* As the reader's clock shows it, or the server's. */
static struct tz_time local_time(struct wire_form form, int64_t wall_ms)
{
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    time_t when = (time_t)seconds;
    struct tm tm;

    if (form.zone)
        return tz_time(form.zone->tz, seconds);
    CHECK(localtime_r(&when, &tm) != NULL);
    return (struct tz_time){
        .year = tm.tm_year + INT64_C(1900),
        .month = (unsigned)tm.tm_mon + 1,
        .day = (unsigned)tm.tm_mday,
        .hour = (unsigned)tm.tm_hour,
        .minute = (unsigned)tm.tm_min,
        .second = (unsigned)tm.tm_sec,
        .weekday = (unsigned)tm.tm_wday,
        .offset_s = (int32_t)tm.tm_gmtoff,
    };
}

void plain_out_duration(struct buf *out, int64_t seconds, const char *more)
{
    static const struct {
        int64_t below, seconds;
        const char *name;
    } units[] = {
        {100, 1, "second"}, {100 * 60, 60, "minute"}, {48 * 3600, 3600, "hour"}, {INT64_MAX, 86400, "day"}};
    size_t i = 0;

    while (seconds >= units[i].below)
        i++;
    int64_t count = seconds / units[i].seconds + (seconds % units[i].seconds > 0);
    buf_printf(out, "%" PRId64 " %s%s%s", count, more, units[i].name, count == 1 ? "" : "s");
}

void plain_out_clock(struct wire_form form, struct buf *out, int64_t wall_ms)
{
    struct tz_time time = local_time(form, wall_ms);
    const char text[] = {(char)('0' + time.hour / 10), (char)('0' + time.hour % 10), ':',
                         (char)('0' + time.minute / 10), (char)('0' + time.minute % 10)};

    buf_put(out, (struct bytes){text, sizeof(text)}); /* every line has one: printf would be felt */
}

/* ISO 8601 with the zone: "2026-11-21T14:05:03+01:00". */
static void put_iso(struct wire_form form, struct buf *out, int64_t wall_ms)
{
    struct tz_time time = local_time(form, wall_ms);
    int minutes = abs(time.offset_s) / 60;

    buf_printf(out, "%04" PRId64 "-%02u-%02uT%02u:%02u:%02u%c%02d:%02d", time.year, time.month, time.day,
               time.hour, time.minute, time.second, time.offset_s < 0 ? '-' : '+', minutes / 60,
               minutes % 60);
}

void plain_out_time(struct wire_form form, struct buf *out, int64_t wall_ms)
{
    if ((form.flags & WIRE_F_NO_TIME) != 0)
        return;
    if ((form.flags & WIRE_F_ISO_TIME) != 0)
        put_iso(form, out, wall_ms);
    else
        plain_out_clock(form, out, wall_ms);
    buf_put_char(out, ' ');
}

void plain_out_date(struct wire_form form, struct buf *out, int64_t wall_ms)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tz_time time = local_time(form, wall_ms);

    buf_printf(out, "%s %u %s %" PRId64, days[time.weekday], time.day, months[time.month - 1], time.year);
}

bool plain_out_is_same_day(struct wire_form form, int64_t a_wall_ms, int64_t b_wall_ms)
{
    struct tz_time a = local_time(form, a_wall_ms), b = local_time(form, b_wall_ms);

    return a.year == b.year && a.month == b.month && a.day == b.day;
}

void plain_wrap_word(struct plain_wrap *wrap, const char *before, struct bytes word, const char *after)
{
    size_t columns = strlen(before) + word.len + strlen(after);
    size_t columns_max = wrap->form.width > 0 ? wrap->form.width : PLAIN_OUT_COLUMNS_MAX;

    if (wrap->column > 0 && wrap->column + 1 + columns > columns_max)
        plain_wrap_end(wrap);
    if (wrap->column == 0) {
        buf_put_text(wrap->out, PLAIN_OUT_MORE);
        wrap->column = strlen(PLAIN_OUT_MORE);
    } else {
        buf_put_char(wrap->out, ' ');
        wrap->column++;
    }
    buf_put_text(wrap->out, before);
    plain_out_text(wrap->out, word);
    buf_put_text(wrap->out, after);
    wrap->column += columns;
}

void plain_wrap_end(struct plain_wrap *wrap)
{
    if (wrap->column > 0)
        plain_out_end(wrap->form, wrap->out);
    wrap->column = 0;
}
