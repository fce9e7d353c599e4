/* See mention.h. */
#include "chat/mention.h"

#include <string.h>

#include "base/ascii.h"
#include "chat/format.h"

static bool is_name_char(char c)
{
    return ascii_is_alnum(c) || (c != '\0' && strchr("-_[]{}|^", c) != NULL);
}

void mention_cut(struct bytes *rest, struct bytes *ret_before, struct bytes *ret_word)
{
    size_t start = 0, end;

    while (start < rest->len && !is_name_char(rest->ptr[start])) {
        size_t code_bytes = format_code_bytes(bytes_slice(*rest, start, rest->len));
        start += code_bytes > 0 ? code_bytes : 1;
    }
    for (end = start; end < rest->len && is_name_char(rest->ptr[end]);)
        end++;
    *ret_before = bytes_slice(*rest, 0, start);
    *ret_word = bytes_slice(*rest, start, end);
    *rest = bytes_slice(*rest, end, rest->len);
}

struct bytes mention_core(struct bytes word)
{
    size_t start = 0, end = word.len;

    while (start < end && !ascii_is_alnum(word.ptr[start]))
        start++;
    while (end > start && !ascii_is_alnum(word.ptr[end - 1]))
        end--;
    return bytes_slice(word, start, end);
}

bool mention_is(struct bytes word, struct bytes name)
{
    return word.len > 0 && (bytes_eq_nocase(word, name) || bytes_eq_nocase(mention_core(word), name));
}

bool mention_is_in(struct bytes text, struct bytes name)
{
    struct bytes before, word;

    while (text.len > 0) {
        mention_cut(&text, &before, &word);
        if (mention_is(word, name))
            return true;
    }
    return false;
}
