/* Blocks of one size, each free or given away. Whatever libevent got from them it keeps as long as any
 * other memory, so freeing and growing tell by the address where a block came from. */
#include "net/reserve.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "base/check.h"

enum {
    BLOCK_BYTES = 1024, /* a bufferevent takes about 700 */
    BLOCK_COUNT = 32,
    CALL_BLOCKS = 8, /* what one call may take: the bufferevent and its two buffers, and some */
};

static struct {
    _Alignas(max_align_t) char blocks[BLOCK_COUNT][BLOCK_BYTES];
    bool is_taken[BLOCK_COUNT];
    unsigned free_count;
    bool is_installed, is_open;
} reserve = {.free_count = BLOCK_COUNT};

static bool is_ours(const void *ptr)
{
    uintptr_t at = (uintptr_t)ptr, begin = (uintptr_t)reserve.blocks;
    return at >= begin && at < begin + sizeof(reserve.blocks);
}

static void *take_block(size_t size)
{
    if (!reserve.is_open || size > BLOCK_BYTES)
        return NULL;
    for (size_t i = 0; i < BLOCK_COUNT; i++) {
        if (!reserve.is_taken[i]) {
            reserve.is_taken[i] = true;
            reserve.free_count--;
            return reserve.blocks[i];
        }
    }
    return NULL;
}

static void *reserve_malloc(size_t size)
{
    void *ptr = malloc(size);
    return ptr ? ptr : take_block(size);
}

static void reserve_free(void *ptr)
{
    if (!is_ours(ptr)) {
        free(ptr);
        return;
    }
    size_t index = (size_t)((const char *)ptr - reserve.blocks[0]) / BLOCK_BYTES;
    CHECK(reserve.is_taken[index]);
    reserve.is_taken[index] = false;
    reserve.free_count++;
}

static void *reserve_realloc(void *ptr, size_t size)
{
    if (!is_ours(ptr))
        return realloc(ptr, size);
    void *grown = reserve_malloc(size);
    if (!grown)
        return NULL;
    memcpy(grown, ptr, size < BLOCK_BYTES ? size : BLOCK_BYTES);
    reserve_free(ptr);
    return grown;
}

int reserve_open(void)
{
    CHECK(!reserve.is_open);
    if (!reserve.is_installed) {
        /* Blocks of before came from malloc() and are still told apart. */
        event_set_mem_functions(reserve_malloc, reserve_realloc, reserve_free);
        reserve.is_installed = true;
    }
    if (reserve.free_count < CALL_BLOCKS)
        return -ENOMEM;
    reserve.is_open = true;
    return 0;
}

void reserve_close(void)
{
    CHECK(reserve.is_open);
    reserve.is_open = false;
}
