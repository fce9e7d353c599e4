/* See tz.h. */
#include "base/tz.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/ascii.h"
#include "base/civil.h"
#include "base/tz_rule.h"

#define HEADER_BYTES 44
#define TYPE_BYTES 6
#define CHANGES_MAX 4096
#define TYPES_MAX 256
#define OFFSET_LEAST_S (-89999) /* RFC 8536, 3.2 */
#define OFFSET_MOST_S 93599
#define TIME_MAX_S INT64_C(10000000000000)

struct tz {
    bool has_rule;
    struct tz_rule rule; /* from the last change on */
    int32_t first_s;     /* the offset before the first change */
    size_t change_count;
    struct {
        int64_t at_s;
        int32_t offset_s; /* from then on */
    } changes[];
};

struct header {
    char version;
    uint32_t ut_count, standard_count, leap_count, change_count, type_count, name_bytes;
};

static uint32_t get_u32(const char *at)
{
    uint32_t value = 0;

    for (size_t i = 0; i < 4; i++)
        value = value << 8 | (unsigned char)at[i];
    return value;
}

static int64_t get_time(const char *at, size_t time_bytes)
{
    if (time_bytes == 4)
        return (int32_t)get_u32(at);
    return (int64_t)((uint64_t)get_u32(at) << 32 | get_u32(at + 4));
}

static bool take_header(struct bytes *rest, struct header *ret)
{
    const char *at = rest->ptr;

    if (rest->len < HEADER_BYTES || memcmp(at, "TZif", 4) != 0)
        return false;
    *ret = (struct header){at[4],
                           get_u32(at + 20),
                           get_u32(at + 24),
                           get_u32(at + 28),
                           get_u32(at + 32),
                           get_u32(at + 36),
                           get_u32(at + 40)};
    *rest = bytes_slice(*rest, HEADER_BYTES, rest->len);
    return ret->change_count <= CHANGES_MAX && ret->type_count >= 1 && ret->type_count <= TYPES_MAX &&
           ret->ut_count <= TYPES_MAX && ret->standard_count <= TYPES_MAX && ret->leap_count <= CHANGES_MAX &&
           ret->name_bytes <= TZ_FILE_BYTES_MAX;
}

static size_t block_bytes(const struct header *header, size_t time_bytes)
{
    return header->change_count * (time_bytes + 1) + header->type_count * TYPE_BYTES + header->name_bytes +
           header->leap_count * (time_bytes + 4) + header->standard_count + header->ut_count;
}

/* `block` has the bytes that the header says. */
static bool read_block(const struct header *header, struct bytes block, size_t time_bytes, struct tz *tz)
{
    const char *types_of = block.ptr + header->change_count * time_bytes;
    const char *types = types_of + header->change_count;

    for (size_t i = 0; i < header->type_count; i++) {
        int32_t offset_s = (int32_t)get_u32(types + i * TYPE_BYTES);
        if (offset_s < OFFSET_LEAST_S || offset_s > OFFSET_MOST_S)
            return false;
    }
    tz->first_s = (int32_t)get_u32(types);
    tz->change_count = header->change_count;
    for (size_t i = 0; i < header->change_count; i++) {
        size_t type = (unsigned char)types_of[i];
        if (type >= header->type_count)
            return false;
        tz->changes[i].at_s = get_time(block.ptr + i * time_bytes, time_bytes);
        tz->changes[i].offset_s = (int32_t)get_u32(types + type * TYPE_BYTES);
        if (i > 0 && tz->changes[i].at_s <= tz->changes[i - 1].at_s)
            return false;
    }
    return header->leap_count == 0;
}

/* What stands behind the block of version 2 and later: a TZ string between two newlines, may be empty. */
static bool read_footer(struct bytes rest, struct tz *tz)
{
    if (rest.len < 2 || rest.ptr[0] != '\n')
        return false;
    rest = bytes_slice(rest, 1, rest.len);
    size_t end = bytes_find(rest, '\n');
    if (end == rest.len)
        return false;
    tz->has_rule = end > 0;
    return end == 0 || tz_rule_parse(bytes_slice(rest, 0, end), &tz->rule) == 0;
}

static bool read_file(const struct header *header, struct bytes rest, struct tz *tz)
{
    size_t time_bytes = header->version == '\0' ? 4 : 8;
    size_t bytes = block_bytes(header, time_bytes);

    if (rest.len < bytes || !read_block(header, bytes_slice(rest, 0, bytes), time_bytes, tz))
        return false;
    return header->version == '\0' || read_footer(bytes_slice(rest, bytes, rest.len), tz);
}

int tz_parse(struct bytes file, struct tz **ret_tz)
{
    struct header header;

    if (file.len > TZ_FILE_BYTES_MAX || !take_header(&file, &header))
        return -EINVAL;
    if (header.version != '\0') {
        /* The first block is for readers that know no 64-bit times. */
        size_t skipped = block_bytes(&header, 4);
        if (file.len < skipped)
            return -EINVAL;
        file = bytes_slice(file, skipped, file.len);
        if (!take_header(&file, &header) || header.version == '\0')
            return -EINVAL;
    }
    struct tz *tz = calloc(1, sizeof(*tz) + header.change_count * sizeof(tz->changes[0]));
    if (!tz)
        return -ENOMEM;
    if (!read_file(&header, file, tz)) {
        free(tz);
        return -EINVAL;
    }
    *ret_tz = tz;
    return 0;
}

void tz_free(struct tz *tz)
{
    free(tz);
}

static int32_t offset_s(const struct tz *tz, int64_t utc_s)
{
    size_t low = 0, high = tz->change_count; /* changes before `low` are not later than utc_s */

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tz->changes[middle].at_s <= utc_s)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == tz->change_count && tz->has_rule)
        return tz_rule_offset_s(&tz->rule, utc_s);
    return low > 0 ? tz->changes[low - 1].offset_s : tz->first_s;
}

struct tz_time tz_time(const struct tz *tz, int64_t utc_s)
{
    if (utc_s > TIME_MAX_S || utc_s < -TIME_MAX_S)
        utc_s = utc_s > 0 ? TIME_MAX_S : -TIME_MAX_S;
    int32_t offset = tz ? offset_s(tz, utc_s) : 0;
    int64_t days = civil_floor_div(utc_s + offset, CIVIL_DAY_S);
    unsigned second = (unsigned)(utc_s + offset - days * CIVIL_DAY_S);
    struct civil date = civil_of_days(days);

    return (struct tz_time){
        .year = date.year,
        .month = date.month,
        .day = date.day,
        .hour = second / 3600,
        .minute = second / 60 % 60,
        .second = second % 60,
        .weekday = civil_weekday(days),
        .offset_s = offset,
    };
}

static bool is_name_char(char c)
{
    return ascii_is_alnum(c) || c == '_' || c == '+' || c == '-';
}

bool tz_name_is_valid(struct bytes name)
{
    bool is_start = true;

    if (name.len > TZ_NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.len; i++) {
        bool is_slash = name.ptr[i] == '/';
        if (is_slash ? is_start : !is_name_char(name.ptr[i]))
            return false;
        is_start = is_slash;
    }
    return !is_start && !bytes_starts_with(name, BYTES("posix/")) &&
           !bytes_starts_with(name, BYTES("right/"));
}
