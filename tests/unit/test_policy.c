/* The decisions, as tables: in such a room, such a person may or may not. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "chat/policy.h"
#include "chat/restriction.h"
#include "chat/room.h"
#include "chat/user.h"
#include "support/chat_world.h"

#define NOW_MS INT64_C(100000)

/* What a room is like, besides its modes. */
enum {
    WITH_KEY = 1u << 0,
    WITH_LIMIT = 1u << 1, /* which is reached */
    WITH_BAN = 1u << 2,
    WITH_MUTE = 1u << 3,
    WITH_SLOW = 1u << 4, /* and the last message was just now */
    WITH_INVITATION = 1u << 5,
    WITH_EXCEPTION = 1u << 6,
    WITH_ADMISSION = 1u << 7,
};

static void restrict_bob(struct list *list, int64_t until_ms)
{
    struct restriction *restriction =
        restriction_new(&(struct restriction_spec){.mask = BYTES("bob"), .until_ms = until_ms});
    assert_non_null(restriction);
    restriction_add(list, restriction);
}

static void set_up_room(struct room *room, const struct user *bob, uint32_t modes, uint32_t with)
{
    restriction_clear(&room->bans);
    restriction_clear(&room->mutes);
    restriction_clear(&room->exceptions);
    restriction_clear(&room->admissions);
    room->modes = modes;
    bytes_copy(bytes_of((with & WITH_KEY) != 0 ? "sesame" : NULL), room->key, sizeof(room->key));
    room->people_max = (with & WITH_LIMIT) != 0 ? room->present_count : 0;
    room->slow_ms = (with & WITH_SLOW) != 0 ? 10000 : 0;
    if ((with & WITH_BAN) != 0)
        restrict_bob(&room->bans, NOW_MS + 5000);
    if ((with & WITH_MUTE) != 0)
        restrict_bob(&room->mutes, RESTRICTION_FOREVER);
    if ((with & WITH_EXCEPTION) != 0)
        restrict_bob(&room->exceptions, NOW_MS + 1);
    if ((with & WITH_ADMISSION) != 0)
        restrict_bob(&room->admissions, NOW_MS + 1);
    room_uninvite(room, bob);
    if ((with & WITH_INVITATION) != 0)
        room_invite(room, bob);
}

static void set_role(struct user *user, enum policy_role role)
{
    user->is_server_operator = role == POLICY_SERVER_OPERATOR;
    if (user->current == NULL)
        return;
    user->current->is_operator = role == POLICY_OPERATOR;
    user->current->is_voiced = role == POLICY_VOICED;
}

static void test_policy_role(void **state)
{
    struct chat_scene *s = *state;
    struct room *lobby = s->bob->current->room;

    for (int role = POLICY_MEMBER; role <= POLICY_SERVER_OPERATOR; role++) {
        set_role(s->bob, (enum policy_role)role);
        assert_int_equal(policy_role(s->bob, lobby), role);
    }
    chat_world_type(&s->world, s->bob, "/part");
    assert_int_equal(policy_role(s->bob, lobby), POLICY_SERVER_OPERATOR);
    set_role(s->bob, POLICY_ANYONE);
    assert_int_equal(policy_role(s->bob, lobby), POLICY_ANYONE);
}

