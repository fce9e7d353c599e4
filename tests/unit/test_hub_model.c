/* Publishing against a model: thousands of random steps while publication lags behind, and every event
 * that every reader gets is checked.
 *
 * The model looks at events only when they are emitted, in one order. It writes down what each room is
 * told, and for each stay of a person in a room from where to where. Whatever the lag, a reader must get
 * just this. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>

#include "chat/room.h"
#include "chat/room_log.h"
#include "chat/user.h"
#include "support/chat_world.h"

enum { PEOPLE = 8, ROOM_NAMES = 4, STEPS = 30000, LOG_EVENTS = 4096, STAYS_MAX = 32, LAG_MAX = 60 };

/* What a room was told: seqs of events, in order. */
struct told {
    uint64_t *seqs;
    size_t count, capacity;
};

/* One stay of one person in one room. */
struct stay {
    uint64_t room_id;
    size_t read; /* index into the room's seqs of the next event owed */
    size_t end;  /* index of the own departure */
    bool has_ended;
    bool is_done; /* about to go */
};

struct reader {
    struct user *user; /* NULL: not here */
    uint64_t id;
    struct stay stays[STAYS_MAX]; /* those that are not read to their end, oldest first */
    size_t stay_count;
};

struct model {
    struct chat_world world;
    struct told *rooms; /* by room id */
    size_t room_count;
    struct reader readers[PEOPLE];
    size_t seen_count; /* events waiting in the world that the model has looked at */
    unsigned names_made;
    size_t reads, quits, reaps, beside, kicks; /* to see that it all happened */
};

static unsigned pick(unsigned below)
{
    return (unsigned)rand() % below;
}

/* ---- the model: writing down what is emitted ---- */

static void *grown(void *memory, size_t count, size_t size)
{
    void *bigger = realloc(memory, count * size);
    assert_non_null(bigger);
    return bigger;
}

static struct told *told_of(struct model *model, uint64_t room_id)
{
    while (model->room_count <= room_id) {
        model->rooms = grown(model->rooms, model->room_count + 1, sizeof(*model->rooms));
        model->rooms[model->room_count++] = (struct told){0};
    }
    return &model->rooms[room_id];
}

static void tell(struct model *model, uint64_t room_id, uint64_t seq)
{
    struct told *told = told_of(model, room_id);
    if (told->count == told->capacity) {
        told->capacity = told->capacity * 2 + 16;
        told->seqs = grown(told->seqs, told->capacity, sizeof(*told->seqs));
    }
    told->seqs[told->count++] = seq;
}

static struct reader *reader_of(struct model *model, uint64_t user_id)
{
    for (size_t i = 0; i < PEOPLE; i++) {
        if (model->readers[i].user != NULL && model->readers[i].id == user_id)
            return &model->readers[i];
    }
    fail_msg("an event of somebody who is not here");
    return NULL;
}

static void begin_stay(struct model *model, struct reader *reader, uint64_t room_id)
{
    assert_true(reader->stay_count < STAYS_MAX);
    for (size_t i = 0; i < reader->stay_count; i++)
        model->beside += reader->stays[i].room_id == room_id ? 1 : 0;
    reader->stays[reader->stay_count++] =
        (struct stay){.room_id = room_id, .read = told_of(model, room_id)->count};
}

/* The event of a departure belongs to those who stay. */
static void end_stay(struct model *model, struct stay *stay)
{
    stay->has_ended = true;
    stay->end = told_of(model, stay->room_id)->count;
}

/* The same for whoever is thrown out: the event is not told there any more. */
static void note_kick(struct model *model, const struct chat_event *event)
{
    struct reader *target = reader_of(model, event->target_id);
    for (size_t i = 0; i < target->stay_count; i++) {
        if (target->stays[i].room_id == event->room_id && !target->stays[i].has_ended)
            end_stay(model, &target->stays[i]);
    }
    model->kicks++;
}

static void note_to_room(struct model *model, struct reader *actor, const struct chat_event *event)
{
    if (event->kind == CHAT_EV_JOINED)
        begin_stay(model, actor, event->room_id);
    for (size_t i = 0; i < actor->stay_count; i++) {
        struct stay *stay = &actor->stays[i];
        if (event->kind == CHAT_EV_PARTED && stay->room_id == event->room_id && !stay->has_ended)
            end_stay(model, stay);
    }
    if (event->kind == CHAT_EV_KICKED)
        note_kick(model, event);
    tell(model, event->room_id, event->seq);
}

