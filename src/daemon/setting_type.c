/* Parsing and printing of setting values; see setting_type.h. */
#include "daemon/setting_type.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/check.h"
#include "base/log.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "net/tls.h"

#define FLOOD_RATE_MAX 1000 /* lines per second */
#define FLOOD_BURST_MAX 10000

struct unit {
    const char *name;
    int64_t scale;
};

/* Smallest first. */
static const struct unit count_units[] = {{"", 1}, {NULL, 0}};
static const struct unit bytes_units[] = {{"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {NULL, 0}};
static const struct unit duration_units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {NULL, 0}};

static bool is_text(enum setting_type type)
{
    return type == SETTING_TYPE_TEXT || type == SETTING_TYPE_HOST || type == SETTING_TYPE_PATH;
}

static int parse_scaled(struct bytes text, const struct unit *units, int64_t min, int64_t max,
                        int64_t *ret_value)
{
    size_t digits = 0;
    while (digits < text.len && ascii_is_digit(text.ptr[digits]))
        digits++;
    struct bytes name = bytes_trim(bytes_slice(text, digits, text.len));

    uint64_t number;
    int error = bytes_parse_u64(bytes_slice(text, 0, digits), INT64_MAX, &number);
    if (error != 0)
        return error;
    const struct unit *unit = units;
    while (unit->name != NULL && !bytes_eq_nocase(name, bytes_of(unit->name)))
        unit++;
    if (unit->name == NULL && !(number == 0 && name.len == 0))
        return -EINVAL;

    int64_t value;
    if (__builtin_mul_overflow((int64_t)number, unit->name != NULL ? unit->scale : 1, &value) ||
        value < min || value > max)
        return -ERANGE;
    *ret_value = value;
    return 0;
}

static void format_scaled(int64_t value, const struct unit *units, struct buf *out)
{
    if (value == 0) {
        buf_put_char(out, '0');
        return;
    }
    const struct unit *best = units;
    for (const struct unit *unit = units; unit->name != NULL; unit++)
        if (value % unit->scale == 0)
            best = unit;
    buf_printf(out, "%" PRId64 "%s", value / best->scale, best->name);
}

/* What a terminal or a line of the protocol cannot take has no place in a setting. */
static bool is_printable(struct bytes text)
{
    while (text.len > 0) {
        uint32_t c;
        bool is_valid = true;
        size_t taken = utf8_next(text, &c, &is_valid);
        if (!is_valid || c < 0x20 || (c >= 0x7f && c <= 0x9f))
            return false;
        text = bytes_slice(text, taken, text.len);
    }
    return true;
}

static bool is_host(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        if (!ascii_is_alnum(c) && c != '.' && c != '-')
            return false;
    }
    return true;
}

static char *copy_text(struct bytes text)
{
    char *copy = xcalloc(text.len + 1, 1);
    if (text.len > 0)
        memcpy(copy, text.ptr, text.len);
    return copy;
}

static int parse_text(struct bytes text, int64_t min, int64_t max, char **field)
{
    if (!is_printable(text))
        return -EINVAL;
    if (text.len > (size_t)max || text.len < (size_t)min)
        return -ERANGE;
    char *copy = copy_text(text);
    free(*field);
    *field = copy;
    return 0;
}

static int parse_list(struct bytes text, int64_t max, struct setting_list *list)
{
    if (text.len == 0 || !is_printable(text))
        return -EINVAL;
    if (list->count >= (size_t)max)
        return -ERANGE;
    list->items = xreallocarray(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = copy_text(text);
    return 0;
}

static int parse_bool(struct bytes text, bool *field)
{
    static const char *const yes[] = {"yes", "on", "true"};
    static const char *const no[] = {"no", "off", "false"};
    for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
        bool is_yes = bytes_eq_nocase(text, bytes_of(yes[i]));
        if (is_yes || bytes_eq_nocase(text, bytes_of(no[i]))) {
            *field = is_yes;
            return 0;
        }
    }
    return -EINVAL;
}

