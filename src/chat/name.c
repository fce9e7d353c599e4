/* Names of people and rooms. ASCII only and without the locale, so that every client folds alike. */
#include "chat/name.h"

#include <string.h>

#include "base/ascii.h"
#include "base/check.h"

static bool is_name_char(char c)
{
    if (ascii_is_alnum(c))
        return true;
    return c != '\0' && strchr("-_[]{}|^", c) != NULL;
}

bool name_is_user(struct bytes text)
{
    if (text.len < 1 || text.len > NAME_USER_BYTES_MAX || ascii_is_digit(text.ptr[0]) || text.ptr[0] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (!is_name_char(text.ptr[i]))
            return false;
    }
    return true;
}

bool name_is_room(struct bytes text)
{
    if (text.len < 2 || text.len > NAME_ROOM_BYTES_MAX || text.ptr[0] != '#')
        return false;
    for (size_t i = 1; i < text.len; i++) {
        if (!is_name_char(text.ptr[i]) && text.ptr[i] != '.')
            return false;
    }
    return true;
}

void name_set(struct name *name, struct bytes text)
{
    CHECK(name_is_user(text) || name_is_room(text));
    CHECK(bytes_copy(text, name->text, sizeof(name->text)));
    name_fold(text, name->folded);
}

void name_fold(struct bytes text, char ret_folded[NAME_BYTES_MAX + 1])
{
    size_t len = text.len <= NAME_BYTES_MAX ? text.len : 0;
    for (size_t i = 0; i < len; i++) {
        char c = text.ptr[i];
        ret_folded[i] = ascii_lower(c);
    }
    ret_folded[len] = '\0';
}
