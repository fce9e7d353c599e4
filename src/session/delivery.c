/* One batch: publish in order, then write. See delivery.h for the picture. */
#include "session/delivery.h"

#include <stdlib.h>

#include "async/task.h"
#include "base/check.h"
#include "chat/chat_event.h"
#include "chat/mention.h"
#include "chat/room.h"
#include "chat/user.h"
#include "net/conn.h"
#include "session/outbox.h"

#include "async/poison.h"

/* A batch is cut about here, so that others have their turn; and at half of what a room's ring holds. */
#define BATCH_EVENTS 256

/* One rendered piece is far below this: a whole batch of the longest lines, or the longest list. */
#define SCRATCH_BYTES_MAX (4u * 1024 * 1024)

/* A shared buffer that one large batch has blown up is given back above this. */
#define KEPT_BYTES_MAX (256u * 1024)

static struct delivery *delivery_of(struct chat_sink *sink)
{
    return container_of(sink, struct delivery, sink);
}

static void emit(struct chat_sink *sink, struct chat_event *event)
{
    co_queue_force(&delivery_of(sink)->events, &event->queue_link);
}

static size_t history_max(const struct delivery_config *config)
{
    return config->history_events > CHAT_HISTORY_MAX ? config->history_events : CHAT_HISTORY_MAX;
}

int delivery_init(struct delivery *delivery, const struct clock *clock, const struct delivery_config *config)
{
    *delivery = (struct delivery){.sink.emit = emit, .clock = clock, .config = *config};
    delivery->history = calloc(history_max(config), sizeof(struct chat_event *));
    if (!delivery->history)
        return -ENOMEM;
    co_queue_init(&delivery->events, config->queue_events);
    hub_news_init(&delivery->news);
    list_init(&delivery->slow);
    list_init(&delivery->behind);
    list_init(&delivery->drained);
    list_init(&delivery->reap);
    list_init(&delivery->leavers);
    buf_init(&delivery->scratch, SCRATCH_BYTES_MAX);
    for (size_t i = 0; i < DELIVERY_BLOCKS; i++)
        buf_init(&delivery->blocks[i].bytes, SCRATCH_BYTES_MAX);
    return 0;
}

int delivery_configure(struct delivery *delivery, const struct delivery_config *config)
{
    /* It is only used within a step, so that there is nothing in it now. */
    struct chat_event **history = calloc(history_max(config), sizeof(struct chat_event *));
    if (!history)
        return -ENOMEM;
    free(delivery->history);
    delivery->history = history;
    const struct delivery_config before = delivery->config;
    delivery->config = *config;
    delivery->config.queue_events = before.queue_events;
    delivery->config.log_events = before.log_events;
    return 0;
}

void delivery_set_hub(struct delivery *delivery, struct hub *hub)
{
    delivery->hub = hub;
}

void delivery_done(struct delivery *delivery)
{
    struct list_link *link;

    if (!delivery->history)
        return;
    while ((link = co_queue_try_get(&delivery->events)) != NULL)
        chat_event_unref(container_of(link, struct chat_event, queue_link));
    for (size_t i = 0; i < DELIVERY_BLOCKS; i++)
        buf_done(&delivery->blocks[i].bytes);
    buf_done(&delivery->scratch);
    free(delivery->history);
    delivery->history = NULL;
}

struct co_call delivery_room(struct delivery *delivery, struct co_queue_op *op)
{
    return co_queue_room(&delivery->events, op);
}

static void mark_slow(struct delivery *delivery, struct outbox *outbox)
{
    if (!list_is_linked(&outbox->slow_link))
        list_push_back(&delivery->slow, &outbox->slow_link);
}

/* The first time a batch touches an outbox, what earlier batches noted there is void. */
static void enter_batch(struct delivery *delivery, struct outbox *outbox)
{
    if (outbox->batch == delivery->batch)
        return;
    outbox->batch = delivery->batch;
    outbox->rooms_in_batch = 0;
    outbox->needs_merge = false;
}

static void set_needs_merge(struct delivery *delivery, struct outbox *outbox)
{
    enter_batch(delivery, outbox);
    outbox->needs_merge = true;
    mark_slow(delivery, outbox);
}

static void mark_if_named(struct delivery *delivery, struct bytes word)
{
    const struct user *user = word.len > 0 ? hub_find_user_name(delivery->hub, word) : NULL;
    struct outbox *outbox = user ? user->outbox : NULL;

    if (outbox && (outbox->form.flags & WIRE_F_MENTIONS))
        set_needs_merge(delivery, outbox);
}