/* "0.5" gives 500; at most three decimals, so that nothing is rounded. */
static int parse_milli(struct bytes text, int64_t *ret_milli)
{
    bool has_point = bytes_find(text, '.') < text.len;
    struct bytes decimals = text;
    struct bytes whole = bytes_cut(&decimals, '.');
    uint64_t units, thousandths = 0;
    int error = bytes_parse_u64(whole, FLOOD_RATE_MAX, &units);
    if (error != 0)
        return error;
    if (has_point) {
        if (decimals.len > 3)
            return -EINVAL;
        error = bytes_parse_u64(decimals, 999, &thousandths);
        if (error != 0)
            return error;
        for (size_t i = decimals.len; i < 3; i++)
            thousandths *= 10;
    }
    *ret_milli = (int64_t)(units * 1000 + thousandths);
    return 0;
}

static int parse_flood(struct bytes text, struct setting_flood *field)
{
    if (bytes_eq_nocase(text, BYTES("off"))) {
        *field = (struct setting_flood){0, 0};
        return 0;
    }
    struct bytes rate = bytes_word(&text);
    struct bytes word = bytes_word(&text);
    uint64_t burst;
    int64_t rate_milli;
    if (!bytes_eq_nocase(word, BYTES("burst")))
        return -EINVAL;
    int error = parse_milli(rate, &rate_milli);
    if (error == 0)
        error = bytes_parse_u64(bytes_trim(text), FLOOD_BURST_MAX, &burst);
    if (error != 0)
        return error;
    if (rate_milli == 0 || rate_milli > FLOOD_RATE_MAX * 1000 || burst == 0)
        return -ERANGE;
    *field = (struct setting_flood){rate_milli, (int64_t)burst};
    return 0;
}

static void format_flood(const struct setting_flood *flood, struct buf *out)
{
    if (flood->rate_milli == 0) {
        buf_put_text(out, "off");
        return;
    }
    buf_printf(out, "%" PRId64, flood->rate_milli / 1000);
    int64_t fraction = flood->rate_milli % 1000;
    if (fraction != 0) {
        int digits = 3;
        for (; fraction % 10 == 0; digits--)
            fraction /= 10;
        buf_printf(out, ".%0*" PRId64, digits, fraction);
    }
    buf_printf(out, " burst %" PRId64, flood->burst);
}

static const char *const clients_names[] = {
    [TLS_CLIENTS_NO] = "no", [TLS_CLIENTS_OPTIONAL] = "optional", [TLS_CLIENTS_REQUIRED] = "required"};

static int parse_clients(struct bytes text, enum tls_clients *field)
{
    for (size_t i = 0; i < ARRAY_LEN(clients_names); i++)
        if (bytes_eq_nocase(text, bytes_of(clients_names[i]))) {
            *field = (enum tls_clients)i;
            return 0;
        }
    return -EINVAL;
}

static int parse_number(enum setting_type type, struct bytes text, int64_t min, int64_t max, void *field)
{
    int64_t value;
    const struct unit *units = type == SETTING_TYPE_COUNT   ? count_units
                               : type == SETTING_TYPE_BYTES ? bytes_units
                                                            : duration_units;
    int error = parse_scaled(text, units, min, max, &value);
    if (error != 0)
        return error;
    if (type == SETTING_TYPE_COUNT)
        *(uint32_t *)field = (uint32_t)value;
    else if (type == SETTING_TYPE_BYTES)
        *(size_t *)field = (size_t)value;
    else
        *(int64_t *)field = value;
    return 0;
}

static int parse_mode(struct bytes text, uint32_t *field)
{
    uint32_t mode = 0;
    if (text.len < 3 || text.len > 4)
        return -EINVAL;
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '7')
            return -EINVAL;
        mode = mode * 8 + (uint32_t)(text.ptr[i] - '0');
    }
    if (mode > 0777)
        return -ERANGE;
    *field = mode;
    return 0;
}

static const char *const log_formats[SETTING_LOG_COUNT] = {
    [SETTING_LOG_AUTO] = "auto",
    [SETTING_LOG_TEXT] = "text",
    [SETTING_LOG_JSON] = "json",
    [SETTING_LOG_JOURNAL] = "journal",
};

