/* Serving one reader from its cursors: a merge, in the hub's order, of the logs of its rooms and of its
 * inbox. An event that is in several of its rooms' logs is written once. */
#include "session/outbox.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/chat_range.h"
#include "chat/hub.h"
#include "chat/room.h"
#include "chat/user.h"
#include "net/conn.h"
#include "proto/irc_dialect.h"
#include "proto/irc_read.h"
#include "session/delivery.h"

/* Rendered bytes that are gathered into one write. */
#define WRITE_BYTES (32u * 1024)

void outbox_init(struct outbox *outbox, struct delivery *delivery, struct conn *conn,
                 void (*fail)(struct outbox *, enum close_reason))
{
    *outbox = (struct outbox){.delivery = delivery, .conn = conn, .fail = fail};
    list_init(&outbox->inbox);
    outbox->form = wire_form_of(&outbox->reader);
}

static bool has_mentions(const struct outbox *outbox)
{
    return (outbox->form.flags & WIRE_F_MENTIONS) != 0;
}

void outbox_note_watcher(const struct outbox *outbox)
{
    if (!wire_form_shows_all_joins(outbox->form))
        return;
    LIST_FOREACH(membership, &outbox->user->memberships, struct membership, user_link)
        membership->room->has_watchers = true;
}

static void update_form(struct outbox *outbox)
{
    bool had_mentions = has_mentions(outbox);

    outbox->form = wire_form_of(&outbox->reader);
    if (!outbox->user)
        return;
    outbox->delivery->mention_readers -= had_mentions;
    outbox->delivery->mention_readers += has_mentions(outbox);
    outbox_note_watcher(outbox);
}

void outbox_attach(struct outbox *outbox, struct user *user)
{
    CHECK(!outbox->user && !user->outbox);
    outbox->user = user;
    user->outbox = outbox;
    outbox->delivery->mention_readers += has_mentions(outbox);
    outbox_note_watcher(outbox);
}

static void leave_behind(struct outbox *outbox)
{
    struct delivery *delivery = outbox->delivery;

    list_remove(outbox->has_drained ? &delivery->drained : &delivery->behind, &outbox->behind_link);
    outbox->has_drained = false;
}

void outbox_detach(struct outbox *outbox)
{
    struct list_link *link;

    if (!outbox->delivery)
        return;
    outbox_label_drop(outbox);
    if (outbox->user) {
        outbox->delivery->mention_readers -= has_mentions(outbox);
        outbox->user->outbox = NULL;
    }
    outbox->user = NULL;
    while ((link = list_pop_front(&outbox->inbox)) != NULL)
        chat_event_unref(container_of(link, struct chat_event, queue_link));
    list_remove(&outbox->delivery->slow, &outbox->slow_link);
    leave_behind(outbox);
    list_remove(&outbox->delivery->reap, &outbox->reap_link);
}

void outbox_fail(struct outbox *outbox, enum close_reason reason)
{
    if (outbox->has_failed)
        return;
    outbox->has_failed = true;
    outbox->fail(outbox, reason);
}

void outbox_push(struct outbox *outbox, struct chat_event *event)
{
    list_push_back(&outbox->inbox, &event->queue_link);
    if (outbox->inbox.count > outbox->delivery->config.inbox_events)
        outbox_fail(outbox, CLOSE_NOT_READING);
}

void outbox_set_fact(struct outbox *outbox, uint32_t fact, bool is_so)
{
    outbox->reader.facts = is_so ? outbox->reader.facts | fact : outbox->reader.facts & ~fact;
    update_form(outbox);
}

void outbox_set_irc(struct outbox *outbox, struct wire_irc *irc)
{
    outbox->reader.irc = irc;
    update_form(outbox);
}

void outbox_send(struct outbox *outbox, struct bytes data)
{
    if (data.len == 0)
        return;
    int r = outbox->write ? outbox->write(outbox, data) : conn_write(outbox->conn, data);
    /* A lost connection is the session's to notice: its next read fails. */
    if (r == -ENOMEM)
        outbox_fail(outbox, CLOSE_NO_MEMORY);
    outbox_note_full(outbox);
}

