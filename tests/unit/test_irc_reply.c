/* Answers of IRC: lists, people, refusals. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/irc_cap.h"
#include "proto/irc_render.h"
#include "support/irc_text.h"

static struct chat_event_spec reply(enum chat_event_kind kind, const char *text)
{
    return (struct chat_event_spec){
        .kind = kind, .actor = BYTES("bob"), .room = BYTES("#ops"), .text = bytes_of(text)};
}

static void test_irc_reply_names(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("alice"), .flags = CHAT_ITEM_F_OPERATOR | CHAT_ITEM_F_VOICED},
        {.name = BYTES("bob"), .flags = CHAT_ITEM_F_YOU},
        {.name = BYTES("carol"), .flags = CHAT_ITEM_F_VOICED},
    };
    struct chat_event_spec spec = reply(CHAT_EV_NAMES, "");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec,
                    ":srv 353 bob = #ops :@alice bob +carol\n:srv 366 bob #ops :End of NAMES list\n");
    irc_text_assert(IRC_CAP_F_MULTI_PREFIX | IRC_CAP_F_USERHOST_IN_NAMES, spec,
                    ":srv 353 bob = #ops :@+alice!u@alice.mingle bob!u@bob.mingle +carol!u@carol.mingle\n"
                    ":srv 366 bob #ops :End of NAMES list\n");
    spec.item_count = 0;
    irc_text_assert(0, spec, ":srv 366 bob #ops :End of NAMES list\n");
    spec.item_count = 1;
    spec.change = CHAT_CHANGE_SECRET;
    irc_text_assert(0, spec, ":srv 353 bob @ #ops :@alice\n:srv 366 bob #ops :End of NAMES list\n");
}

static void test_irc_reply_names_of_many_take_several_messages(void **state)
{
    static char names[500][31];
    static struct chat_item items[500];
    struct chat_event_spec spec = reply(CHAT_EV_NAMES, "");
    size_t found = 0;
    (void)state;

    for (size_t i = 0; i < ARRAY_LEN(items); i++) {
        snprintf(names[i], sizeof(names[i]), "somebody-with-a-long-name-%04zu", i);
        items[i] = (struct chat_item){.name = bytes_of(names[i]), .flags = CHAT_ITEM_F_OPERATOR};
    }
    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    char *text = irc_text_render(0, spec, &(struct chat_view){.is_current = true});
    for (const char *at = text; (at = strstr(at, "@somebody")) != NULL; at++)
        found++;
    assert_int_equal(found, ARRAY_LEN(items));
    free(text);
}

static void test_irc_reply_rooms(void **state)
{
    const struct chat_item items[] = {{.name = BYTES("#ops"), .detail = BYTES("a topic"), .count = 3},
                                      {.name = BYTES("#dev"), .count = 1}};
    struct chat_event_spec spec = reply(CHAT_EV_ROOMS, "");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec,
                    ":srv 321 bob Channel :Users  Name\n:srv 322 bob #ops 3 :a topic\n"
                    ":srv 322 bob #dev 1 :\n:srv 323 bob :End of LIST\n");
}

static void test_irc_reply_topic(void **state)
{
    (void)state;
    struct chat_event_spec spec = reply(CHAT_EV_TOPIC_IS, "a b");

    spec.extra = BYTES("alice");
    spec.time_ms = INT64_C(1795269900999);
    irc_text_assert(0, spec, ":srv 332 bob #ops :a b\n:srv 333 bob #ops alice!u@alice.mingle 1795269900\n");
    irc_text_assert(0, reply(CHAT_EV_TOPIC_IS, "a b"), ":srv 332 bob #ops :a b\n");
    irc_text_assert(0, reply(CHAT_EV_TOPIC_IS, ""), ":srv 331 bob #ops :No topic is set\n");
}

static void test_irc_reply_who(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("alice"), .flags = CHAT_ITEM_F_AWAY | CHAT_ITEM_F_OPERATOR}, {.name = BYTES("bob")}};
    const struct chat_item here = {.name = BYTES("carol"),
                                   .flags = CHAT_ITEM_F_ROOM_OPERATOR | CHAT_ITEM_F_VOICED};
    struct chat_event_spec spec = reply(CHAT_EV_WHO, "*");
    (void)state;

    spec.room = BYTES("");
    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec,
                    ":srv 352 bob * u alice.mingle srv alice G* :0 alice\n"
                    ":srv 352 bob * u bob.mingle srv bob H :0 bob\n"
                    ":srv 315 bob * :End of WHO list\n");
    spec.text = spec.room = BYTES("#ops");
    spec.items = &here;
    spec.item_count = 1;
    irc_text_assert(IRC_CAP_F_MULTI_PREFIX, spec,
                    ":srv 352 bob #ops u carol.mingle srv carol H@+ :0 carol\n"
                    ":srv 315 bob #ops :End of WHO list\n");
}

static void test_irc_reply_whois(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("alice"),
         .detail = BYTES("lunch"),
         .realname = BYTES("Alice Liddell"),
         .count = 61,
         .flags = CHAT_ITEM_F_OPERATOR | CHAT_ITEM_F_AWAY | CHAT_ITEM_F_ENCRYPTED},
        {.name = BYTES("#ops"), .flags = CHAT_ITEM_F_OPERATOR},
        {.name = BYTES("#dev")}};
    struct chat_event_spec spec = reply(CHAT_EV_WHOIS, "plain");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    spec.extra = BYTES("192.0.2.1");
    spec.time_ms = INT64_C(1795269900000);
    irc_text_assert(0, spec,
                    ":srv 311 bob alice u alice.mingle * :Alice Liddell\n"
                    ":srv 319 bob alice :@#ops #dev\n"
                    ":srv 312 bob alice srv :plain\n"
                    ":srv 313 bob alice :is an operator of the server\n"
                    ":srv 378 bob alice :is connecting from 192.0.2.1\n"
                    ":srv 671 bob alice :is using a secure connection\n"
                    ":srv 301 bob alice :lunch\n"
                    ":srv 317 bob alice 61 1795269900 :seconds idle, signon time\n"
                    ":srv 318 bob alice :End of WHOIS list\n");
    spec.extra = BYTES("");
    spec.item_count = 1;
    char *text = irc_text_render(0, spec, &(struct chat_view){.is_current = true});
    assert_null(strstr(text, " 378 "));
    assert_null(strstr(text, " 319 "));
    free(text);
}

static void test_irc_reply_counts(void **state)
{
    struct chat_item items[CHAT_COUNT_COUNT] = {[CHAT_COUNT_PEOPLE] = {.count = 12},
                                                [CHAT_COUNT_PEOPLE_MOST] = {.count = 30},
                                                [CHAT_COUNT_OPERATORS] = {.count = 2},
                                                [CHAT_COUNT_HIDDEN] = {.count = 3},
                                                [CHAT_COUNT_ROOMS] = {.count = 5}};
    struct chat_event_spec spec = reply(CHAT_EV_COUNTS, "");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec,
                    ":srv 251 bob :There are 9 users and 3 invisible on 1 servers\n"
                    ":srv 252 bob 2 :operators of the server here\n"
                    ":srv 254 bob 5 :rooms\n"
                    ":srv 255 bob :I have 12 clients and 0 servers\n"
                    ":srv 265 bob 12 30 :Current local users 12, max 30\n"
                    ":srv 266 bob 12 30 :Current global users 12, max 30\n");
    items[CHAT_COUNT_OPERATORS].count = 0;
    char *text = irc_text_render(0, spec, &(struct chat_view){.is_current = true});
    assert_null(strstr(text, " 252 "));
    free(text);
}

static void test_irc_reply_present(void **state)
{
    const struct chat_item items[] = {
        {.name = BYTES("alice"), .flags = CHAT_ITEM_F_AWAY | CHAT_ITEM_F_OPERATOR}, {.name = BYTES("bob")}};
    struct chat_event_spec spec = reply(CHAT_EV_PRESENT, "");
    (void)state;

    spec.extra = BYTES("ison");
    irc_text_assert(0, spec, ":srv 303 bob :\n");
    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec, ":srv 303 bob :alice bob\n");
    spec.extra = BYTES("userhost");
    irc_text_assert(0, spec, ":srv 302 bob :alice*=-u@alice.mingle bob=+u@bob.mingle\n");
}

static void test_irc_reply_whox(void **state)
{
    const struct chat_item item = {.name = BYTES("carol"), .count = 61, .flags = CHAT_ITEM_F_ROOM_OPERATOR};
    struct chat_event_spec spec = reply(CHAT_EV_WHO, "#ops");
    (void)state;

    spec.items = &item;
    spec.item_count = 1;
    spec.extra = BYTES("%rtcuihsnfdlao,42");
    irc_text_assert(0, spec,
                    ":srv 354 bob 42 #ops u 255.255.255.255 carol.mingle srv carol H@ 0 61 0 n/a :carol\n"
                    ":srv 315 bob #ops :End of WHO list\n");
    spec.room = BYTES("");
    spec.extra = BYTES("carol!*@* %tn");
    irc_text_assert(0, spec, ":srv 354 bob 0 carol\n:srv 315 bob carol!*@* :End of WHO list\n");
    spec.extra = BYTES("%");
    irc_text_assert(0, spec, ":srv 354 bob\n:srv 315 bob #ops :End of WHO list\n");
    spec.extra = BYTES("c*!*@*");
    char *text = irc_text_render(0, spec, &(struct chat_view){.is_current = true});
    assert_non_null(strstr(text, " 352 "));
    assert_non_null(strstr(text, ":srv 315 bob c*!*@* :End of WHO list\r\n"));
    free(text);
}

static void test_irc_reply_whowas(void **state)
{
    const struct chat_item item = {.name = BYTES("carol"), .realname = BYTES("C. D."), .count = 3};
    struct chat_event_spec spec = reply(CHAT_EV_WHOWAS, "Carol");
    (void)state;

    irc_text_assert(0, spec,
                    ":srv 406 bob Carol :Nobody of that name has left lately\n"
                    ":srv 369 bob Carol :End of WHOWAS\n");
    spec.items = &item;
    spec.item_count = 1;
    irc_text_assert(0, spec,
                    ":srv 314 bob carol u carol.mingle * :C. D.\n"
                    ":srv 312 bob carol srv :2026-11-21 14:05:00 UTC\n"
                    ":srv 369 bob Carol :End of WHOWAS\n");
}

static void test_irc_reply_monitor(void **state)
{
    const struct chat_item items[] = {{.name = BYTES("alice"), .flags = CHAT_ITEM_F_HERE},
                                      {.name = BYTES("carol")},
                                      {.name = BYTES("dave"), .flags = CHAT_ITEM_F_HERE}};
    struct chat_event_spec spec = reply(CHAT_EV_WATCHED, ""), full = reply(CHAT_EV_REFUSED, "unwatch");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec, ":srv 730 bob :alice!u@alice.mingle,dave!u@dave.mingle\n:srv 731 bob :carol\n");
    spec.kind = CHAT_EV_WATCHES;
    spec.extra = BYTES("watch");
    irc_text_assert(0, spec, ":srv 732 bob :alice,carol,dave\n:srv 733 bob :End of MONITOR list\n");
    spec.item_count = 0;
    irc_text_assert(0, spec, ":srv 733 bob :End of MONITOR list\n");
    full.err = CHAT_ERR_LIST_FULL;
    full.extra = BYTES("a,b");
    irc_text_assert(0, full, ":srv 734 bob 100 a,b :The list is full\n");
    irc_text_assert(0, reply(CHAT_EV_UNWATCHED, ""), "");
    spec = reply(CHAT_EV_WATCHED_AWAY, "lunch");
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, spec, "");
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY | IRC_CAP_F_EXTENDED_MONITOR, spec, ":bob!u@bob.mingle AWAY\n");
    spec = reply(CHAT_EV_WATCHED_REALNAME, "B.");
    irc_text_assert(IRC_CAP_F_SETNAME, spec, "");
    irc_text_assert(IRC_CAP_F_SETNAME | IRC_CAP_F_EXTENDED_MONITOR, spec, ":bob!u@bob.mingle SETNAME :B.\n");
}

static void test_irc_reply_uptime_invites_and_bots(void **state)
{
    const struct chat_item rooms[] = {{.name = BYTES("#ops")}, {.name = BYTES("#dev")}};
    const struct chat_item bot = {.name = BYTES("robo"), .flags = CHAT_ITEM_F_BOT};
    struct chat_event_spec spec = reply(CHAT_EV_UPTIME, "");
    (void)state;

    spec.count = 2 * 86400 + 3 * 3600 + 4 * 60 + 5;
    irc_text_assert(0, spec, ":srv 242 bob :Server Up 2 days 3:04:05\n:srv 219 bob u :End of STATS report\n");
    spec = reply(CHAT_EV_INVITES, "");
    spec.items = rooms;
    spec.item_count = ARRAY_LEN(rooms);
    irc_text_assert(0, spec, ":srv 336 bob #ops\n:srv 336 bob #dev\n:srv 337 bob :End of INVITE list\n");
    spec = reply(CHAT_EV_WHO, "#ops");
    spec.items = &bot;
    spec.item_count = 1;
    spec.extra = BYTES("%nf");
    irc_text_assert(0, spec, ":srv 354 bob robo HB\n:srv 315 bob #ops :End of WHO list\n");
    spec = reply(CHAT_EV_WHOIS, "irc");
    spec.items = &bot;
    spec.item_count = 1;
    char *text = irc_text_render(0, spec, &(struct chat_view){.is_current = true});
    assert_non_null(strstr(text, ":srv 335 bob robo :says of itself that it is a program\r\n"));
    free(text);
}

static void test_irc_reply_stats_and_rehash(void **state)
{
    const struct chat_item items[] = {{.name = BYTES("JOIN"), .count = 3},
                                      {.name = BYTES("WHO"), .count = 1}};
    const struct chat_item names[] = {{.name = BYTES("alice")}};
    struct chat_event_spec spec = reply(CHAT_EV_STATS, "m");
    (void)state;

    spec.items = items;
    spec.item_count = ARRAY_LEN(items);
    irc_text_assert(0, spec,
                    ":srv 212 bob JOIN 3\n:srv 212 bob WHO 1\n:srv 219 bob m :End of STATS report\n");
    spec = reply(CHAT_EV_STATS, "o");
    irc_text_assert(0, spec, ":srv 219 bob o :End of STATS report\n");
    spec.items = names;
    spec.item_count = ARRAY_LEN(names);
    irc_text_assert(0, spec, ":srv 243 bob O * * alice\n:srv 219 bob o :End of STATS report\n");
    irc_text_assert(0, reply(CHAT_EV_RELOADING, ""),
                    ":srv 382 bob mingled.conf :The settings are being read again\n");
}

static void test_irc_reply_away(void **state)
{
    struct chat_event_spec spec = reply(CHAT_EV_AWAY, "lunch"), is = reply(CHAT_EV_AWAY_IS, "lunch");
    (void)state;

    irc_text_assert(0, spec, ":srv 305 bob :You are no longer marked as away\n");
    spec.count = 1;
    irc_text_assert(0, spec, ":srv 306 bob :You are marked as away\n");
    is.extra = BYTES("alice");
    irc_text_assert(0, is, ":srv 301 bob alice :lunch\n");
    is.text = BYTES("");
    irc_text_assert(0, is, ":srv 301 bob alice :away\n");
}

static void test_irc_reply_modes_and_lists(void **state)
{
    const struct chat_item modes[] = {{.name = BYTES("invite-only")},
                                      {.name = BYTES("key")},
                                      {.name = BYTES("slow"), .count = 10},
                                      {.name = BYTES("limit"), .count = 20}};
    const struct chat_item bans[] = {{.name = BYTES("troll*"), .detail = BYTES("spam")},
                                     {.name = BYTES("*@h")}};
    struct chat_event_spec spec = reply(CHAT_EV_MODES, "");
    (void)state;

    spec.time_ms = 5000;
    irc_text_assert(0, spec, ":srv 324 bob #ops +n\n:srv 329 bob #ops 5\n");
    spec.items = modes;
    spec.item_count = ARRAY_LEN(modes);
    irc_text_assert(0, spec, ":srv 324 bob #ops +nikWl * 10 20\n:srv 329 bob #ops 5\n");
    spec = reply(CHAT_EV_RESTRICTED, "");
    spec.items = bans;
    spec.item_count = ARRAY_LEN(bans);
    spec.change = CHAT_CHANGE_BAN;
    irc_text_assert(0, spec,
                    ":srv 367 bob #ops troll*!*@*\n:srv 367 bob #ops *!*@h.mingle\n"
                    ":srv 368 bob #ops :End of ban list\n");
    spec.change = CHAT_CHANGE_MUTE;
    spec.item_count = 1;
    irc_text_assert(0, spec, ":srv 728 bob #ops q troll*!*@*\n:srv 729 bob #ops q :End of mute list\n");
    spec.change = CHAT_CHANGE_EXCEPT;
    irc_text_assert(0, spec, ":srv 348 bob #ops troll*!*@*\n:srv 349 bob #ops :End of ban exception list\n");
    spec.change = CHAT_CHANGE_ADMIT;
    irc_text_assert(0, spec,
                    ":srv 346 bob #ops troll*!*@*\n:srv 347 bob #ops :End of invite exception list\n");
}

static void test_irc_reply_about_the_server(void **state)
{
    (void)state;
    irc_text_assert(0, reply(CHAT_EV_MOTD, ""), ":srv 422 bob :There is no message of the day\n");
    irc_text_assert(0, reply(CHAT_EV_MOTD, "one\n\ntwo"),
                    ":srv 375 bob :Message of the day\n:srv 372 bob :one\n:srv 372 bob :\n:srv 372 bob :two\n"
                    ":srv 376 bob :End of MOTD\n");
    irc_text_assert(0, reply(CHAT_EV_TIME, ""), ":srv 391 bob srv :2026-11-21 14:05:03 UTC\n");
    irc_text_assert(0, reply(CHAT_EV_VERSION, "1.2"), ":srv 351 bob mingle-1.2 srv :\n");
}

static struct chat_event_spec refusal(enum chat_err err, const char *subject, const char *suggestion)
{
    struct chat_event_spec spec = reply(CHAT_EV_REFUSED, subject);

    spec.err = err;
    spec.extra = bytes_of(suggestion);
    return spec;
}

static void test_irc_reply_refusals_have_numerics(void **state)
{
    struct chat_event_spec slow = refusal(CHAT_ERR_SLOW_MODE, "#ops", "");
    (void)state;

    irc_text_assert(0, refusal(CHAT_ERR_NO_SUCH_USER, "nobody", "bob"),
                    ":srv 401 bob nobody :Nobody of that name is here\n");
    irc_text_assert(0, refusal(CHAT_ERR_NO_SUCH_USER, "a b", ""),
                    ":srv 401 bob * :Nobody of that name is here\n");
    irc_text_assert(0, refusal(CHAT_ERR_NOT_THERE, "carol", "#ops"),
                    ":srv 441 bob carol #ops :is not in that room\n");
    irc_text_assert(0, refusal(CHAT_ERR_TEXT_EMPTY, "", ""), ":srv 412 bob :No text to send\n");
    irc_text_assert(0, refusal(CHAT_ERR_NOT_OPERATOR, "#ops", "alice"),
                    ":srv 482 bob #ops :Only operators of the room do that\n");
    irc_text_assert(0, refusal(CHAT_ERR_ALREADY_IN_ROOM, "#ops", ""), "");
    slow.count = 7;
    irc_text_assert(0, slow, ":srv 404 bob #ops :The room is in slow mode (+W), for 7 more s\n");
}

static void assert_refused(const char *command, enum chat_err err, const char *want)
{
    const struct chat_item item = {.name = bytes_of(command)};
    struct chat_event_spec spec = refusal(err, "x", "");

    spec.items = &item;
    spec.item_count = 1;
    irc_text_assert(IRC_CAP_F_STANDARD_REPLIES, spec, want);
}

static void test_irc_reply_refusals_depend_on_the_command(void **state)
{
    (void)state;
    assert_refused("whois", CHAT_ERR_NO_SUCH_USER,
                   ":srv 401 bob x :Nobody of that name is here\n:srv 318 bob x :End of WHOIS list\n");
    assert_refused("names", CHAT_ERR_NO_SUCH_ROOM, ":srv 366 bob x :End of NAMES list\n");
    assert_refused("who", CHAT_ERR_NO_SUCH_ROOM, ":srv 315 bob x :End of WHO list\n");
    assert_refused("who-fields", CHAT_ERR_MASK_BAD, ":srv 315 bob x :End of WHO list\n");
    assert_refused("who", CHAT_ERR_NO_MEMORY,
                   ":srv FAIL * NO_MEMORY x :The server is short of memory; try again later\n"
                   ":srv 315 bob x :End of WHO list\n");
    assert_refused("topic", CHAT_ERR_NO_SUCH_ROOM, ":srv 403 bob x :There is no such room\n");
    assert_refused("say", CHAT_ERR_NOT_IN_ROOM, ":srv 404 bob x :You are not in that room\n");
    assert_refused("voiced", CHAT_ERR_BANNED, ":srv 404 bob x :You are banned from that room (+b)\n");
    assert_refused("topic", CHAT_ERR_NOT_IN_ROOM, ":srv 442 bob x :You are not in that room\n");
    assert_refused("join", CHAT_ERR_BANNED, ":srv 474 bob x :You are banned from that room (+b)\n");
}

static void test_irc_reply_refusals_without_numeric_are_standard_replies(void **state)
{
    struct chat_event_spec spec = refusal(CHAT_ERR_NOT_YOURSELF, "bob", "");
    (void)state;

    irc_text_assert(IRC_CAP_F_STANDARD_REPLIES, spec,
                    ":srv FAIL * NOT_YOURSELF bob :That cannot be done to yourself\n");
    irc_text_assert(0, spec, ":srv NOTICE bob :bob: That cannot be done to yourself\n");
    irc_text_assert(0, refusal(CHAT_ERR_BARE_WORD, "", ""), ":srv NOTICE bob :That was not done\n");
}

static void test_irc_reply_every_refusal_is_told(void **state)
{
    (void)state;
    for (int err = CHAT_OK + 1; err < CHAT_ERR_COUNT; err++) {
        char *text = irc_text_render(0, refusal((enum chat_err)err, "a", "b"),
                                     &(struct chat_view){.is_current = true});
        assert_int_equal(text[0] == '\0', err == CHAT_ERR_ALREADY_IN_ROOM);
        free(text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_reply_names),
        cmocka_unit_test(test_irc_reply_names_of_many_take_several_messages),
        cmocka_unit_test(test_irc_reply_rooms),
        cmocka_unit_test(test_irc_reply_topic),
        cmocka_unit_test(test_irc_reply_who),
        cmocka_unit_test(test_irc_reply_whois),
        cmocka_unit_test(test_irc_reply_counts),
        cmocka_unit_test(test_irc_reply_present),
        cmocka_unit_test(test_irc_reply_whox),
        cmocka_unit_test(test_irc_reply_whowas),
        cmocka_unit_test(test_irc_reply_monitor),
        cmocka_unit_test(test_irc_reply_uptime_invites_and_bots),
        cmocka_unit_test(test_irc_reply_stats_and_rehash),
        cmocka_unit_test(test_irc_reply_away),
        cmocka_unit_test(test_irc_reply_modes_and_lists),
        cmocka_unit_test(test_irc_reply_about_the_server),
        cmocka_unit_test(test_irc_reply_refusals_have_numerics),
        cmocka_unit_test(test_irc_reply_refusals_depend_on_the_command),
        cmocka_unit_test(test_irc_reply_refusals_without_numeric_are_standard_replies),
        cmocka_unit_test(test_irc_reply_every_refusal_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
