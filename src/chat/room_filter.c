/* See room_filter.h. The words are read anew for each room: there are few of them, and nothing has to be kept. */
#include "chat/room_filter.h"

#include "chat/restriction.h"
#include "chat/room.h"

#define MINUTE_MS 60000

static struct bytes next_word(struct bytes *rest)
{
    struct bytes word = {NULL, 0};

    while (word.len == 0 && rest->len > 0) {
        size_t comma = bytes_find(*rest, ','), blank = bytes_find(*rest, ' ');
        size_t end = comma < blank ? comma : blank;
        word = bytes_slice(*rest, 0, end);
        *rest = bytes_slice(*rest, end + 1, rest->len);
    }
    return word;
}

/* A mask that does not say '#' is about what is behind it. */
static bool fits_mask(struct bytes mask, struct bytes name)
{
    bool has_hash = bytes_starts_with(mask, BYTES("#"));

    return restriction_glob(mask, has_hash ? name : bytes_slice(name, 1, name.len)) ||
           restriction_glob(mask, name);
}

/* ">5" or "<5"; false when it is neither. */
static bool parse_bound(struct bytes word, bool *ret_is_more, uint64_t *ret_number)
{
    bool is_more = bytes_starts_with(word, BYTES(">"));

    if (!is_more && !bytes_starts_with(word, BYTES("<")))
        return false;
    *ret_is_more = is_more;
    return bytes_parse_u64(bytes_slice(word, 1, word.len), UINT32_MAX, ret_number) == 0;
}

static bool is_within(bool is_more, uint64_t number, int64_t value)
{
    return is_more ? value > (int64_t)number : value < (int64_t)number;
}

static int64_t minutes_since(int64_t wall_ms, int64_t now_wall_ms)
{
    return (now_wall_ms - wall_ms) / MINUTE_MS;
}

enum verdict { NO_BOUND, FITS, FITS_NOT };

static enum verdict check_bound(struct bytes word, const struct room *room, int64_t now_wall_ms)
{
    bool is_opened = bytes_eq_nocase(bytes_slice(word, 0, 1), BYTES("c"));
    bool is_topic = bytes_eq_nocase(bytes_slice(word, 0, 1), BYTES("t"));
    bool is_more;
    uint64_t number;

    if (!parse_bound(bytes_slice(word, is_opened || is_topic ? 1 : 0, word.len), &is_more, &number))
        return NO_BOUND;
    if (is_topic && room->topic == NULL)
        return FITS_NOT;
    int64_t value = is_topic    ? minutes_since(room->topic_wall_ms, now_wall_ms)
                    : is_opened ? minutes_since(room->opened_wall_ms, now_wall_ms)
                                : (int64_t)room->present_count;
    return is_within(is_more, number, value) ? FITS : FITS_NOT;
}

bool room_filter_fits(struct bytes words, const struct room *room, int64_t now_wall_ms)
{
    bool has_masks = false, fits_one = false;

    for (struct bytes word; (word = next_word(&words)).len > 0;) {
        enum verdict verdict = check_bound(word, room, now_wall_ms);
        if (verdict == FITS_NOT)
            return false;
        if (verdict == FITS)
            continue;
        if (!bytes_starts_with(word, BYTES("!"))) {
            has_masks = true;
            fits_one = fits_one || fits_mask(word, room_name(room));
        } else if (fits_mask(bytes_slice(word, 1, word.len), room_name(room))) {
            return false;
        }
    }
    return !has_masks || fits_one;
}
