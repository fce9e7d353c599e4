/* Compiler attributes and the few helpers that every file may use.
 *
 * Nothing here allocates, logs or depends on more than the compiler. */
#ifndef BASE_ATTR_H
#define BASE_ATTR_H

#include <stddef.h>

/* The result must be looked at: dropping it is a compile error with -Werror. */
#define MUST_CHECK __attribute__((warn_unused_result))
#define ATTR_NORETURN __attribute__((noreturn))
#define ATTR_PRINTF(format_index, first_arg) __attribute__((format(printf, format_index, first_arg)))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

/* The struct that embeds `member` at `ptr`. */
#define container_of(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