static void note_to_peers(struct model *model, struct reader *actor, const struct chat_event *event)
{
    for (size_t i = 0; i < actor->stay_count; i++) {
        struct stay *stay = &actor->stays[i];
        if (stay->has_ended)
            continue;
        if (event->kind == CHAT_EV_QUIT)
            end_stay(model, stay);
        if (!event->is_silent)
            tell(model, stay->room_id, event->seq);
    }
}

/* Looks at what was emitted since the last call. */
static void note_emitted(struct model *model)
{
    size_t n = 0;
    LIST_FOREACH(event, &model->world.emitted, struct chat_event, queue_link) {
        if (n++ < model->seen_count || event->audience == CHAT_TO_USER)
            continue;
        struct reader *actor = reader_of(model, event->actor_id);
        if (event->audience == CHAT_TO_ROOM)
            note_to_room(model, actor, event);
        else
            note_to_peers(model, actor, event);
    }
    model->seen_count = n;
}

/* ---- the readers: walking cursors ---- */

/* The stay that the membership is: both are the n-th of their user in that room. */
static struct stay *stay_of(struct reader *reader, const struct membership *membership)
{
    size_t before = 0;
    LIST_FOREACH(other, &reader->user->memberships, struct membership, user_link) {
        if (other == membership)
            break;
        before += other->room == membership->room ? 1 : 0;
    }
    for (size_t i = 0; i < reader->stay_count; i++) {
        if (reader->stays[i].room_id == membership->room->id && before-- == 0)
            return &reader->stays[i];
    }
    fail_msg("a membership that the model does not know");
    return NULL;
}

/* Reads at most `most` events; each must be the next that the model has. */
static void read_membership(struct model *model, struct reader *reader, struct membership *membership,
                            size_t most)
{
    if (membership->state == MEMBERSHIP_JOINING)
        return;
    struct stay *stay = stay_of(reader, membership);
    const struct told *told = told_of(model, stay->room_id);
    bool is_ended = membership->state == MEMBERSHIP_ENDED;
    uint64_t end = is_ended ? membership->end : membership->room->log.next;
    for (; membership->cursor < end && most > 0; most--) {
        const struct chat_event *event = room_log_get(&membership->room->log, membership->cursor++);
        assert_true(stay->read < told->count);
        assert_false(stay->has_ended && stay->read >= stay->end);
        assert_int_equal(event->seq, told->seqs[stay->read]);
        stay->read++;
        model->reads++;
    }
}

static void read_some(struct model *model, struct reader *reader, size_t most)
{
    LIST_FOREACH(membership, &reader->user->memberships, struct membership, user_link)
        read_membership(model, reader, membership, most);
}

/* Drops the stays that are done: those must be read to their end, no less. */
static void drop_done(struct reader *reader)
{
    size_t kept = 0;
    for (size_t i = 0; i < reader->stay_count; i++) {
        struct stay *stay = &reader->stays[i];
        if (stay->is_done) {
            assert_true(stay->has_ended);
            assert_int_equal(stay->read, stay->end);
        } else {
            reader->stays[kept++] = *stay;
        }
    }
    reader->stay_count = kept;
}

static void reap(struct model *model, struct reader *reader)
{
    LIST_FOREACH(membership, &reader->user->memberships, struct membership, user_link) {
        if (membership->state == MEMBERSHIP_ENDED && membership->cursor == membership->end) {
            stay_of(reader, membership)->is_done = true;
            model->reaps++;
        }
    }
    hub_reap(model->world.hub, reader->user);
    drop_done(reader);
    assert_int_equal(reader->stay_count, reader->user->memberships.count);
}

static void forget(struct model *model, struct user *user)
{
    struct reader *reader = reader_of(model, user->id);
    assert_ptr_equal(reader->user, user);
    read_some(model, reader, SIZE_MAX);
    for (size_t i = 0; i < reader->stay_count; i++)
        reader->stays[i].is_done = true;
    drop_done(reader);
    hub_forget(model->world.hub, user);
    reader->user = NULL;
    model->quits++;
}

/* ---- the steps ---- */

