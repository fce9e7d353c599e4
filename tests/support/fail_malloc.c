/* Makes allocations fail in a program that runs: a library for LD_PRELOAD.
 *
 * The file named by $FAIL_MALLOC is shared memory with three numbers of 64 bits: how many allocations
 * still succeed (negative: all), how many then fail, and how many have failed. So a test decides from
 * outside, while the program runs, which allocation of what it does next fails. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct plan {
    _Atomic int64_t left; /* until the first failure; negative: none */
    _Atomic int64_t span; /* failures to come */
    _Atomic int64_t failed;
};

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *ptr, size_t size);
void *reallocarray(void *ptr, size_t count, size_t size);

static struct plan *plan;
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);

/* dlsym() itself allocates before it has found anything. */
static _Alignas(max_align_t) char early[65536];
static size_t early_used;

static void *early_alloc(size_t size)
{
    size_t rounded = (size + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
    if (rounded > sizeof(early) - early_used)
        abort();
    void *ptr = early + early_used;
    early_used += rounded;
    return ptr; /* zeroed: never given twice */
}

static bool is_early(const void *ptr)
{
    uintptr_t at = (uintptr_t)ptr, begin = (uintptr_t)early;
    return at >= begin && at < begin + sizeof(early);
}

__attribute__((constructor)) static void begin(void)
{
    *(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
    *(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
    *(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");

    const char *path = getenv("FAIL_MALLOC");
    int fd = path != NULL ? open(path, O_RDWR | O_CLOEXEC) : -1;
    if (fd < 0)
        return;
    void *shared = mmap(NULL, sizeof(*plan), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (shared != MAP_FAILED)
        plan = shared;
    close(fd);
}

static bool must_fail(void)
{
    if (plan == NULL || atomic_load(&plan->left) < 0)
        return false;
    if (atomic_fetch_sub(&plan->left, 1) > 0)
        return false;
    /* Negative would mean that all succeed. */
    atomic_store(&plan->left, atomic_fetch_sub(&plan->span, 1) > 1 ? 0 : -1);
    atomic_fetch_add(&plan->failed, 1);
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    if (next_malloc == NULL)
        return early_alloc(size);
    return must_fail() ? NULL : next_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (next_calloc == NULL)
        return early_alloc(count * size);
    return must_fail() ? NULL : next_calloc(count, size);
}

void *realloc(void *ptr, size_t size)
{
    if (next_realloc == NULL || is_early(ptr))
        abort(); /* nothing early is known to grow */
    return must_fail() ? NULL : next_realloc(ptr, size);
}

void *reallocarray(void *ptr, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        errno = ENOMEM;
        return NULL;
    }
    return realloc(ptr, count * size);
}