static int parse_log_format(struct bytes text, enum setting_log_format *ret_format)
{
    for (int i = 0; i < SETTING_LOG_COUNT; i++) {
        if (!bytes_eq(text, bytes_of(log_formats[i])))
            continue;
        *ret_format = (enum setting_log_format)i;
        return 0;
    }
    return -EINVAL;
}

int setting_type_parse(enum setting_type type, struct bytes text, int64_t min, int64_t max, void *field)
{
    switch (type) {
    case SETTING_TYPE_HOST:
        if (!is_host(text))
            return -EINVAL;
        return parse_text(text, min, max, field);
    case SETTING_TYPE_TEXT:
    case SETTING_TYPE_PATH:
        return parse_text(text, min, max, field);
    case SETTING_TYPE_BOOL:
        return parse_bool(text, field);
    case SETTING_TYPE_COUNT:
    case SETTING_TYPE_BYTES:
    case SETTING_TYPE_DURATION:
        return parse_number(type, text, min, max, field);
    case SETTING_TYPE_LIST:
        return text.len == 0 && min == 0 ? 0 : parse_list(text, max, field);
    case SETTING_TYPE_FLOOD:
        return parse_flood(text, field);
    case SETTING_TYPE_MODE:
        return parse_mode(text, field);
    case SETTING_TYPE_LOG_LEVEL:
        return log_level_parse(text, field);
    case SETTING_TYPE_CLIENTS:
        return parse_clients(text, field);
    case SETTING_TYPE_LOG_FORMAT:
        return parse_log_format(text, field);
    }
    BUG("setting type %d", (int)type);
}

static void format_list(const struct setting_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++)
        buf_printf(out, "%s%s", i == 0 ? "" : ", ", list->items[i]);
}

void setting_type_format(enum setting_type type, const void *field, struct buf *out)
{
    switch (type) {
    case SETTING_TYPE_TEXT:
    case SETTING_TYPE_HOST:
    case SETTING_TYPE_PATH:
        buf_put_text(out, *(char *const *)field);
        return;
    case SETTING_TYPE_BOOL:
        buf_put_text(out, *(const bool *)field ? "yes" : "no");
        return;
    case SETTING_TYPE_COUNT:
        format_scaled(*(const uint32_t *)field, count_units, out);
        return;
    case SETTING_TYPE_BYTES:
        format_scaled((int64_t) * (const size_t *)field, bytes_units, out);
        return;
    case SETTING_TYPE_DURATION:
        format_scaled(*(const int64_t *)field, duration_units, out);
        return;
    case SETTING_TYPE_LIST:
        format_list(field, out);
        return;
    case SETTING_TYPE_FLOOD:
        format_flood(field, out);
        return;
    case SETTING_TYPE_MODE:
        buf_printf(out, "%04o", *(const uint32_t *)field);
        return;
    case SETTING_TYPE_LOG_LEVEL:
        buf_put_text(out, log_level_str(*(const enum log_level *)field));
        return;
    case SETTING_TYPE_CLIENTS:
        buf_put_text(out, clients_names[*(const enum tls_clients *)field]);
        return;
    case SETTING_TYPE_LOG_FORMAT:
        buf_put_text(out, log_formats[*(const enum setting_log_format *)field]);
        return;
    }
    BUG("setting type %d", (int)type);
}

static void describe_range(const char *what, const struct unit *units, int64_t min, int64_t max,
                           struct buf *out)
{
    buf_printf(out, "%s from ", what);
    format_scaled(min, units, out);
    buf_put_text(out, " to ");
    format_scaled(max, units, out);
}

static void describe_log_level(struct buf *out)
{
    buf_put_text(out, "one of");
    for (int level = 0; level < LOG_LEVEL_COUNT; level++)
        buf_printf(out, "%s %s", level == 0 ? "" : ",", log_level_str((enum log_level)level));
}