static void test_policy_may_join(void **state)
{
    static const struct {
        uint32_t modes, with;
        const char *key;
        enum chat_err want;
    } cases[] = {
        {0, 0, "", CHAT_OK},
        {0, 0, "any", CHAT_OK},
        {ROOM_MODE_SECRET | ROOM_MODE_TOPIC_LOCK | ROOM_MODE_MODERATED, WITH_MUTE | WITH_SLOW, "", CHAT_OK},
        {ROOM_MODE_INVITE_ONLY, 0, "", CHAT_ERR_INVITE_ONLY},
        {ROOM_MODE_INVITE_ONLY, WITH_KEY, "sesame", CHAT_ERR_INVITE_ONLY},
        {ROOM_MODE_INVITE_ONLY, WITH_INVITATION, "", CHAT_OK},
        {0, WITH_KEY, "", CHAT_ERR_KEY_NEEDED},
        {0, WITH_KEY, "Sesame", CHAT_ERR_KEY_WRONG},
        {0, WITH_KEY, "sesame2", CHAT_ERR_KEY_WRONG},
        {0, WITH_KEY, "sesame", CHAT_OK},
        {0, WITH_KEY | WITH_INVITATION, "", CHAT_OK},
        {0, WITH_LIMIT, "", CHAT_ERR_ROOM_FULL},
        {0, WITH_LIMIT | WITH_INVITATION, "", CHAT_OK},
        {0, WITH_BAN, "", CHAT_ERR_BANNED},
        {ROOM_MODE_INVITE_ONLY, WITH_BAN | WITH_KEY | WITH_LIMIT, "sesame", CHAT_ERR_BANNED},
        {0, WITH_BAN | WITH_INVITATION, "", CHAT_OK},
        {0, WITH_BAN | WITH_EXCEPTION, "", CHAT_OK},
        {0, WITH_BAN | WITH_ADMISSION, "", CHAT_ERR_BANNED},
        {0, WITH_BAN | WITH_KEY | WITH_EXCEPTION, "", CHAT_ERR_KEY_NEEDED},
        {ROOM_MODE_INVITE_ONLY, WITH_EXCEPTION, "", CHAT_ERR_INVITE_ONLY},
        {ROOM_MODE_INVITE_ONLY, WITH_ADMISSION, "", CHAT_OK},
        {ROOM_MODE_INVITE_ONLY, WITH_BAN | WITH_ADMISSION, "", CHAT_ERR_BANNED},
        {ROOM_MODE_INVITE_ONLY, WITH_BAN | WITH_ADMISSION | WITH_EXCEPTION, "", CHAT_OK},
        {ROOM_MODE_INVITE_ONLY, WITH_KEY | WITH_ADMISSION, "", CHAT_ERR_KEY_NEEDED},
        {ROOM_MODE_INVITE_ONLY, WITH_LIMIT | WITH_ADMISSION, "", CHAT_ERR_ROOM_FULL},
        /* Outside of a secret room nobody hears why it is closed. */
        {ROOM_MODE_SECRET | ROOM_MODE_INVITE_ONLY, 0, "", CHAT_ERR_ROOM_CLOSED},
        {ROOM_MODE_SECRET | ROOM_MODE_INVITE_ONLY, WITH_INVITATION, "", CHAT_OK},
        {ROOM_MODE_SECRET, WITH_KEY, "", CHAT_ERR_ROOM_CLOSED},
        {ROOM_MODE_SECRET, WITH_KEY, "no", CHAT_ERR_ROOM_CLOSED},
        {ROOM_MODE_SECRET, WITH_KEY, "sesame", CHAT_OK},
        {ROOM_MODE_SECRET, WITH_LIMIT, "", CHAT_ERR_ROOM_CLOSED},
        {ROOM_MODE_SECRET, WITH_BAN, "", CHAT_ERR_ROOM_CLOSED},
        {ROOM_MODE_SECRET | ROOM_MODE_INVITE_ONLY, WITH_ADMISSION, "", CHAT_OK},
    };
    struct chat_scene *s = *state;
    struct room *room = s->alice->current->room;

    chat_world_type(&s->world, s->bob, "/part");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set_up_room(room, s->bob, cases[i].modes, cases[i].with);
        struct bytes key = bytes_of(cases[i].key);
        struct policy_verdict verdict = policy_may_join(room, s->bob, key, NOW_MS);
        if (verdict.err != cases[i].want)
            fail_msg("case %zu: %d", i, (int)verdict.err);
        assert_int_equal(verdict.wait_ms, verdict.err == CHAT_ERR_BANNED ? 5000 : 0);
        set_role(s->bob, POLICY_SERVER_OPERATOR);
        assert_int_equal(policy_may_join(room, s->bob, key, NOW_MS).err, CHAT_OK);
        set_role(s->bob, POLICY_ANYONE);
    }
    /* The limit is met exactly. */
    set_up_room(room, s->bob, 0, 0);
    room->people_max = 2;
    assert_int_equal(policy_may_join(room, s->bob, BYTES(""), NOW_MS).err, CHAT_OK);
}

