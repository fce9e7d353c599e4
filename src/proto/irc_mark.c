/* See irc_mark.h. */
#include "proto/irc_mark.h"

#include <inttypes.h>

#include "base/civil.h"

#define HOUR_S 3600
#define MINUTE_S 60

/* ---- ids ---- */

static void put_id(int64_t wall_ms, uint64_t seq, struct buf *out)
{
    buf_printf(out, "%" PRIx64 "-%" PRIx64, (uint64_t)wall_ms, seq);
}

void irc_mark_put_id(const struct chat_event *event, struct buf *out)
{
    /* The other side's event is the one before. */
    uint64_t seq = event->kind == CHAT_EV_PRIVATE_SENT ? event->seq - event->count : event->seq;

    put_id(event->wall_ms, seq, out);
}

void irc_mark_put_redacted(const struct chat_event *event, struct buf *out)
{
    put_id(event->time_ms, event->target_id, out);
}

/* As it is written: small letters, no zero in front. */
static bool parse_hex(struct bytes text, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (text.len == 0 || text.len > 16 || (text.len > 1 && text.ptr[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && !(c >= 'a' && c <= 'f'))
            return false;
        value = value << 4 | (uint64_t)(is_digit ? c - '0' : c - 'a' + 10);
    }
    *ret_value = value;
    return true;
}

bool irc_mark_parse_id(struct bytes text, struct chat_mark *ret_mark)
{
    struct bytes time = bytes_cut(&text, '-');
    uint64_t wall_ms, seq;

    if (!parse_hex(time, &wall_ms) || !parse_hex(text, &seq) || wall_ms > INT64_MAX)
        return false;
    *ret_mark = (struct chat_mark){.kind = CHAT_MARK_MESSAGE, .seq = seq, .wall_ms = (int64_t)wall_ms};
    return true;
}

/* ---- times ---- */

void irc_mark_put_time(int64_t wall_ms, struct buf *out)
{
    int64_t seconds = civil_floor_div(wall_ms, 1000);
    int64_t days = civil_floor_div(seconds, CIVIL_DAY_S);
    int rest = (int)(seconds - days * CIVIL_DAY_S);
    struct civil date = civil_of_days(days);

    buf_printf(out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", (int)date.year, date.month, date.day,
               rest / HOUR_S, rest % HOUR_S / MINUTE_S, rest % MINUTE_S, (int)(wall_ms - seconds * 1000));
}

/* Cuts off a number of exactly so many digits and what ends it. */
static bool cut_number(struct bytes *rest, size_t digits, char end, uint64_t max, unsigned *ret_value)
{
    uint64_t value;

    if (rest->len <= digits || rest->ptr[digits] != end ||
        bytes_parse_u64(bytes_slice(*rest, 0, digits), max, &value) != 0)
        return false;
    *rest = bytes_slice(*rest, digits + 1, rest->len);
    *ret_value = (unsigned)value;
    return true;
}

/* ".120": thousandths; what is behind them is dropped. */
static bool parse_fraction(struct bytes text, unsigned *ret_ms)
{
    unsigned ms = 0, place = 100;

    if (text.len < 2 || text.ptr[0] != '.')
        return text.len == 0;
    for (size_t i = 1; i < text.len; i++, place /= 10) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9')
            return false;
        ms += place * (unsigned)(text.ptr[i] - '0');
    }
    *ret_ms = ms;
    return true;
}

/* Of what is none, such as the 31st of a month of 30, the days make another date. */
static bool is_date(struct civil date, int64_t days)
{
    struct civil same = civil_of_days(days);

    return same.month == date.month && same.day == date.day;
}

bool irc_mark_parse_time(struct bytes text, int64_t *ret_wall_ms)
{
    unsigned year, month, day, hour, minute, ms = 0;
    uint64_t second;

    if (!cut_number(&text, 4, '-', 9999, &year) || !cut_number(&text, 2, '-', 12, &month) ||
        !cut_number(&text, 2, 'T', 31, &day) || !cut_number(&text, 2, ':', 23, &hour) ||
        !cut_number(&text, 2, ':', 59, &minute))
        return false;
    if (month == 0 || day == 0)
        return false;
    struct civil date = {.year = year, .month = month, .day = day};
    int64_t days = civil_days(date);
    if (!is_date(date, days))
        return false;
    if (text.len < 3 || text.ptr[text.len - 1] != 'Z' ||
        bytes_parse_u64(bytes_slice(text, 0, 2), 59, &second) != 0 ||
        !parse_fraction(bytes_slice(text, 2, text.len - 1), &ms))
        return false;
    int64_t seconds = days * CIVIL_DAY_S + hour * HOUR_S + minute * MINUTE_S + (int64_t)second;
    *ret_wall_ms = seconds * 1000 + ms;
    return true;
}

enum irc_mark_result irc_mark_parse(struct bytes text, struct chat_mark *ret_mark)
{
    struct bytes value = text, type = bytes_cut(&value, '=');
    struct chat_mark mark = {.kind = CHAT_MARK_TIME};

    if (bytes_eq(type, BYTES("msgid")))
        return irc_mark_parse_id(value, ret_mark) ? IRC_MARK_OK : IRC_MARK_NO_MESSAGE;
    if (!bytes_eq(type, BYTES("timestamp")))
        return IRC_MARK_BAD_TYPE;
    if (!irc_mark_parse_time(value, &mark.wall_ms))
        return IRC_MARK_BAD_VALUE;
    *ret_mark = mark;
    return IRC_MARK_OK;
}
