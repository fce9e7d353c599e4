/* What operators do and what rooms refuse, to the word. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/plain_text.h"

static void assert_render(struct chat_event_spec spec, bool is_actor, const char *expected)
{
    spec.actor = BYTES("dave");
    spec.room = BYTES("#ops");
    plain_text_assert(
        plain_text_render(plain_text_lf, spec, &(struct chat_view){.is_actor = is_actor, .is_current = true}),
        expected);
}

static void test_plain_room_changes(void **state)
{
    static const struct {
        struct chat_event_spec spec;
        const char *room, *done;
    } cases[] = {
        {{.change = CHAT_CHANGE_MUTE, .extra = BYTES("bob"), .time_ms = PLAIN_TEXT_NOW_MS + 600000},
         "14:05 -- dave muted bob for 10 minutes\n",
         "*** You muted bob in #ops for 10 minutes, until 14:15.\n"},
        {{.change = CHAT_CHANGE_BAN,
          .extra = BYTES("bob"),
          .text = BYTES("spam"),
          .time_ms = PLAIN_TEXT_NOW_MS + 86400000},
         "14:05 -- dave banned bob for 24 hours (spam)\n",
         "*** You banned bob from #ops for 24 hours, until Sun 22 Nov 2026 14:05 (spam).\n"},
        {{.change = CHAT_CHANGE_BAN, .extra = BYTES("b*")},
         "14:05 -- dave banned b*\n",
         "*** You banned b* from #ops.\n"},
        {{.change = CHAT_CHANGE_UNBAN, .extra = BYTES("bob")},
         "14:05 -- dave lifted the ban of bob\n",
         "*** You lifted the ban of bob in #ops.\n"},
        {{.change = CHAT_CHANGE_UNMUTE, .extra = BYTES("bob")},
         "14:05 -- dave lifted the mute of bob\n",
         "*** You lifted the mute of bob in #ops.\n"},
        {{.change = CHAT_CHANGE_EXCEPT, .extra = BYTES("bob"), .time_ms = PLAIN_TEXT_NOW_MS + 600000},
         "14:05 -- dave excepted bob from bans and mutes for 10 minutes\n",
         "*** You excepted bob from bans and mutes in #ops for 10 minutes, until 14:15.\n"},
        {{.change = CHAT_CHANGE_UNEXCEPT, .extra = BYTES("bob")},
         "14:05 -- dave lifted the exception of bob from bans and mutes\n",
         "*** You lifted the exception of bob from bans and mutes in #ops.\n"},
        {{.change = CHAT_CHANGE_ADMIT, .extra = BYTES("bob"), .text = BYTES("friend")},
         "14:05 -- dave admitted bob (friend)\n",
         "*** You admitted bob to #ops (friend).\n"},
        {{.change = CHAT_CHANGE_UNADMIT, .extra = BYTES("bob")},
         "14:05 -- dave took back the admission of bob\n",
         "*** You took back the admission of bob to #ops.\n"},
        {{.change = CHAT_CHANGE_OP, .extra = BYTES("bob")},
         "14:05 -- dave made bob an operator\n",
         "*** You made bob an operator of #ops.\n"},
        {{.change = CHAT_CHANGE_SUCCEED, .extra = BYTES("bob")},
         "14:05 -- dave became an operator\n",
         "*** You became an operator of #ops.\n"},
        {{.change = CHAT_CHANGE_DEOP, .extra = BYTES("bob")},
         "14:05 -- dave took the operator's role from bob\n",
         "*** You took the operator's role from bob in #ops.\n"},
        {{.change = CHAT_CHANGE_VOICE, .extra = BYTES("bob")},
         "14:05 -- dave gave bob voice\n",
         "*** You gave bob voice in #ops.\n"},
        {{.change = CHAT_CHANGE_DEVOICE, .extra = BYTES("bob")},
         "14:05 -- dave took voice from bob\n",
         "*** You took voice from bob in #ops.\n"},
        {{.change = CHAT_CHANGE_SLOW, .count = 10},
         "14:05 -- dave set slow mode to one message in 10 s\n",
         "*** You set slow mode to one message in 10 s in #ops.\n"},
        {{.change = CHAT_CHANGE_SLOW},
         "14:05 -- dave turned slow mode off\n",
         "*** You turned slow mode off in #ops.\n"},
        {{.change = CHAT_CHANGE_LIMIT, .count = 20},
         "14:05 -- dave set a limit of 20 people\n",
         "*** You set a limit of 20 people in #ops.\n"},
        {{.change = CHAT_CHANGE_LIMIT},
         "14:05 -- dave removed the limit\n",
         "*** You removed the limit in #ops.\n"},
        {{.change = CHAT_CHANGE_KEY},
         "14:05 -- dave removed the key\n",
         "*** You removed the key in #ops.\n"},
        {{.change = CHAT_CHANGE_INVITE_ONLY, .count = 1},
         "14:05 -- dave turned invite-only on\n",
         "*** You turned invite-only on in #ops.\n"},
        {{.change = CHAT_CHANGE_SECRET},
         "14:05 -- dave turned secret off\n",
         "*** You turned secret off in #ops.\n"},
        {{.change = CHAT_CHANGE_TOPIC_LOCK, .count = 1},
         "14:05 -- dave turned topic-lock on\n",
         "*** You turned topic-lock on in #ops.\n"},
        {{.change = CHAT_CHANGE_MODERATED},
         "14:05 -- dave turned moderated off\n",
         "*** You turned moderated off in #ops.\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct chat_event_spec spec = cases[i].spec;
        spec.kind = CHAT_EV_CHANGED;
        assert_render(spec, false, cases[i].room);
        assert_render(spec, true, ""); /* who did it has the answer */
        spec.kind = CHAT_EV_CHANGE_DONE;
        assert_render(spec, true, cases[i].done);
    }
}