static void test_policy_may_speak(void **state)
{
    /* What a member, who has voice and an operator hear. */
    static const struct {
        uint32_t modes, with;
        enum chat_err member, voiced;
        int64_t wait_ms;
    } cases[] = {
        {0, 0, CHAT_OK, CHAT_OK, 0},
        {ROOM_MODE_INVITE_ONLY | ROOM_MODE_SECRET | ROOM_MODE_TOPIC_LOCK, WITH_KEY | WITH_LIMIT, CHAT_OK,
         CHAT_OK, 0},
        {ROOM_MODE_MODERATED, 0, CHAT_ERR_MODERATED, CHAT_OK, 0},
        {0, WITH_MUTE, CHAT_ERR_MUTED, CHAT_ERR_MUTED, 0},
        {0, WITH_BAN | WITH_MUTE, CHAT_ERR_BANNED, CHAT_ERR_BANNED, 5000},
        {ROOM_MODE_MODERATED, WITH_MUTE, CHAT_ERR_MUTED, CHAT_ERR_MUTED, 0},
        {0, WITH_BAN | WITH_MUTE | WITH_EXCEPTION, CHAT_OK, CHAT_OK, 0},
        {0, WITH_BAN | WITH_MUTE | WITH_ADMISSION, CHAT_ERR_BANNED, CHAT_ERR_BANNED, 5000},
        {ROOM_MODE_MODERATED, WITH_MUTE | WITH_EXCEPTION, CHAT_ERR_MODERATED, CHAT_OK, 0},
        {0, WITH_MUTE | WITH_SLOW | WITH_EXCEPTION, CHAT_ERR_SLOW_MODE, CHAT_ERR_SLOW_MODE, 10000},
        {0, WITH_SLOW, CHAT_ERR_SLOW_MODE, CHAT_ERR_SLOW_MODE, 10000},
        {ROOM_MODE_MODERATED, WITH_SLOW, CHAT_ERR_MODERATED, CHAT_ERR_SLOW_MODE, 0},
    };
    struct chat_scene *s = *state;
    struct membership *membership = s->bob->current;

    membership->said_ms = NOW_MS;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set_up_room(membership->room, s->bob, cases[i].modes, cases[i].with);
        set_role(s->bob, POLICY_MEMBER);
        struct policy_verdict verdict = policy_may_speak(membership, NOW_MS);
        if (verdict.err != cases[i].member)
            fail_msg("case %zu: %d", i, (int)verdict.err);
        assert_int_equal(verdict.wait_ms, cases[i].wait_ms);
        set_role(s->bob, POLICY_VOICED);
        assert_int_equal(policy_may_speak(membership, NOW_MS).err, cases[i].voiced);
        set_role(s->bob, POLICY_OPERATOR);
        assert_int_equal(policy_may_speak(membership, NOW_MS).err, CHAT_OK);
        set_role(s->bob, POLICY_SERVER_OPERATOR);
        assert_int_equal(policy_may_speak(membership, NOW_MS).err, CHAT_OK);
    }
}

static void test_policy_waits_end_on_time(void **state)
{
    struct chat_scene *s = *state;
    struct membership *membership = s->bob->current;

    membership->said_ms = NOW_MS;
    set_up_room(membership->room, s->bob, 0, WITH_SLOW);
    assert_int_equal(policy_may_speak(membership, NOW_MS + 9999).wait_ms, 1);
    assert_int_equal(policy_may_speak(membership, NOW_MS + 10000).err, CHAT_OK);
    set_up_room(membership->room, s->bob, 0, WITH_BAN);
    assert_int_equal(policy_may_speak(membership, NOW_MS + 4999).wait_ms, 1);
    assert_int_equal(policy_may_speak(membership, NOW_MS + 5000).err, CHAT_OK);
    set_up_room(membership->room, s->bob, 0, WITH_BAN | WITH_EXCEPTION);
    assert_true(policy_is_excepted(membership->room, s->bob, NOW_MS));
    assert_false(policy_is_excepted(membership->room, s->bob, NOW_MS + 1));
    assert_int_equal(policy_may_speak(membership, NOW_MS + 1).err, CHAT_ERR_BANNED);
    set_up_room(membership->room, s->bob, ROOM_MODE_INVITE_ONLY, WITH_ADMISSION);
    assert_int_equal(policy_may_join(membership->room, s->bob, BYTES(""), NOW_MS).err, CHAT_OK);
    assert_int_equal(policy_may_join(membership->room, s->bob, BYTES(""), NOW_MS + 1).err,
                     CHAT_ERR_INVITE_ONLY);
}