void outbox_note_full(struct outbox *outbox)
{
    if (!outbox->user || !conn_is_full(outbox->conn) || list_is_linked(&outbox->behind_link))
        return;
    outbox->behind_since_ms = clock_mono_ms(outbox->delivery->clock);
    list_push_back(&outbox->delivery->behind, &outbox->behind_link);
}

/* Where the reader's part of the room's log ends. */
static uint64_t membership_limit(const struct membership *membership)
{
    switch (membership->state) {
    case MEMBERSHIP_READING:
        return membership->room->log.next;
    case MEMBERSHIP_ENDED:
        return membership->end;
    case MEMBERSHIP_JOINING:
        break;
    }
    return 0;
}

/* An IRC client knows its rooms by their names alone: without the news of another one it would be lost. */
static bool misses_rename(const struct outbox *outbox, const struct membership *membership, uint64_t first)
{
    const uint64_t end = membership->room->renamed_end;

    return outbox->reader.irc && membership->cursor < end && end <= first;
}

/* What the ring has lost is said where it is missing. */
static void skip_gap(struct outbox *outbox, struct membership *membership, struct buf *out)
{
    const struct room_log *log = &membership->room->log;
    uint64_t limit = membership_limit(membership);
    uint64_t first = log->first < limit ? log->first : limit;
    uint64_t missed = first - membership->cursor;
    if (misses_rename(outbox, membership, first))
        outbox_fail(outbox, CLOSE_NOT_READING);
    outbox->delivery->stats.gaps += missed;
    membership->cursor = first;
    outbox->form.dialect->gap(outbox->form, room_name(membership->room), missed, out);
}

/* The earliest event that is owed, borrowed; NULL when there is none. */
static struct chat_event *next_event(struct outbox *outbox, struct buf *out)
{
    struct chat_event *next = list_first(&outbox->inbox, struct chat_event, queue_link);

    LIST_FOREACH(membership, &outbox->user->memberships, struct membership, user_link) {
        uint64_t limit = membership_limit(membership);
        if (membership->state == MEMBERSHIP_JOINING || membership->cursor >= limit)
            continue;
        if (membership->cursor < membership->room->log.first)
            skip_gap(outbox, membership, out);
        if (membership->cursor >= limit)
            continue;
        struct chat_event *event = room_log_get(&membership->room->log, membership->cursor);
        if (!next || event->seq < next->seq)
            next = event;
    }
    return next;
}

/* Moves every cursor that stands at the event past it; a departure that is read is to be reaped. */
static void pass_event(struct outbox *outbox, const struct chat_event *event)
{
    LIST_FOREACH(membership, &outbox->user->memberships, struct membership, user_link) {
        if (membership->state == MEMBERSHIP_JOINING || membership->cursor >= membership_limit(membership))
            continue;
        if (room_log_get(&membership->room->log, membership->cursor) == event)
            membership->cursor++;
    }
}

/* The reader's membership at the time of the event, which may have ended meanwhile. */
static const struct membership *find_membership(const struct user *user, const struct chat_event *event)
{
    const struct membership *latest = NULL;

    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->room->id == event->room_id && membership->state != MEMBERSHIP_JOINING &&
            membership->joined_seq < event->seq &&
            (latest == NULL || membership->joined_seq > latest->joined_seq))
            latest = membership;
    }
    return latest;
}

/* The room that lines without a tag are said in, as the reader learns of it. */
static void follow_current_room(struct outbox *outbox, const struct chat_event *event)
{
    if (event->kind == CHAT_EV_ENTERED || event->kind == CHAT_EV_SWITCHED) {
        outbox->current_room_id = event->room_id;
    } else if (event->kind == CHAT_EV_LEFT || event->kind == CHAT_EV_KICKED_OUT) {
        outbox->current_room_id = event->next_room_id;
    }
}

static bool is_ignored(const struct user *user, const struct chat_event *event)
{
    bool is_said = event->kind == CHAT_EV_MESSAGE || event->kind == CHAT_EV_ACTION ||
                   event->kind == CHAT_EV_PRIVATE || event->kind == CHAT_EV_INVITED;
    return is_said && user_ignores(user, event->actor_id, event->actor);
}

