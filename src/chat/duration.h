/* How long something is to hold, as people type it: 30s, 10m, 2h, 1d, 2w. */
#ifndef CHAT_DURATION_H
#define CHAT_DURATION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define DURATION_MS_MAX (INT64_C(366) * 24 * 3600 * 1000)

/* Digits and one unit, more than zero and at most DURATION_MS_MAX. False, *ret_ms untouched, for anything
 * else. */
bool duration_parse(struct bytes text, int64_t *ret_ms);

#endif