/* A batch: publish, deliver to some, only then let go. */
static void publish_batch(struct model *model, size_t most)
{
    struct user *gone[PEOPLE];
    size_t gone_count = 0;
    for (; most > 0 && model->seen_count > 0; most--) {
        struct user *user = chat_world_publish(&model->world);
        model->seen_count--;
        if (user != NULL)
            gone[gone_count++] = user;
    }
    chat_world_drop_news(&model->world);
    for (size_t i = 0; i < gone_count; i++)
        forget(model, gone[i]);
}

static void type(struct model *model, struct user *user, const char *format, unsigned number)
{
    char line[64];
    snprintf(line, sizeof(line), "%s%u", format, number);
    chat_world_type(&model->world, user, line);
}

static void enter(struct model *model, struct reader *reader)
{
    char name[NAME_USER_BYTES_MAX + 1];
    snprintf(name, sizeof(name), "u%u", model->names_made++);
    *reader = (struct reader){.user = chat_world_enter(&model->world, name)};
    reader->id = reader->user->id;
    if (pick(4) > 0)
        assert_int_equal(hub_join_lobby(model->world.hub, reader->user), 0);
}

/* By an operator of all rooms, so that it happens often. */
static void kick(struct model *model, struct reader *reader)
{
    const struct reader *target = &model->readers[pick(PEOPLE)];
    if (target->user == NULL || target->user->is_gone)
        return;
    char line[64];
    snprintf(line, sizeof(line), "/kick %s out", target->user->name);
    assert_int_equal(hub_set_server_operator(model->world.hub, reader->user, true), 0);
    chat_world_type(&model->world, reader->user, line);
    assert_int_equal(hub_set_server_operator(model->world.hub, reader->user, false), 0);
}

static void act(struct model *model, struct reader *reader)
{
    struct user *user = reader->user;
    unsigned dice = pick(100);
    if (dice < 25 && reader->stay_count < STAYS_MAX)
        type(model, user, "/join #room", pick(ROOM_NAMES));
    else if (dice < 45)
        type(model, user, "/part #room", pick(ROOM_NAMES));
    else if (dice < 48)
        chat_world_type(&model->world, user, pick(2) == 0 ? "/part #lobby" : "/join #lobby");
    else if (dice < 53)
        kick(model, reader);
    else if (dice < 85)
        type(model, user, "says ", model->names_made);
    else if (dice < 95)
        type(model, user, "/nick n", model->names_made++);
    else
        hub_leave(model->world.hub, user, BYTES("why not"));
}

static void step(struct model *model)
{
    struct reader *reader = &model->readers[pick(PEOPLE)];
    if (reader->user == NULL)
        enter(model, reader);
    else if (!reader->user->is_gone)
        act(model, reader);
    note_emitted(model);
    if (pick(10) == 0 || model->seen_count > LAG_MAX)
        publish_batch(model, 1 + pick(LAG_MAX));
    reader = &model->readers[pick(PEOPLE)];
    if (reader->user != NULL && pick(3) == 0) {
        read_some(model, reader, pick(20));
        reap(model, reader);
    }
}

static void finish(struct model *model)
{
    hub_close(model->world.hub);
    for (size_t i = 0; i < PEOPLE; i++) {
        if (model->readers[i].user != NULL && !model->readers[i].user->is_gone)
            hub_leave(model->world.hub, model->readers[i].user, BYTES("stop"));
    }
    note_emitted(model);
    publish_batch(model, SIZE_MAX);
    for (size_t i = 0; i < PEOPLE; i++)
        assert_null(model->readers[i].user);
    assert_int_equal(hub_user_count(model->world.hub), 0);
    assert_int_equal(hub_room_count(model->world.hub), 1);
}

static void test_hub_model_gives_every_reader_its_events_once_and_in_order(void **state)
{
    (void)state;
    for (unsigned seed = 1; seed <= 5; seed++) {
        srand(seed);
        struct model model = {0};
        chat_world_init(&model.world, LOG_EVENTS);
        for (int i = 0; i < STEPS; i++)
            step(&model);
        finish(&model);
        /* A model in which little happens proves little. */
        assert_true(model.reads > STEPS && model.quits > 500 && model.reaps > 500 && model.beside > 100 &&
                    model.kicks > 200);
        chat_world_done(&model.world);
        for (size_t i = 0; i < model.room_count; i++)
            free(model.rooms[i].seqs);
        free(model.rooms);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hub_model_gives_every_reader_its_events_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