static void test_policy_may_run(void **state)
{
    static const struct {
        const char *command;
        bool has_arguments;
        uint32_t modes;
        enum policy_role least; /* that may */
    } cases[] = {
        {"kick", true, 0, POLICY_OPERATOR},
        {"ban", true, 0, POLICY_OPERATOR},
        {"ban", false, 0, POLICY_MEMBER},
        {"mute", false, 0, POLICY_MEMBER},
        {"except", true, 0, POLICY_OPERATOR},
        {"except", false, 0, POLICY_MEMBER},
        {"unexcept", true, 0, POLICY_OPERATOR},
        {"admit", true, 0, POLICY_OPERATOR},
        {"admit", false, 0, POLICY_MEMBER},
        {"unadmit", true, 0, POLICY_OPERATOR},
        {"mode", true, 0, POLICY_OPERATOR},
        {"mode", false, 0, POLICY_MEMBER},
        {"topic", true, 0, POLICY_MEMBER},
        {"topic", true, ROOM_MODE_TOPIC_LOCK, POLICY_OPERATOR},
        {"topic", false, ROOM_MODE_TOPIC_LOCK, POLICY_MEMBER},
        {"invite", true, 0, POLICY_MEMBER},
        {"invite", true, ROOM_MODE_INVITE_ONLY, POLICY_OPERATOR},
        {"names", false, ROOM_MODE_MODERATED, POLICY_MEMBER},
    };
    struct chat_scene *s = *state;
    struct room *room = s->bob->current->room;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct command *command = command_find(bytes_of(cases[i].command));
        set_up_room(room, s->bob, cases[i].modes, 0);
        for (int role = POLICY_MEMBER; role <= POLICY_SERVER_OPERATOR; role++) {
            set_role(s->bob, (enum policy_role)role);
            enum chat_err err = policy_may_run(command, cases[i].has_arguments, s->bob, NOW_MS).err;
            if (err != ((enum policy_role)role >= cases[i].least ? CHAT_OK : CHAT_ERR_NOT_OPERATOR))
                fail_msg("case %zu, role %d: %d", i, role, (int)err);
        }
    }
    set_role(s->bob, POLICY_MEMBER);
    set_up_room(room, s->bob, ROOM_MODE_MODERATED, 0);
    assert_int_equal(policy_may_run(command_say(), true, s->bob, NOW_MS).err, CHAT_ERR_MODERATED);
}

static void test_policy_may_punish_and_promote(void **state)
{
    static const struct {
        enum policy_role actor, target;
        enum chat_err punish, promote;
    } cases[] = {
        {POLICY_OPERATOR, POLICY_MEMBER, CHAT_OK, CHAT_OK},
        {POLICY_OPERATOR, POLICY_VOICED, CHAT_OK, CHAT_OK},
        {POLICY_OPERATOR, POLICY_OPERATOR, CHAT_ERR_TARGET_OPERATOR, CHAT_OK},
        {POLICY_OPERATOR, POLICY_SERVER_OPERATOR, CHAT_ERR_SERVER_OPERATOR, CHAT_ERR_SERVER_OPERATOR},
        {POLICY_SERVER_OPERATOR, POLICY_OPERATOR, CHAT_OK, CHAT_OK},
        {POLICY_SERVER_OPERATOR, POLICY_SERVER_OPERATOR, CHAT_ERR_SERVER_OPERATOR, CHAT_ERR_SERVER_OPERATOR},
    };
    struct chat_scene *s = *state;
    struct room *room = s->bob->current->room;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        set_role(s->bob, cases[i].actor);
        set_role(s->alice, cases[i].target);
        assert_int_equal(policy_may_punish(s->bob, room, s->alice), cases[i].punish);
        assert_int_equal(policy_may_promote(s->bob, s->alice), cases[i].promote);
        assert_int_equal(policy_may_punish(s->bob, room, s->bob), CHAT_ERR_NOT_YOURSELF);
        assert_int_equal(policy_may_promote(s->bob, s->bob), CHAT_OK);
    }
}

static void test_policy_secret_rooms_are_seen_from_inside(void **state)
{
    struct chat_scene *s = *state;
    struct room *room = s->alice->current->room;

    chat_world_type(&s->world, s->bob, "/part");
    assert_true(policy_may_see(room, s->bob));
    room->modes = ROOM_MODE_SECRET;
    assert_false(policy_may_see(room, s->bob));
    assert_true(policy_may_see(room, s->alice));
    set_role(s->bob, POLICY_SERVER_OPERATOR);
    assert_true(policy_may_see(room, s->bob));
}

static void test_policy_find_operator(void **state)
{
    struct chat_scene *s = *state;

    assert_null(policy_find_operator(s->bob->current->room));
    set_role(s->alice, POLICY_OPERATOR);
    assert_ptr_equal(policy_find_operator(s->bob->current->room), s->alice);
    chat_world_type(&s->world, s->alice, "/part");
    assert_null(policy_find_operator(s->bob->current->room));
}

#define SCENE_TEST(test) cmocka_unit_test_setup_teardown(test, chat_scene_set_up, chat_scene_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        SCENE_TEST(test_policy_role),
        SCENE_TEST(test_policy_may_join),
        SCENE_TEST(test_policy_may_speak),
        SCENE_TEST(test_policy_waits_end_on_time),
        SCENE_TEST(test_policy_may_run),
        SCENE_TEST(test_policy_may_punish_and_promote),
        SCENE_TEST(test_policy_secret_rooms_are_seen_from_inside),
        SCENE_TEST(test_policy_find_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
