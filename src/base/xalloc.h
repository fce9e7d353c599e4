/* Allocation for start-up code, where running out of memory means that the daemon cannot start.
 *
 * These abort with a message instead of returning NULL. Code that runs for a session or a command
 * uses malloc and calloc, returns -ENOMEM and leaves everything as it was. */
#ifndef BASE_XALLOC_H
#define BASE_XALLOC_H

#include <stddef.h>

void *xcalloc(size_t count, size_t size);
void *xreallocarray(void *ptr, size_t count, size_t size);
char *xstrdup(const char *text);

#endif