/* Who is called by name gets the line apart, if it looks or sounds different then. Asked once a message, not
 * once a reader, and only while there is such a reader at all. */
static void mark_mentioned(struct delivery *delivery, const struct chat_event *event)
{
    struct bytes rest = event->text, before, word;

    if (event->kind != CHAT_EV_MESSAGE && event->kind != CHAT_EV_ACTION)
        return;
    while (rest.len > 0) {
        mention_cut(&rest, &before, &word);
        if (word.len > NAME_USER_BYTES_MAX)
            continue;
        mark_if_named(delivery, word);
        struct bytes core = mention_core(word);
        if (core.len < word.len)
            mark_if_named(delivery, core);
    }
}

/* What has the names of its readers in it each of them gets apart. */
static void mark_personal(struct delivery *delivery, const struct chat_event *event)
{
    const struct room *room =
        event->kind == CHAT_EV_ROOM_RENAMED ? hub_find_room_id(delivery->hub, event->room_id) : NULL;

    for (size_t i = 0; room && i < room->member_count; i++) {
        struct outbox *outbox = room->members[i]->user->outbox;
        if (outbox && wire_form_is_personal(outbox->form, event))
            set_needs_merge(delivery, outbox);
    }
}

static void publish(struct delivery *delivery, struct chat_event *event)
{
    struct user *leaver = hub_publish(delivery->hub, event, &delivery->news);
    bool is_direct = event->audience == CHAT_TO_USER;
    bool is_kill = event->kind == CHAT_EV_KILLED;
    const struct user *user = hub_find_user(delivery->hub, is_direct ? event->target_id : event->actor_id);
    struct outbox *outbox = user ? user->outbox : NULL;

    delivery->stats.events++;
    if (outbox && event->kind == CHAT_EV_JOINED)
        outbox_note_watcher(outbox);
    mark_personal(delivery, event);
    if (delivery->mention_readers > 0)
        mark_mentioned(delivery, event);
    if (leaver)
        list_push_back(&delivery->leavers, &leaver->gone_link);
    if (outbox)
        set_needs_merge(delivery, outbox);
    if (outbox && is_direct)
        outbox_push(outbox, event);
    else
        chat_event_unref(event);
    if (outbox && is_kill) /* the session's end shows it what has come so far */
        outbox_fail(outbox, CLOSE_KILLED);
}

static bool is_next_of_room(const struct delivery *delivery, uint64_t room_id)
{
    const struct chat_event *next = list_first(&delivery->events.items, struct chat_event, queue_link);
    return room_id != 0 && next && next->audience == CHAT_TO_ROOM && next->room_id == room_id;
}

/* What is said in a row in one room is not cut apart, for that would cost each of its readers a write. */
static void publish_batch(struct delivery *delivery, struct list_link *link)
{
    const size_t most = delivery->config.log_events / 2;
    for (size_t count = 1; link; count++) {
        struct chat_event *event = container_of(link, struct chat_event, queue_link);
        const uint64_t room_id = event->audience == CHAT_TO_ROOM ? event->room_id : 0;
        publish(delivery, event);
        if (count >= most || (count >= BATCH_EVENTS && !is_next_of_room(delivery, room_id)))
            break;
        link = co_queue_try_get(&delivery->events);
    }
}

/* Who comes and goes in a large room: only those see it who asked for that. */
static bool is_quiet(const struct delivery *delivery, const struct chat_event *event)
{
    bool is_kind =
        event->kind == CHAT_EV_JOINED || event->kind == CHAT_EV_PARTED || event->kind == CHAT_EV_QUIT;
    return is_kind && delivery->config.quiet_above > 0 && event->count > delivery->config.quiet_above;
}

/* The first of the room's news that somebody in step may see. */
static uint64_t first_shown(const struct room *room)
{
    return room->held_to > room->news_from ? room->held_to : room->news_from;
}

/* A walk over the members for every so many of them that came or went costs each of these next to nothing; and
 * what is held takes memory. */
#define MEMBERS_FOR_EACH_HELD 4

/* Not more than half of the ring: the next batch has to fit as well. */
static bool can_hold(const struct delivery *delivery, const struct room *room)
{
    const uint64_t held = room->log.next - room->news_from;
    if (room->has_watchers || held > room->log.max / 2 || held > room->member_count / MEMBERS_FOR_EACH_HELD)
        return false;
    for (uint64_t position = first_shown(room); position < room->log.next; position++)
        if (position < room->log.first || !is_quiet(delivery, room_log_get(&room->log, position)))
            return false;
    return true;
}