static bool wants(const void *user, const struct chat_event *event)
{
    return !is_ignored(user, event);
}

static size_t find_range(struct outbox *outbox, const struct membership *membership,
                         const struct chat_range *range, struct chat_event **ret)
{
    const struct chat_range_reader reader = {.wants = wants, .arg = outbox->user};

    return chat_range_find(range, &membership->room->log, membership->cursor, &reader, ret);
}

static int order_by_seq(const void *a, const void *b)
{
    const struct chat_event *const *left = a, *const *right = b;

    return (*left)->seq < (*right)->seq ? -1 : (*left)->seq > (*right)->seq;
}

/* The last message of each of the reader's rooms, if it is in the range; the oldest first. When there are too many, those
 * next to where the range begins. */
static size_t find_rooms(struct outbox *outbox, const struct chat_range *range)
{
    const struct chat_range latest = {.way = CHAT_RANGE_LATEST, .most = 1};
    struct chat_event **found = outbox->delivery->history;
    size_t count = 0;

    LIST_FOREACH(membership, &outbox->user->memberships, struct membership, user_link) {
        if (count == CHAT_HISTORY_MAX)
            break;
        if (membership->state == MEMBERSHIP_READING)
            count += find_range(outbox, membership, &latest, &found[count]) > 0 &&
                     chat_range_has(range, found[count]);
    }
    qsort(found, count, sizeof(struct chat_event *), order_by_seq);
    if (count <= range->most)
        return count;
    if (chat_range_is_backwards(range))
        memmove(found, &found[count - range->most], range->most * sizeof(struct chat_event *));
    return range->most;
}

/* What a program asked for. */
static size_t find_asked(struct outbox *outbox, const struct chat_event *event,
                         const struct chat_range *range)
{
    const struct membership *membership = find_membership(outbox->user, event);

    if (range->way == CHAT_RANGE_ROOMS)
        return find_rooms(outbox, range);
    return membership ? find_range(outbox, membership, range, outbox->delivery->history) : 0;
}

/* Collects in the delivery's history what is to be shown with the event; returns how many. */
static size_t find_history(struct outbox *outbox, const struct chat_event *event)
{
    struct delivery *delivery = outbox->delivery;
    const struct membership *membership = find_membership(outbox->user, event);
    bool is_entering = event->kind == CHAT_EV_ENTERED;
    size_t most = is_entering ? delivery->config.history_events : event->count;
    /* The time of CHAT_EV_ENTERED is the topic's. */
    int64_t since_wall_ms = is_entering ? INT64_MIN : event->time_ms;
    size_t kept = 0;

    if (chat_event_range(event))
        return find_asked(outbox, event, chat_event_range(event));
    if (!membership)
        return 0;
    uint64_t position = is_entering ? membership->start : membership->cursor;
    size_t found = room_log_history(&membership->room->log, position, delivery->history, most);
    for (size_t i = 0; i < found; i++) {
        struct chat_event *said = delivery->history[i];
        if (said->wall_ms >= since_wall_ms && !is_ignored(outbox->user, said))
            delivery->history[kept++] = said;
    }
    return kept;
}

static void write_scratch(struct outbox *outbox, struct buf *scratch)
{
    if (buf_error(scratch))
        outbox_fail(outbox, CLOSE_NO_MEMORY);
    if (scratch->len)
        outbox->delivery->stats.own_writes++;
    outbox_send(outbox, buf_bytes(scratch));
    buf_reset(scratch);
}

/* What was rendered before is shown as it was: a terminal is given it before it changes. */
static void take_option(struct outbox *outbox, const struct chat_event *event, struct buf *out)
{
    if (outbox->changed)
        write_scratch(outbox, out);
    CHECK(event->option < OPTION_COUNT);
    outbox->reader.options[event->option] = (uint16_t)event->count;
    outbox->reader.zone = event->zone;
    update_form(outbox);
    if (outbox->changed)
        outbox->changed(outbox);
}

