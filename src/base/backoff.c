#include "base/backoff.h"

#include "base/check.h"

void backoff_init(struct backoff *backoff, const struct backoff_config *config)
{
    CHECK(config->first_ms > 0 && config->most_ms >= config->first_ms && config->forget_ms >= 0);
    *backoff = (struct backoff){.config = *config};
}

/* After so many attempts. */
static int64_t pause_ms(const struct backoff_config *config, uint64_t count)
{
    int64_t ms = config->first_ms;

    if (count < config->free_count || count == 0)
        return 0;
    for (uint64_t i = config->free_count; i < count && ms < config->most_ms; i++)
        ms *= 2;
    return ms < config->most_ms ? ms : config->most_ms;
}

int64_t backoff_wait_ms(const struct backoff *backoff, struct bytes key, int64_t now_ms)
{
    const struct ledger_entry *entry = ledger_find(&backoff->ledger, key);
    int64_t left_ms = entry ? entry->until_us / 1000 - now_ms : 0;

    return left_ms > 0 ? left_ms : 0;
}

void backoff_begin(struct backoff *backoff, struct bytes key, int64_t now_ms)
{
    struct ledger_entry *entry = ledger_get(&backoff->ledger, key);

    if (now_ms - entry->until_us / 1000 >= backoff->config.forget_ms)
        entry->count = 0;
    entry->count++;
    entry->until_us = (now_ms + pause_ms(&backoff->config, entry->count)) * 1000;
}

void backoff_forgive(struct backoff *backoff, struct bytes key)
{
    ledger_forget(&backoff->ledger, key);
}