/* Rooms in which nothing has happened that anybody is to see are left as they are until something does: who
 * comes into a room of thousands costs nothing for each of them. Who must be told something else is served from
 * its cursors in any case. */
static void hold_quiet_rooms(struct delivery *delivery)
{
    LIST_FOREACH_SAFE(room, &delivery->news.rooms, struct room, news_link) {
        if (!can_hold(delivery, room))
            continue;
        room->held_to = room->log.next;
        list_remove(&delivery->news.rooms, &room->news_link);
    }
}

/* Counts for each reader in how many rooms there are news. When there are in one room only, all know. */
static void count_rooms(struct delivery *delivery)
{
    if (delivery->news.rooms.count == 1)
        return;
    LIST_FOREACH(room, &delivery->news.rooms, struct room, news_link) {
        for (size_t i = 0; i < room->member_count; i++) {
            struct outbox *outbox = room->members[i]->user->outbox;
            if (!outbox)
                continue;
            enter_batch(delivery, outbox);
            outbox->rooms_in_batch++;
        }
    }
}

static void render_block(struct delivery *delivery, const struct room *room, struct delivery_block *block)
{
    const struct chat_view view = {.is_current = block->is_current,
                                   .quiet_above = delivery->config.quiet_above};

    buf_reset(&block->bytes);
    for (uint64_t position = first_shown(room); position < room->log.next; position++) {
        const struct chat_event *event = room_log_get(&room->log, position);
        if (!event->is_redacted)
            block->form.dialect->render(block->form, event, &view, &block->bytes);
    }
    delivery->stats.blocks++;
}

/* The room's news as this reader is to get them; NULL when they cannot be shared. */
static const struct delivery_block *find_block(struct delivery *delivery, const struct room *room,
                                               const struct outbox *outbox)
{
    const bool is_current = outbox->current_room_id == room->id;
    for (size_t i = 0; i < DELIVERY_BLOCKS; i++) {
        struct delivery_block *block = &delivery->blocks[i];
        if (!block->form.dialect) {
            block->form = outbox->form;
            block->is_current = is_current;
            render_block(delivery, room, block);
        }
        if (wire_form_is_same_news(block->form, outbox->form) && block->is_current == is_current)
            return buf_error(&block->bytes) ? NULL : block;
    }
    return NULL;
}

/* This room's news are all that there is for the reader in this batch. */
static bool has_only_news(const struct delivery *delivery, const struct outbox *outbox)
{
    if (outbox->batch != delivery->batch)
        return true; /* nothing was noted of it: neither a reply, nor a second room */
    return !outbox->needs_merge && outbox->rooms_in_batch <= 1;
}

static bool is_in_step(const struct delivery *delivery, const struct room *room,
                       const struct membership *membership)
{
    const struct outbox *outbox = membership->user->outbox;
    /* One that was behind has drained, but what waits for it comes before the news. */
    return !list_is_linked(&outbox->behind_link) && has_only_news(delivery, outbox) &&
           user_ignore_count(membership->user) == 0 && membership->state == MEMBERSHIP_READING &&
           membership->cursor == room->news_from && membership->cursor >= room->log.first;
}

static void deliver_to_member(struct delivery *delivery, struct room *room, struct membership *membership)
{
    struct outbox *outbox = membership->user->outbox;
    if (!outbox)
        return;
    room->has_watchers = room->has_watchers || wire_form_shows_all_joins(outbox->form);
    if (conn_is_full(outbox->conn))
        return;
    const struct delivery_block *block = NULL;
    if (is_in_step(delivery, room, membership))
        block = find_block(delivery, room, outbox);
    if (!block) {
        mark_slow(delivery, outbox);
        return;
    }
    delivery->stats.deliveries += room->log.next - room->news_from;
    membership->cursor = room->log.next;
    if (block->bytes.len)
        delivery->stats.shared_writes++;
    outbox_send(outbox, buf_bytes(&block->bytes));
}

static void deliver_room(struct delivery *delivery, struct room *room)
{
    for (size_t i = 0; i < DELIVERY_BLOCKS; i++)
        delivery->blocks[i].form.dialect = NULL;
    room->has_watchers = false;
    for (size_t i = 0; i < room->member_count; i++)
        deliver_to_member(delivery, room, room->members[i]);
    room->held_to = 0;
}

static void serve_slow(struct delivery *delivery)
{
    struct list_link *link;
    while ((link = list_pop_front(&delivery->slow)) != NULL)
        outbox_serve(container_of(link, struct outbox, slow_link), false);
}

