/* See zones.h. */
#include "session/zones.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/check.h"
#include "base/tz.h"

#include "async/poison.h"

/* The names of all zones that are in use, third in each line behind tabs. */
#define LIST_FILE "zone1970.tab"
#define LIST_BYTES_MAX (256u * 1024)
#define PATH_BYTES_MAX 512
/* Names further from what was typed are not proposed. */
#define DISTANCE_MAX 2

struct zone {
    struct chat_zone zone;
    struct list_link link;
};

void zones_init(struct zones *zones, struct co_executor *executor, const char *folder)
{
    *zones = (struct zones){.executor = executor, .folder = folder};
    list_init(&zones->list);
}

void zones_done(struct zones *zones)
{
    struct list_link *link;

    while ((link = list_pop_front(&zones->list)) != NULL) {
        struct zone *zone = container_of(link, struct zone, link);
        tz_free(zone->zone.tz);
        free(zone);
    }
}

/* ---- on a thread ---- */

/* A regular file of no more than `max` bytes. 0; -ENOMEM; else there is none. */
static int read_file(const char *folder, const char *name, struct buf *out, size_t max)
{
    char path[PATH_BYTES_MAX], piece[4096];
    struct stat about;
    ssize_t n = -1;

    buf_init(out, max);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return -ENOENT;
    if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode)) {
        while ((n = read(fd, piece, sizeof(piece))) > 0)
            buf_put(out, (struct bytes){piece, (size_t)n});
    }
    close(fd);
    return n < 0 ? -ENOENT : buf_error(out);
}

static int load(struct zone_job *job)
{
    struct buf file;
    int r = read_file(job->folder, job->name, &file, TZ_FILE_BYTES_MAX);

    if (r == 0)
        r = tz_parse(buf_bytes(&file), &job->tz);
    buf_done(&file);
    return r;
}

/* "Paris" of "Europe/Paris". */
static struct bytes last_part(struct bytes name)
{
    while (bytes_find(name, '/') < name.len)
        (void)bytes_cut(&name, '/');
    return name;
}

/* Of the names in the list the nearest; an equal one (but for case), also without its continent, is 0 away. */
static unsigned find_near(struct bytes list, struct bytes typed, struct bytes *ret_name)
{
    unsigned nearest = DISTANCE_MAX + 1;

    while (list.len > 0) {
        struct bytes line = bytes_cut(&list, '\n');
        if (bytes_starts_with(line, BYTES("#")))
            continue;
        (void)bytes_cut(&line, '\t');
        (void)bytes_cut(&line, '\t');
        struct bytes name = bytes_cut(&line, '\t');
        unsigned whole = bytes_distance(typed, name), part = bytes_distance(typed, last_part(name));
        unsigned distance = whole < part ? whole : part;
        if (distance < nearest && tz_name_is_valid(name)) {
            nearest = distance;
            *ret_name = name;
        }
    }
    return nearest;
}

/* As it is typed, or else as the list has it. */
static void find(void *arg)
{
    struct zone_job *job = arg;
    struct bytes typed = bytes_of(job->name), near = {NULL, 0};
    struct buf list;
    int r = load(job);

    if (r == 0)
        return;
    int list_r = read_file(job->folder, LIST_FILE, &list, LIST_BYTES_MAX);
    unsigned distance = list_r == 0 ? find_near(buf_bytes(&list), typed, &near) : DISTANCE_MAX + 1;
    bytes_copy(near, job->name, sizeof(job->name));
    buf_done(&list);
    if (distance == 0)
        r = load(job);
    job->is_missing = list_r == -ENOENT;
    job->is_out_of_memory = r == -ENOMEM || list_r == -ENOMEM;
}

/* ---- on the loop ---- */

static const struct chat_zone *find_kept(const struct zones *zones, struct bytes name)
{
    LIST_FOREACH(zone, &zones->list, struct zone, link) {
        if (bytes_eq_nocase(name, bytes_of(zone->zone.name)))
            return &zone->zone;
    }
    return NULL;
}

/* Somebody else may have asked for the same meanwhile. */
static void keep(struct zones_find *self)
{
    struct zone *zone = NULL;

    self->zone = find_kept(self->zones, bytes_of(self->work.name));
    if (!self->zone)
        zone = calloc(1, sizeof(*zone));
    if (!zone) {
        tz_free(self->work.tz);
        self->is_out_of_memory = !self->zone;
        return;
    }
    bytes_copy(bytes_of(self->work.name), zone->zone.name, sizeof(zone->zone.name));
    zone->zone.tz = self->work.tz;
    list_push_back(&self->zones->list, &zone->link);
    self->zone = &zone->zone;
}

ASYNC(zones_find)
{
    self->zone = find_kept(self->zones, self->name);
    if (self->zone || !tz_name_is_valid(self->name))
        return;
    self->work.folder = self->zones->folder;
    CHECK(bytes_copy(self->name, self->work.name, sizeof(self->work.name)));
    AWAIT(co_run_in_executor(self->zones->executor, &self->job, find, &self->work));
    if (self->work.tz)
        keep(self);
    else
        bytes_copy(bytes_of(self->work.name), self->suggestion, sizeof(self->suggestion));
    self->is_missing = self->work.is_missing;
    self->is_out_of_memory |= self->work.is_out_of_memory;
}
END_ASYNC