static void test_plain_room_key_is_shown_to_who_set_it(void **state)
{
    (void)state;
    assert_render((struct chat_event_spec){.kind = CHAT_EV_CHANGED, .change = CHAT_CHANGE_KEY, .count = 1},
                  false, "14:05 -- dave set a key\n");
    assert_render(
        (struct chat_event_spec){
            .kind = CHAT_EV_CHANGE_DONE, .change = CHAT_CHANGE_KEY, .count = 1, .text = BYTES("sesame")},
        true, "*** You set a key in #ops. To enter: /join #ops sesame\n");
}

static void test_plain_room_is_renamed_for_all(void **state)
{
    struct chat_event_spec spec = {.kind = CHAT_EV_ROOM_RENAMED, .extra = BYTES("#devops")};
    (void)state;

    for (int is_actor = 0; is_actor <= 1; is_actor++) {
        spec.text = BYTES("");
        assert_render(spec, is_actor, "*** dave renamed #ops to #devops\n");
        spec.text = BYTES("more than one team");
        assert_render(spec, is_actor, "*** dave renamed #ops to #devops: more than one team\n");
    }
    spec.actor = BYTES("dave");
    spec.room = BYTES("#ops");
    plain_text_assert(plain_text_render(plain_text_lf, spec, &plain_text_elsewhere),
                      "*** dave renamed #ops to #devops: more than one team\n");
}

static void test_plain_room_kicks_and_invitations(void **state)
{
    struct chat_event_spec kick = {.kind = CHAT_EV_KICKED, .extra = BYTES("bob"), .text = BYTES("spam")};
    struct chat_event_spec out = {
        .kind = CHAT_EV_KICKED_OUT, .extra = BYTES("#lobby"), .text = BYTES("spam")};
    (void)state;

    assert_render(kick, false, "14:05 -- dave kicked bob (spam)\n");
    kick.text = BYTES("");
    assert_render(kick, false, "14:05 -- dave kicked bob\n");
    assert_render(out, false, "*** dave kicked you from #ops (spam). What you type goes to #lobby now.\n");
    out.text = out.extra = BYTES("");
    assert_render(out, false,
                  "*** dave kicked you from #ops. You are in no room now. To enter one: /join #ROOM\n");
    assert_render((struct chat_event_spec){.kind = CHAT_EV_CHANGE_DONE,
                                           .change = CHAT_CHANGE_KICK,
                                           .extra = BYTES("bob"),
                                           .text = BYTES("spam")},
                  true, "*** You kicked bob from #ops (spam).\n");
    assert_render((struct chat_event_spec){.kind = CHAT_EV_INVITED}, false,
                  "*** dave invites you to #ops. To enter: /join #ops\n");
    assert_render((struct chat_event_spec){.kind = CHAT_EV_CHANGE_DONE,
                                           .change = CHAT_CHANGE_INVITE,
                                           .extra = BYTES("bob")},
                  true, "*** You invited bob to #ops.\n");
}

