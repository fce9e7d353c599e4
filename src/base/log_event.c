/* From a kind and its fields to one line of text, and how often that may happen. */
#include "base/log_event.h"

#include <errno.h>
#include <inttypes.h>

#include "base/bucket.h"
#include "base/buf.h"
#include "base/check.h"
#include "base/utf8.h"

/* What is held back is told at least so often. */
#define TELL_MS 10000
#define TEXT_MAX_BYTES (2 * LOG_LINE_BYTES)

/* Of each kind. */
struct limit {
    struct bucket bucket;
    uint64_t suppressed_count;
    uint64_t untold_count; /* of these */
    int64_t untold_since_ms;
};

static struct {
    const struct clock *clock; /* NULL: the system's */
    int64_t rate_milli;        /* 0: no limit */
    struct limit limits[LOG_KIND_COUNT];
} state;

static int64_t now_ms(void)
{
    return clock_mono_ms(state.clock ? state.clock : clock_system());
}

/* ---- text ---- */

static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7F && c <= 0x9F);
}

static bool needs_quotes(struct bytes value)
{
    if (value.len == 0)
        return true;
    while (value.len > 0) {
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next(value, &c, &is_valid);
        if (!is_valid || is_control(c) || c == ' ' || c == '"' || c == '=' || c == '\\')
            return true;
        value = bytes_slice(value, n, value.len);
    }
    return false;
}

static void put_quoted(struct bytes value, struct buf *out)
{
    buf_put_char(out, '"');
    while (value.len > 0) {
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next(value, &c, &is_valid);
        if (is_valid && (c == '"' || c == '\\'))
            buf_put_char(out, '\\');
        if (is_valid && !is_control(c))
            buf_put(out, bytes_slice(value, 0, n));
        for (size_t i = 0; (!is_valid || is_control(c)) && i < n; i++)
            buf_printf(out, "\\x%02x", (unsigned)(uint8_t)value.ptr[i]);
        value = bytes_slice(value, n, value.len);
    }
    buf_put_char(out, '"');
}

static void put_value(const struct log_field *field, struct buf *out)
{
    /* More would not fit the line, which is then cut. */
    struct bytes text = bytes_slice(field->text, 0, LOG_LINE_BYTES);
    if (field->type == LOG_FIELD_INT)
        buf_printf(out, "%" PRId64, field->number);
    else if (field->type == LOG_FIELD_UINT)
        buf_printf(out, "%" PRIu64, (uint64_t)field->number);
    else if (needs_quotes(text))
        put_quoted(text, out);
    else
        buf_put(out, text);
}

/* Fills the {key}s of the kind's text in; the bit of each field that was used is set in *ret_used. */
static void put_template(struct bytes rest, const struct log_field *fields, size_t count, struct buf *out,
                         uint64_t *ret_used)
{
    while (rest.len > 0) {
        buf_put(out, bytes_cut(&rest, '{'));
        if (rest.len == 0)
            return;
        struct bytes key = bytes_cut(&rest, '}');
        for (size_t i = 0; i < count; i++) {
            if (!bytes_eq(key, bytes_of(fields[i].key)))
                continue;
            put_value(&fields[i], out);
            *ret_used |= UINT64_C(1) << i;
        }
    }
}

static void put_message(enum log_kind kind, const struct log_field *fields, size_t count, struct buf *out)
{
    uint64_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (fields[i].type == LOG_FIELD_SAY) {
            buf_put(out, fields[i].text);
            return;
        }
    }
    put_template(bytes_of(log_kind_row(kind)->text), fields, count, out, &used);
    for (size_t i = 0; i < count; i++) {
        if ((used & UINT64_C(1) << i) || (fields[i].type == LOG_FIELD_TEXT && fields[i].text.len == 0))
            continue;
        buf_printf(out, " %s=", fields[i].key);
        put_value(&fields[i], out);
    }
}

/* ---- limits ---- */

void log_set_clock(const struct clock *clock)
{
    state.clock = clock;
}

void log_set_limit(int64_t rate_milli, int64_t burst)
{
    int64_t now = now_ms();
    state.rate_milli = rate_milli;
    for (size_t i = 0; i < LOG_KIND_COUNT; i++)
        bucket_init(&state.limits[i].bucket, rate_milli, burst > 0 ? burst : 1, now);
}

uint64_t log_suppressed_count(enum log_kind kind)
{
    CHECK(kind < LOG_KIND_COUNT);
    return state.limits[kind].suppressed_count;
}

static void tell_suppressed(enum log_kind kind)
{
    struct limit *limit = &state.limits[kind];
    uint64_t count = limit->untold_count;
    if (count == 0)
        return;
    limit->untold_count = 0;
    log_event(LOG_KIND_SUPPRESSED, LOG_LEVEL_NOTICE, LOG_UINT("count", count),
              LOG_STR("kind", log_kind_row(kind)->name));
}

/* Whether the event is told. Its bucket has place again: what was held back is told first. */
static bool take(enum log_kind kind, enum log_level level)
{
    struct limit *limit = &state.limits[kind];
    if (!log_kind_row(kind)->is_limited || state.rate_milli == 0 || level == LOG_LEVEL_ERROR)
        return true;
    int64_t now = now_ms();
    if (bucket_take(&limit->bucket, 1, now) == 0) {
        tell_suppressed(kind);
        return true;
    }
    limit->suppressed_count++;
    if (limit->untold_count++ == 0)
        limit->untold_since_ms = now;
    return false;
}

void log_tick(void)
{
    int64_t now = now_ms();
    for (size_t i = 0; i < LOG_KIND_COUNT; i++) {
        struct limit *limit = &state.limits[i];
        if (limit->untold_count == 0)
            continue;
        struct bucket bucket = limit->bucket; /* only looked at */
        if (bucket_take(&bucket, 1, now) == 0 || now - limit->untold_since_ms >= TELL_MS)
            tell_suppressed((enum log_kind)i);
    }
}

void log_flush(void)
{
    for (size_t i = 0; i < LOG_KIND_COUNT; i++)
        tell_suppressed((enum log_kind)i);
}

/* ---- events ---- */

void log_event_at(const char *file, int line, enum log_kind kind, enum log_level level,
                  const struct log_field *fields, size_t count)
{
    CHECK(level < LOG_LEVEL_COUNT && count <= 64);
    if (!log_is_on(level))
        return;
    int saved_errno = errno;
    if (take(kind, level)) {
        char text[TEXT_MAX_BYTES + 1];
        struct buf out;
        buf_init_fixed(&out, text, sizeof(text));
        put_message(kind, fields, count, &out); /* what does not fit would be cut off anyway */
        const struct log_record record = {
            .level = level,
            .kind = log_kind_row(kind),
            .message = buf_bytes(&out),
            .fields = fields,
            .field_count = count,
            .file = file,
            .line = line,
        };
        log_write(&record);
    }
    errno = saved_errno;
}

void log_change_level(enum log_level most_verbose)
{
    enum log_level before = log_level();
    /* Told while the more talkative of the two levels is on. */
    if (most_verbose > before)
        log_set_level(most_verbose);
    log_event(LOG_KIND_LEVEL_SET, LOG_LEVEL_NOTICE, LOG_STR("now", log_level_str(most_verbose)),
              LOG_STR("before", log_level_str(before)));
    log_set_level(most_verbose);
}
