/* The time zones that somebody has asked for, read from the system's files on the executor and kept for as
 * long as the server runs: sessions and events point to them. There are no more than files. */
#ifndef SESSION_ZONES_H
#define SESSION_ZONES_H

#include <stdbool.h>

#include "async/co.h"
#include "async/executor.h"
#include "base/bytes.h"
#include "base/list.h"
#include "chat/option.h"

struct zones {
    struct co_executor *executor;
    const char *folder; /* of the database */
    struct list list;   /* struct zone */
};

void zones_init(struct zones *zones, struct co_executor *executor, const char *folder);
void zones_done(struct zones *zones);

/* What a thread is asked and what it answers. */
struct zone_job {
    const char *folder;
    char name[TZ_NAME_BYTES_MAX + 1]; /* then as the database writes it, or a similar one, or "" */
    struct tz *tz;                    /* NULL: there is no such zone */
    bool is_missing;                  /* the database */
    bool is_out_of_memory;
};

/* Finds the zone, in any case of its letters; suspends while its file is read. */
struct zones_find {
    struct co_frame co;
    struct zones *zones;
    struct bytes name;                      /* argument: as typed; must stay */
    const struct chat_zone *zone;           /* result: NULL: there is none, or no memory */
    char suggestion[TZ_NAME_BYTES_MAX + 1]; /* result: "": none */
    bool is_missing;                        /* result: the database of zones */
    bool is_out_of_memory;                  /* result */
    struct co_job job;
    struct zone_job work;
};
ASYNC_DECLARE(zones_find);

#endif