/* Departures: the reader gets what was said before it left, then it is nobody's any more. */
static void finish_leavers(struct delivery *delivery)
{
    struct list_link *link;
    while ((link = list_pop_front(&delivery->leavers)) != NULL) {
        struct user *user = container_of(link, struct user, gone_link);
        struct outbox *outbox = user->outbox;
        if (outbox) {
            outbox_serve(outbox, true);
            outbox_detach(outbox);
            co_event_set(&outbox->finished);
        }
        hub_forget(delivery->hub, user);
    }
}

static void reap(struct delivery *delivery)
{
    struct list_link *link;
    while ((link = list_pop_front(&delivery->reap)) != NULL)
        hub_reap(delivery->hub, container_of(link, struct outbox, reap_link)->user);
}

static void shrink(struct buf *buf)
{
    if (buf->cap <= KEPT_BYTES_MAX)
        return;
    buf_done(buf);
    buf_init(buf, SCRATCH_BYTES_MAX);
}

/* What everybody has read. */
static void forget_news(struct delivery *delivery)
{
    struct list_link *link;
    while ((link = list_pop_front(&delivery->news.rooms)) != NULL) {
        struct room *room = container_of(link, struct room, news_link);
        room_forget_news(room, room->news_from);
    }
}

static void give_back_memory(struct delivery *delivery)
{
    shrink(&delivery->scratch);
    for (size_t i = 0; i < DELIVERY_BLOCKS; i++)
        shrink(&delivery->blocks[i].bytes);
}

void delivery_batch(struct delivery *delivery, struct list_link *first)
{
    delivery->batch++;
    delivery->stats.batches++;
    publish_batch(delivery, first);
    hold_quiet_rooms(delivery);
    count_rooms(delivery);
    LIST_FOREACH(room, &delivery->news.rooms, struct room, news_link)
        deliver_room(delivery, room);
    serve_slow(delivery);
    forget_news(delivery);
    finish_leavers(delivery);
    reap(delivery);
    give_back_memory(delivery);
}

ASYNC(broadcaster)
{
    for (;;) {
        TRY_AWAIT(self->code, co_queue_get(&self->delivery->events, &self->u.get));
        if (self->code)
            return; /* closed */
        self->first = self->u.get.item;
        /* Whoever has lines in this turn speaks first: then each reader gets one write for all of them. The
         * batch is delivered in any case, also when this is cancelled. */
        TRY_AWAIT(self->code, co_yield(&self->u.yield));
        delivery_batch(self->delivery, self->first);
    }
}
END_ASYNC

/* Without memory to tell of somebody who left, it is tried again after so long. */
#define UNTOLD_MS 5

void delivery_retell(struct delivery *delivery)
{
    co_event_set(&delivery->has_drained);
}

ASYNC(catch_up)
{
    for (;;) {
        AWAIT(co_event_wait(&self->delivery->has_drained, &self->u.wait));
        co_event_clear(&self->delivery->has_drained);
        while (!list_is_empty(&self->delivery->drained))
            outbox_continue(list_first(&self->delivery->drained, struct outbox, behind_link));
        reap(self->delivery);
        if (!hub_tell_departures(self->delivery->hub)) {
            TRY_AWAIT(self->code, co_sleep(&self->u.sleep, UNTOLD_MS));
            delivery_retell(self->delivery);
        }
    }
}
END_ASYNC

/* A configuration that changes is seen after so long. */
#define SWEEP_MAX_MS 5000

/* Often enough that a stalled reader is not kept much longer than configured. */
static int64_t sweep_ms(const struct delivery *delivery)
{
    int64_t ms = delivery->config.stalled_ms / 4;
    return ms < 10 ? 10 : ms > SWEEP_MAX_MS ? SWEEP_MAX_MS : ms;
}

static void sweep(struct delivery *delivery)
{
    int64_t now_ms = clock_mono_ms(delivery->clock);
    LIST_FOREACH(outbox, &delivery->behind, struct outbox, behind_link) {
        if (now_ms - outbox->behind_since_ms < delivery->config.stalled_ms)
            break; /* the list is in the order of behind_since_ms */
        outbox_fail(outbox, CLOSE_NOT_READING);
    }
}

ASYNC(sweeper)
{
    for (;;) {
        AWAIT(co_sleep(&self->sleep, sweep_ms(self->delivery)));
        sweep(self->delivery);
    }
}
END_ASYNC
