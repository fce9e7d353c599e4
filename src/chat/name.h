/* Names of people and rooms: what is allowed and when two are the same.
 *
 * A person's name has 1-30 letters, digits or -_[]{}|^ and does not start with a digit or '-'. A
 * room's name is '#' followed by 1-49 of the same characters or '.', in any order. Names differ only
 * in case are the same name; the mapping is ASCII ("ascii" of IRC's CASEMAPPING). Pure functions. */
#ifndef CHAT_NAME_H
#define CHAT_NAME_H

#include <stdbool.h>

#include "base/bytes.h"

#define NAME_USER_BYTES_MAX 30
#define NAME_ROOM_BYTES_MAX 50 /* with the '#' */
#define NAME_BYTES_MAX NAME_ROOM_BYTES_MAX

/* A name and its folded form, by which it is looked up. */
struct name {
    char text[NAME_BYTES_MAX + 1];
    char folded[NAME_BYTES_MAX + 1];
};

bool name_is_user(struct bytes text);
bool name_is_room(struct bytes text);

/* `text` must be a valid name of a person or a room. */
void name_set(struct name *name, struct bytes text);
/* Folds `text` of at most NAME_BYTES_MAX bytes into `name->folded` form; longer text folds to "". */
void name_fold(struct bytes text, char ret_folded[NAME_BYTES_MAX + 1]);

#endif
