/* A time zone, from the system's database, for somebody who is not where the server is.
 *
 * libc knows one zone per process, the server's own. This reads the same files (TZif, RFC 8536, versions 1
 * to 4) from memory and changes nothing global. Pure functions; who reads the file is no matter here. */
#ifndef BASE_TZ_H
#define BASE_TZ_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"

#define TZ_FILE_BYTES_MAX (64u * 1024) /* the largest there is has 4 KB */
#define TZ_NAME_BYTES_MAX 40

struct tz;

/* A moment as clocks show it there. */
struct tz_time {
    int64_t year;
    unsigned month, day, hour, minute, second; /* month and day from 1 */
    unsigned weekday;                          /* 0: Sunday */
    int32_t offset_s;                          /* east of Greenwich */
};

/* 0; -EINVAL: that is no such file, or one that counts leap seconds; -ENOMEM. */
MUST_CHECK int tz_parse(struct bytes file, struct tz **ret_tz);
void tz_free(struct tz *tz); /* NULL is fine */

/* What clocks show. tz NULL: UTC. For times of no more than 10^13 seconds from 1970; others are taken for
 * the nearest one of these. */
struct tz_time tz_time(const struct tz *tz, int64_t utc_s);

/* Whether this may be the name of a zone: "Europe/Paris", "Etc/GMT+5". One that is names a file below the
 * database's folder and nothing else. */
bool tz_name_is_valid(struct bytes name);

#endif