/* Finished bytes of the session's own; what an IRC client has agreed on holds behind them. */
static void take_raw(struct outbox *outbox, const struct chat_event *event, struct buf *out)
{
    buf_put(out, event->text);
    if (outbox->reader.irc) {
        outbox->reader.irc->caps = event->count;
        update_form(outbox);
    }
}

/* An IRC client follows its name through what it is told: not yet told is not yet so. */
static struct bytes name_of_reader(const struct outbox *outbox)
{
    return outbox->reader.irc ? bytes_of(outbox->reader.irc->you) : user_name(outbox->user);
}

static void follow_name(struct outbox *outbox, const struct chat_event *event)
{
    struct wire_irc *irc = outbox->reader.irc;

    if (irc && event->kind == CHAT_EV_NICK)
        bytes_copy(event->text, irc->you, sizeof(irc->you));
}

static void render_event(struct outbox *outbox, const struct chat_event *event, struct buf *out)
{
    struct delivery *delivery = outbox->delivery;
    struct chat_view view = {
        .is_actor = event->actor_id == outbox->user->id,
        .you = name_of_reader(outbox),
        .quiet_above = delivery->config.quiet_above,
        .reader = outbox->user,
        .marks = outbox->reader.irc ? outbox->reader.irc->marks : NULL,
        .history = delivery->history,
    };

    if (event->kind == CHAT_EV_LABEL) {
        outbox_label_take(outbox, event, out);
        return;
    }
    out = outbox_label_of(outbox, event, out);
    if (event->is_raw) {
        take_raw(outbox, event, out);
        return;
    }
    if (event->kind == CHAT_EV_OPTION_SET)
        take_option(outbox, event, out);
    follow_current_room(outbox, event);
    if (event->kind == CHAT_EV_ROOM_RENAMED && outbox->reader.irc)
        irc_read_rename(outbox->reader.irc->marks, event->room, event->extra);
    view.is_current = event->room_id != 0 && event->room_id == outbox->current_room_id;
    if (event->is_redacted || is_ignored(outbox->user, event))
        return;
    if (event->kind == CHAT_EV_ENTERED || event->kind == CHAT_EV_HISTORY)
        view.history_count = find_history(outbox, event);
    outbox->form.dialect->render(outbox->form, event, &view, out);
    if (event->kind == CHAT_EV_ENTERED && outbox->reader.irc)
        irc_dialect_put_mark(outbox->form, outbox->reader.irc, event->room, out);
    follow_name(outbox, event);
}

static bool has_ended_membership(const struct user *user)
{
    LIST_FOREACH(membership, &user->memberships, struct membership, user_link) {
        if (membership->state == MEMBERSHIP_ENDED)
            return true;
    }
    return false;
}

void outbox_serve(struct outbox *outbox, bool is_last)
{
    struct buf *scratch = &outbox->delivery->scratch;
    struct chat_event *event;

    if (!outbox->user)
        return;
    while (is_last || !conn_is_full(outbox->conn)) {
        event = next_event(outbox, scratch);
        if (!event)
            break;
        render_event(outbox, event, scratch);
        outbox->delivery->stats.deliveries++;
        if (event->audience == CHAT_TO_USER) {
            list_remove(&outbox->inbox, &event->queue_link);
            chat_event_unref(event);
        } else {
            pass_event(outbox, event);
        }
        if (scratch->len >= WRITE_BYTES)
            write_scratch(outbox, scratch);
    }
    write_scratch(outbox, scratch);
    if (has_ended_membership(outbox->user) && !list_is_linked(&outbox->reap_link))
        list_push_back(&outbox->delivery->reap, &outbox->reap_link);
}

void outbox_on_drained(struct outbox *outbox)
{
    if (!outbox->user || outbox->has_drained)
        return;
    leave_behind(outbox);
    outbox->has_drained = true;
    list_push_back(&outbox->delivery->drained, &outbox->behind_link);
    co_event_set(&outbox->delivery->has_drained);
}

void outbox_continue(struct outbox *outbox)
{
    leave_behind(outbox);
    outbox_serve(outbox, false);
    outbox_note_full(outbox); /* a batch may have filled it again before this turn came */
}
