/* See plain_out.h. Everything user-made goes through plain_out_text(), and there is no other way. */
#include "proto/plain_out.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/check.h"

void plain_out_end(struct wire_form form, struct buf *out)
{
    buf_put(out, (form.flags & WIRE_F_CRLF) != 0 ? BYTES("\r\n") : BYTES("\n"));
}

/* C0 and DEL. Not all of text_is_clean(), which would cost more than the rest of a rendering. */
static bool has_control(struct bytes text)
{
    bool found = false;

    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        found |= c < 0x20 || c == 0x7f;
    }
    return found;
}

void plain_out_text(struct buf *out, struct bytes text)
{
    CHECK(!has_control(text));
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

void plain_out_said(struct wire_form form, struct buf *out, const char *pattern, struct bytes dollar,
                    struct bytes said)
{
    plain_out_line(form, out, pattern, dollar, bytes_cut(&said, '\n'));
    while (said.len > 0)
        plain_out_line(form, out, PLAIN_OUT_MORE "~", dollar, bytes_cut(&said, '\n'));
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

static struct tm local_time(int64_t wall_ms)
{
    int64_t seconds = wall_ms / 1000 - (wall_ms % 1000 < 0);
    time_t when = (time_t)seconds;
    struct tm tm;

    CHECK(localtime_r(&when, &tm) != NULL);
    return tm;
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

void plain_out_clock(struct buf *out, int64_t wall_ms)
{
    struct tm tm = local_time(wall_ms);

    buf_printf(out, "%02d:%02d", tm.tm_hour, tm.tm_min);
}

/* ISO 8601 with the zone: "2026-11-21T14:05:03+01:00". */
static void put_iso(struct buf *out, int64_t wall_ms)
{
    struct tm tm = local_time(wall_ms);
    long minutes = labs(tm.tm_gmtoff) / 60;

    buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld", tm.tm_year + 1900, tm.tm_mon + 1,
               tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60,
               minutes % 60);
}

void plain_out_time(struct wire_form form, struct buf *out, int64_t wall_ms)
{
    if ((form.flags & WIRE_F_NO_TIME) != 0)
        return;
    if ((form.flags & WIRE_F_ISO_TIME) != 0)
        put_iso(out, wall_ms);
    else
        plain_out_clock(out, wall_ms);
    buf_put_char(out, ' ');
}

void plain_out_date(struct buf *out, int64_t wall_ms)
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = local_time(wall_ms);

    buf_printf(out, "%s %d %s %d", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

bool plain_out_is_same_day(int64_t a_wall_ms, int64_t b_wall_ms)
{
    struct tm a = local_time(a_wall_ms), b = local_time(b_wall_ms);

    return a.tm_year == b.tm_year && a.tm_yday == b.tm_yday;
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
