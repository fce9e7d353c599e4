/* The line framer. The work is in line_end(), which knows the three ends; the rest is bookkeeping
 * about lines that are too long. */
#include "base/line.h"

#include <errno.h>

#include "base/check.h"

/* Finds the first end of a line in `in`: returns where it begins, or in.len when there is none; sets
 * *ret_end_len. */
static size_t line_end(struct bytes in, size_t *ret_end_len)
{
    size_t lf = bytes_find(in, '\n');
    struct bytes before = bytes_slice(in, 0, lf);

    for (size_t nul = bytes_find(before, '\0'); nul < before.len;
         nul += 1 + bytes_find(bytes_slice(before, nul + 1, before.len), '\0')) {
        if (nul > 0 && before.ptr[nul - 1] == '\r') {
            *ret_end_len = 2;
            return nul - 1;
        }
    }

    if (lf == in.len) {
        *ret_end_len = 0;
        return in.len;
    }
    bool has_cr = lf > 0 && in.ptr[lf - 1] == '\r';
    *ret_end_len = has_cr ? 2 : 1;
    return has_cr ? lf - 1 : lf;
}

static bool ends_in_cr(struct bytes b)
{
    return b.len > 0 && b.ptr[b.len - 1] == '\r';
}

/* How many bytes of `in` belong to the line that is being discarded. A CR at the end stays: what
 * follows tells whether it ends the line. */
static size_t discard(struct line_framer *framer, struct bytes in)
{
    size_t end_len;
    size_t end = line_end(in, &end_len);

    if (end_len > 0) {
        framer->is_discarding = false;
        return end + end_len;
    }
    return ends_in_cr(in) ? in.len - 1 : in.len;
}

int line_cut(struct line_framer *framer, struct bytes in, size_t *ret_consumed, struct bytes *ret_line,
             bool *ret_ended_crlf)
{
    size_t dropped = 0;

    CHECK(framer->max > 0);
    if (framer->is_discarding) {
        dropped = discard(framer, in);
        if (framer->is_discarding) {
            *ret_consumed = dropped;
            return 0;
        }
    }

    /* An end that begins later than at max + 1 cannot save the line: there is no need to look there. */
    struct bytes window = bytes_slice(in, dropped, in.len);
    window = bytes_slice(window, 0, framer->max + LINE_END_BYTES_MAX);
    size_t end_len;
    size_t end = line_end(window, &end_len);

    if (end_len > 0 && end <= framer->max) {
        *ret_consumed = dropped + end + end_len;
        *ret_line = bytes_slice(window, 0, end);
        *ret_ended_crlf = end_len == 2;
        return 1;
    }

    bool may_fit = window.len <= framer->max || (window.len == framer->max + 1 && ends_in_cr(window));
    if (end_len == 0 && may_fit) {
        *ret_consumed = dropped;
        return 0;
    }
    /* No end begins before max, so max bytes can go without cutting an end in two. */
    framer->is_discarding = true;
    *ret_consumed = dropped + framer->max;
    return -EMSGSIZE;
}

bool line_rest(const struct line_framer *framer, struct bytes in, struct bytes *ret_line)
{
    if (framer->is_discarding || in.len == 0)
        return false;
    *ret_line = bytes_slice(in, 0, ends_in_cr(in) ? in.len - 1 : in.len);
    CHECK(ret_line->len <= framer->max);
    return true;
}
