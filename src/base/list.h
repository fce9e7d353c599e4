/* Intrusive doubly linked list.
 *
 * A struct that is to be on a list embeds a list_link named after the list (`room_link`). A link is
 * on one list at a time. list_remove() leaves the link unlinked, so that removing twice is harmless;
 * a zeroed link is unlinked, too. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct list_link {
    struct list_link *prev, *next;
};

struct list {
    struct list_link head; /* circular: head.next is the first, head.prev the last */
    size_t count;
};

static inline void list_init(struct list *list)
{
    list->head.prev = list->head.next = &list->head;
    list->count = 0;
}

static inline bool list_is_empty(const struct list *list)
{
    return list->count == 0;
}

static inline bool list_is_linked(const struct list_link *link)
{
    return link->next != NULL;
}

static inline void list_insert_before(struct list *list, struct list_link *at, struct list_link *link)
{
    link->next = at;
    link->prev = at->prev;
    at->prev->next = link;
    at->prev = link;
    list->count++;
}

static inline void list_push_back(struct list *list, struct list_link *link)
{
    list_insert_before(list, &list->head, link);
}

static inline void list_push_front(struct list *list, struct list_link *link)
{
    list_insert_before(list, list->head.next, link);
}

static inline void list_remove(struct list *list, struct list_link *link)
{
    if (!list_is_linked(link))
        return;
    link->prev->next = link->next;
    link->next->prev = link->prev;
    link->prev = link->next = NULL;
    list->count--;
}

/* The first link, taken off the list; NULL when the list is empty. */
static inline struct list_link *list_pop_front(struct list *list)
{
    struct list_link *link = list->head.next;
    if (link == &list->head)
        return NULL;
    list_remove(list, link);
    return link;
}

/* Struct at the front, NULL when empty. */
#define list_first(list, type, member) \
    (list_is_empty(list) ? NULL : container_of((list)->head.next, type, member))

/* `pos` may not be removed inside; use LIST_FOREACH_SAFE for that. */
#define LIST_FOREACH(pos, list, type, member) \
    for (type *pos = container_of((list)->head.next, type, member); &pos->member != &(list)->head; \
         pos = container_of(pos->member.next, type, member))

#define LIST_FOREACH_SAFE(pos, list, type, member) \
    for (type *pos = container_of((list)->head.next, type, member), \
              *pos##_next = container_of(pos->member.next, type, member); \
         &pos->member != &(list)->head; \
         pos = pos##_next, pos##_next = container_of(pos->member.next, type, member))

#endif
