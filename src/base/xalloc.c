/* Allocation that cannot fail, for start-up code: without memory there is no daemon. */
#include "base/xalloc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"

ATTR_NORETURN static void out_of_memory(size_t count, size_t size)
{
    dprintf(STDERR_FILENO, "mingled: out of memory (%zu x %zu bytes)\n", count, size);
    abort();
}

/* The product, at least 1: an allocation of nothing may otherwise return NULL, or free. */
static size_t checked_size(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total))
        out_of_memory(count, size);
    return total > 0 ? total : 1;
}

void *xcalloc(size_t count, size_t size)
{
    void *ptr = calloc(1, checked_size(count, size));
    if (ptr == NULL)
        out_of_memory(count, size);
    return ptr;
}

void *xreallocarray(void *ptr, size_t count, size_t size)
{
    void *grown = realloc(ptr, checked_size(count, size));
    if (grown == NULL)
        out_of_memory(count, size);
    return grown;
}

char *xstrdup(const char *text)
{
    CHECK(text != NULL);
    size_t size = strlen(text) + 1;
    return memcpy(xcalloc(1, size), text, size);
}