void setting_type_describe(enum setting_type type, int64_t min, int64_t max, struct buf *out)
{
    switch (type) {
    case SETTING_TYPE_TEXT:
        describe_range("UTF-8 text without control characters, bytes", count_units, min, max, out);
        return;
    case SETTING_TYPE_HOST:
        describe_range("letters, digits, '.' and '-', bytes", count_units, min, max, out);
        return;
    case SETTING_TYPE_PATH:
        describe_range("the path of a file, bytes", count_units, min, max, out);
        return;
    case SETTING_TYPE_BOOL:
        buf_put_text(out, "yes or no");
        return;
    case SETTING_TYPE_COUNT:
        describe_range("a whole number", count_units, min, max, out);
        return;
    case SETTING_TYPE_BYTES:
        describe_range("bytes (such as 4096, 64K or 1M)", bytes_units, min, max, out);
        return;
    case SETTING_TYPE_DURATION:
        describe_range("a time with its unit (such as 400ms, 5s, 2m or 1h)", duration_units, min, max, out);
        return;
    case SETTING_TYPE_LIST:
        buf_printf(out, "text that is not empty; the setting may be repeated, up to %" PRId64 " times", max);
        return;
    case SETTING_TYPE_FLOOD:
        buf_printf(out,
                   "off, or lines per second and burst (such as 1 burst 5 or 0.5 burst 10), "
                   "from 0.001 burst 1 to %d burst %d",
                   FLOOD_RATE_MAX, FLOOD_BURST_MAX);
        return;
    case SETTING_TYPE_MODE:
        buf_put_text(out, "the permissions of a file in octal, such as 0660");
        return;
    case SETTING_TYPE_LOG_LEVEL:
        describe_log_level(out);
        return;
    case SETTING_TYPE_CLIENTS:
        buf_put_text(out, "no, optional or required");
        return;
    case SETTING_TYPE_LOG_FORMAT:
        buf_put_text(out, "one of auto, text, json, journal");
        return;
    }
    BUG("setting type %d", (int)type);
}

static void clear_list(struct setting_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct setting_list){NULL, 0};
}

void setting_type_clear(enum setting_type type, void *field)
{
    if (type == SETTING_TYPE_LIST) {
        clear_list(field);
    } else if (is_text(type)) {
        free(*(char **)field);
        *(char **)field = NULL;
    }
}

static bool is_equal_list(const struct setting_list *a, const struct setting_list *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return true;
}

/* Of the fields that own nothing and have no padding. */
static size_t plain_bytes(enum setting_type type)
{
    switch (type) {
    case SETTING_TYPE_BOOL:
        return sizeof(bool);
    case SETTING_TYPE_COUNT:
    case SETTING_TYPE_MODE:
        return sizeof(uint32_t);
    case SETTING_TYPE_BYTES:
        return sizeof(size_t);
    case SETTING_TYPE_DURATION:
        return sizeof(int64_t);
    case SETTING_TYPE_FLOOD:
        return sizeof(struct setting_flood);
    case SETTING_TYPE_LOG_LEVEL:
        return sizeof(enum log_level);
    case SETTING_TYPE_CLIENTS:
        return sizeof(enum tls_clients);
    case SETTING_TYPE_LOG_FORMAT:
        return sizeof(enum setting_log_format);
    case SETTING_TYPE_TEXT: /* named, not `default`: a new type does not compile without its size */
    case SETTING_TYPE_HOST:
    case SETTING_TYPE_PATH:
    case SETTING_TYPE_LIST:
        break;
    }
    BUG("setting type %d", (int)type);
}

bool setting_type_is_equal(enum setting_type type, const void *a, const void *b)
{
    if (is_text(type))
        return strcmp(*(char *const *)a, *(char *const *)b) == 0;
    if (type == SETTING_TYPE_LIST)
        return is_equal_list(a, b);
    return memcmp(a, b, plain_bytes(type)) == 0;
}

static void copy_list(const struct setting_list *from, struct setting_list *to)
{
    to->items = xcalloc(from->count + 1, sizeof(*to->items));
    for (to->count = 0; to->count < from->count; to->count++)
        to->items[to->count] = xstrdup(from->items[to->count]);
}

void setting_type_copy(enum setting_type type, const void *from, void *to)
{
    setting_type_clear(type, to);
    if (is_text(type))
        *(char **)to = xstrdup(*(char *const *)from);
    else if (type == SETTING_TYPE_LIST)
        copy_list(from, to);
    else
        memcpy(to, from, plain_bytes(type));
}
