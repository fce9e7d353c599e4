#include "session/oper_guard.h"

#include "base/ascii.h"
#include "chat/name.h"

/* As many as end a connection: a person who mistypes notices nothing before. */
#define FREE_COUNT 5
#define FORGET_MS (15 * 60 * 1000)
#define ADDRESS_FIRST_MS 1000
#define ADDRESS_MOST_MS (60 * 1000)
#define NAME_FIRST_MS 250
#define NAME_MOST_MS 3000

/* Longer names than there can be are alike. */
struct name_key {
    char text[NAME_USER_BYTES_MAX + 1];
};

void oper_guard_init(struct oper_guard *guard)
{
    backoff_init(&guard->addresses, &(struct backoff_config){.free_count = FREE_COUNT,
                                                             .first_ms = ADDRESS_FIRST_MS,
                                                             .most_ms = ADDRESS_MOST_MS,
                                                             .forget_ms = FORGET_MS});
    backoff_init(&guard->names, &(struct backoff_config){.free_count = FREE_COUNT,
                                                         .first_ms = NAME_FIRST_MS,
                                                         .most_ms = NAME_MOST_MS,
                                                         .forget_ms = FORGET_MS});
}

/* Case does not count, as in operators_find(). */
static struct bytes name_key(struct bytes name, struct name_key *key)
{
    size_t len = name.len < sizeof(key->text) ? name.len : sizeof(key->text);

    for (size_t i = 0; i < len; i++) {
        char c = name.ptr[i];
        key->text[i] = ascii_lower(c);
    }
    return (struct bytes){key->text, len};
}

int64_t oper_guard_hold_ms(const struct oper_guard *guard, const struct addr *peer, int64_t now_ms)
{
    char host[ADDR_KEY_MAX];
    size_t len = addr_host_key(peer, host);

    return backoff_wait_ms(&guard->addresses, (struct bytes){host, len}, now_ms);
}

int64_t oper_guard_begin(struct oper_guard *guard, const struct addr *peer, struct bytes name, int64_t now_ms)
{
    char host[ADDR_KEY_MAX];
    size_t len = addr_host_key(peer, host);
    struct name_key buffer;
    struct bytes key = name_key(name, &buffer);
    int64_t wait_ms = backoff_wait_ms(&guard->names, key, now_ms);

    backoff_begin(&guard->addresses, (struct bytes){host, len}, now_ms);
    backoff_begin(&guard->names, key, now_ms);
    return wait_ms;
}

void oper_guard_forgive(struct oper_guard *guard, const struct addr *peer, struct bytes name)
{
    char host[ADDR_KEY_MAX];
    size_t len = addr_host_key(peer, host);
    struct name_key buffer;

    backoff_forgive(&guard->addresses, (struct bytes){host, len});
    backoff_forgive(&guard->names, name_key(name, &buffer));
}