static void test_plain_room_modes_and_lists(void **state)
{
    const struct chat_item modes[] = {{.name = BYTES("secret")}, {.name = BYTES("slow"), .count = 10}};
    const struct chat_item bans[] = {{.name = BYTES("bob"), .count = 480, .detail = BYTES("spam")},
                                     {.name = BYTES("x*")}};
    struct chat_event_spec spec = {.kind = CHAT_EV_MODES};
    (void)state;

    assert_render(spec, true,
                  "*** #ops has no modes set. To set one: /mode invite-only on (more: /help mode)\n");
    spec.items = modes;
    spec.item_count = spec.count = 2;
    assert_render(spec, true, "*** Modes of #ops: secret, slow 10\n");
    spec = (struct chat_event_spec){.kind = CHAT_EV_RESTRICTED, .change = CHAT_CHANGE_BAN};
    assert_render(spec, true, "*** Nobody is banned from #ops.\n");
    spec.items = bans;
    spec.item_count = spec.count = 2;
    assert_render(spec, true, "--- 2 bans in #ops ---\n      | bob  8 more minutes  (spam)\n      | x*\n");
    spec.count = 3;
    assert_render(spec, true,
                  "--- 3 bans in #ops ---\n      | bob  8 more minutes  (spam)\n      | x*\n"
                  "      | 1 of an address: only operators see it\n");
    spec.item_count = 0;
    assert_render(spec, true, "--- 3 bans in #ops ---\n      | 3 of addresses: only operators see them\n");
    spec.change = CHAT_CHANGE_MUTE;
    spec.item_count = spec.count = 1;
    assert_render(spec, true, "--- 1 mute in #ops ---\n      | bob  8 more minutes  (spam)\n");
    spec.change = CHAT_CHANGE_EXCEPT;
    assert_render(spec, true,
                  "--- 1 exception from bans and mutes in #ops ---\n      | bob  8 more minutes  (spam)\n");
    spec.change = CHAT_CHANGE_ADMIT;
    assert_render(spec, true,
                  "--- 1 admission without an invitation in #ops ---\n      | bob  8 more minutes  (spam)\n");
    spec.item_count = spec.count = 0;
    assert_render(spec, true, "*** Nobody is admitted to #ops without an invitation.\n");
    spec.change = CHAT_CHANGE_EXCEPT;
    assert_render(spec, true, "*** Nobody is excepted from bans and mutes in #ops.\n");
}

static void test_plain_room_refusals(void **state)
{
    static const struct {
        enum chat_err err;
        uint32_t count;
        const char *extra, *expected;
    } cases[] = {
        {CHAT_ERR_INVITE_ONLY, 0, "dave", "*** #ops is invite-only. Ask an operator (@dave) for /invite.\n"},
        {CHAT_ERR_MUTED, 471, "dave", "*** You are muted in #ops for 8 more minutes.\n"},
        {CHAT_ERR_MUTED, 1, "", "*** You are muted in #ops for 1 more second.\n"},
        {CHAT_ERR_MUTED, 99, "", "*** You are muted in #ops for 99 more seconds.\n"},
        {CHAT_ERR_MUTED, 100, "", "*** You are muted in #ops for 2 more minutes.\n"},
        {CHAT_ERR_MUTED, 6000, "", "*** You are muted in #ops for 2 more hours.\n"},
        {CHAT_ERR_BANNED, 172800, "", "*** You are banned from #ops for 2 more days.\n"},
        {CHAT_ERR_MUTED, 0, "dave", "*** You are muted in #ops. Ask an operator (@dave) for /unmute.\n"},
        {CHAT_ERR_BANNED, 0, "dave", "*** You are banned from #ops. Ask an operator (@dave) for /unban.\n"},
        {CHAT_ERR_SLOW_MODE, 12, "dave", "*** Slow mode: next message in 12 s.\n"},
        {CHAT_ERR_MODERATED, 0, "dave", "*** #ops is moderated. Ask an operator (@dave) for /voice.\n"},
        {CHAT_ERR_NOT_OPERATOR, 0, "dave", "*** Only operators of #ops can do that. Ask one (@dave).\n"},
        {CHAT_ERR_NOT_OPERATOR, 0, "",
         "*** Only operators of #ops can do that, and none is here now. Try again later.\n"},
    };
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_render((struct chat_event_spec){.kind = CHAT_EV_REFUSED,
                                               .err = cases[i].err,
                                               .count = cases[i].count,
                                               .text = BYTES("#ops"),
                                               .extra = bytes_of(cases[i].extra)},
                      true, cases[i].expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plain_room_changes),
        cmocka_unit_test(test_plain_room_key_is_shown_to_who_set_it),
        cmocka_unit_test(test_plain_room_is_renamed_for_all),
        cmocka_unit_test(test_plain_room_kicks_and_invitations),
        cmocka_unit_test(test_plain_room_modes_and_lists),
        cmocka_unit_test(test_plain_room_refusals),
    };
    plain_text_set_zone("UTC0");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
