/* See irc_read.h. */
#include "proto/irc_read.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "proto/irc_mark.h"
#include "proto/irc_out.h"

#define FIRST_CAPACITY 4

void irc_read_free(struct irc_read_marks *marks)
{
    if (marks == NULL)
        return;
    free(marks->items);
    free(marks);
}

static struct irc_read_mark *find(const struct irc_read_marks *marks, struct bytes target)
{
    for (size_t i = 0; marks != NULL && i < marks->count; i++) {
        if (bytes_eq_nocase(bytes_of(marks->items[i].target), target))
            return &marks->items[i];
    }
    return NULL;
}

static int reserve(struct irc_read_marks *marks)
{
    if (marks->count < marks->capacity)
        return 0;
    size_t capacity = marks->capacity > 0 ? marks->capacity * 2 : FIRST_CAPACITY;
    struct irc_read_mark *grown = reallocarray(marks->items, capacity, sizeof(*grown));
    if (grown == NULL)
        return -ENOMEM;
    marks->items = grown;
    marks->capacity = capacity;
    return 0;
}

static void remove_mark(struct irc_read_marks *marks, struct irc_read_mark *mark)
{
    marks->count--;
    memmove(mark, mark + 1, (size_t)(&marks->items[marks->count] - mark) * sizeof(*mark));
}

/* It only ever moves on. */
static int set(struct irc_read_marks *marks, struct bytes target, int64_t wall_ms)
{
    struct irc_read_mark mark = {.wall_ms = wall_ms}, *old = find(marks, target);

    if (old != NULL && old->wall_ms >= wall_ms)
        return 0;
    if (old != NULL)
        remove_mark(marks, old);
    else if (marks->count == IRC_READ_MARKS_MAX)
        remove_mark(marks, &marks->items[0]);
    int r = reserve(marks);
    if (r != 0)
        return r;
    bytes_copy(target, mark.target, sizeof(mark.target));
    marks->items[marks->count++] = mark;
    return 0;
}

static int set_first(struct irc_read_marks **marks, struct bytes target, int64_t wall_ms)
{
    if (*marks == NULL)
        *marks = calloc(1, sizeof(**marks));
    return *marks != NULL ? set(*marks, target, wall_ms) : -ENOMEM;
}

void irc_read_rename(struct irc_read_marks *marks, struct bytes before, struct bytes now)
{
    struct irc_read_mark *stale = bytes_eq_nocase(before, now) ? NULL : find(marks, now);

    if (stale != NULL)
        remove_mark(marks, stale);
    struct irc_read_mark *mark = find(marks, before);
    if (mark != NULL)
        bytes_copy(now, mark->target, sizeof(mark->target));
}

void irc_read_put(const struct irc_read_marks *marks, const struct irc_reader *reader, struct bytes target,
                  struct buf *out)
{
    struct irc_line line = {.out = out};
    const struct irc_read_mark *mark = find(marks, target);
    char text[64];
    struct buf stamp;

    buf_init_fixed(&stamp, text, sizeof(text));
    if (mark != NULL) {
        buf_put_text(&stamp, "timestamp=");
        irc_mark_put_time(mark->wall_ms, &stamp);
    } else {
        buf_put_char(&stamp, '*');
    }
    irc_line_start(&line, reader->server, "MARKREAD");
    irc_line_word(&line, target);
    irc_line_word(&line, buf_bytes(&stamp));
    irc_line_end(&line);
}

static void fail(const struct irc_reader *reader, const char *code, struct bytes about, const char *text,
                 struct buf *out)
{
    irc_out_fail(reader,
                 &(struct irc_out_fail){.command = "MARKREAD", .code = code, .first = about, .text = text},
                 out);
}

int irc_read_apply(struct irc_read_marks **marks, const struct irc_reader *reader,
                   const struct irc_message *message, struct buf *out)
{
    struct bytes target = irc_message_param(message, 0), word = irc_message_param(message, 1);
    struct chat_mark mark;

    if (target.len == 0) {
        fail(reader, "NEED_MORE_PARAMS", target, "Give a room or a person", out);
        return 0;
    }
    if (!name_is_room(target) && !name_is_user(target)) {
        fail(reader, "INVALID_PARAMS", target, "That is no name of a room or a person", out);
        return 0;
    }
    if (word.len > 0) {
        if (irc_mark_parse(word, &mark) != IRC_MARK_OK || mark.kind != CHAT_MARK_TIME) {
            fail(reader, "INVALID_PARAMS", word, "Times are like timestamp=2026-11-21T14:05:03.120Z", out);
            return 0;
        }
        int r = set_first(marks, target, mark.wall_ms);
        if (r != 0)
            return r;
    }
    irc_read_put(*marks, reader, target, out);
    return 0;
}
