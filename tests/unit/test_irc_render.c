/* What IRC clients are told of what happens. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "chat/user.h"
#include "proto/irc_cap.h"
#include "proto/irc_render.h"
#include "support/irc_text.h"

#define ALICE ":alice!u@alice.mingle "
#define BOB ":bob!u@bob.mingle "

static struct chat_event_spec in_room(enum chat_event_kind kind, const char *text)
{
    return (struct chat_event_spec){.kind = (enum chat_event_kind)kind,
                                    .actor_id = 1,
                                    .room_id = 1,
                                    .actor = BYTES("alice"),
                                    .room = BYTES("#ops"),
                                    .text = bytes_of(text)};
}

static struct chat_event_spec by_bob(enum chat_event_kind kind, const char *text)
{
    struct chat_event_spec spec = in_room(kind, text);

    spec.actor = BYTES("bob");
    return spec;
}

static void test_irc_render_tells_what_happens_in_rooms(void **state)
{
    struct chat_event_spec kick = in_room(CHAT_EV_KICKED, "spam");
    struct chat_event_spec notice = in_room(CHAT_EV_MESSAGE, "beep");
    (void)state;

    irc_text_assert(0, in_room(CHAT_EV_MESSAGE, "hello there"), ALICE "PRIVMSG #ops :hello there\n");
    irc_text_assert(0, in_room(CHAT_EV_ACTION, "waves"), ALICE "PRIVMSG #ops :\001ACTION waves\001\n");
    notice.is_notice = true;
    irc_text_assert(0, notice, ALICE "NOTICE #ops :beep\n");
    irc_text_assert(0, in_room(CHAT_EV_JOINED, ""), ALICE "JOIN #ops\n");
    irc_text_assert(0, in_room(CHAT_EV_PARTED, ""), ALICE "PART #ops\n");
    irc_text_assert(0, in_room(CHAT_EV_PARTED, "see you"), ALICE "PART #ops :see you\n");
    irc_text_assert(0, in_room(CHAT_EV_QUIT, "see you"), ALICE "QUIT :see you\n");
    irc_text_assert(0, in_room(CHAT_EV_TOPIC, "a b"), ALICE "TOPIC #ops :a b\n");
    irc_text_assert(0, in_room(CHAT_EV_TOPIC, ""), ALICE "TOPIC #ops :\n");
    irc_text_assert(0, in_room(CHAT_EV_RENAMED, "carol"), ALICE "NICK carol\n");
    kick.extra = BYTES("troll");
    irc_text_assert(0, kick, ALICE "KICK #ops troll :spam\n");
}

static void test_irc_render_adds_what_was_agreed_on(void **state)
{
    (void)state;
    irc_text_assert(IRC_CAP_F_SERVER_TIME, in_room(CHAT_EV_MESSAGE, "hi"),
                    "@time=2026-11-21T14:05:03.120Z " ALICE "PRIVMSG #ops :hi\n");
    irc_text_assert(IRC_CAP_F_MESSAGE_TAGS, in_room(CHAT_EV_MESSAGE, "hi"),
                    "@msgid=1a1fe6cc310-10 " ALICE "PRIVMSG #ops :hi\n");
    irc_text_assert(IRC_CAP_F_MESSAGE_TAGS, in_room(CHAT_EV_JOINED, ""), ALICE "JOIN #ops\n");
    irc_text_assert(IRC_CAP_F_EXTENDED_JOIN, in_room(CHAT_EV_JOINED, ""), ALICE "JOIN #ops * :alice\n");
    irc_text_assert(IRC_CAP_F_SERVER_TIME, in_room(CHAT_EV_QUIT, ""),
                    "@time=2026-11-21T14:05:03.120Z " ALICE "QUIT\n");
}

static void assert_own(uint32_t caps, struct chat_event_spec spec, const char *want)
{
    char *text = irc_text_render(caps, spec, &(struct chat_view){.is_actor = true});

    assert_string_equal(text, want);
    free(text);
}

static void test_irc_render_echoes_only_with_echo_message(void **state)
{
    struct chat_event_spec sent = by_bob(CHAT_EV_PRIVATE_SENT, "hi");
    (void)state;

    assert_own(0, by_bob(CHAT_EV_MESSAGE, "hi"), "");
    assert_own(IRC_CAP_F_ECHO_MESSAGE, by_bob(CHAT_EV_MESSAGE, "hi"), BOB "PRIVMSG #ops :hi\r\n");
    assert_own(IRC_CAP_F_ALL & ~IRC_CAP_F_ECHO_MESSAGE, by_bob(CHAT_EV_MESSAGE, "hi"), "");
    assert_own(IRC_CAP_F_ECHO_MESSAGE, by_bob(CHAT_EV_PARTED, ""), "");
    sent.extra = BYTES("alice");
    sent.count = 1; /* the event before it went to alice, with that id */
    irc_text_assert(0, sent, "");
    irc_text_assert(IRC_CAP_F_ECHO_MESSAGE | IRC_CAP_F_MESSAGE_TAGS, sent,
                    "@msgid=1a1fe6cc310-f " BOB "PRIVMSG alice :hi\n");
    irc_text_assert(IRC_CAP_F_MESSAGE_TAGS, in_room(CHAT_EV_PRIVATE, "hi"),
                    "@msgid=1a1fe6cc310-10 " ALICE "PRIVMSG bob :hi\n");
    irc_text_assert(IRC_CAP_F_ECHO_MESSAGE, sent, BOB "PRIVMSG alice :hi\n");
}

static void test_irc_render_makes_several_messages_of_lines(void **state)
{
    (void)state;
    irc_text_assert(IRC_CAP_F_MESSAGE_TAGS, in_room(CHAT_EV_MESSAGE, "one\n\ntwo"),
                    "@msgid=1a1fe6cc310-10 " ALICE "PRIVMSG #ops :one\n" ALICE "PRIVMSG #ops :two\n");
    irc_text_assert(0, in_room(CHAT_EV_ACTION, "a\nb"),
                    ALICE "PRIVMSG #ops :\001ACTION a\001\n" ALICE "PRIVMSG #ops :\001ACTION b\001\n");
}

/* All pieces without what is around them. */
static size_t said_bytes(const char *text, const char *around, size_t *ret_messages)
{
    size_t bytes = 0;

    *ret_messages = 0;
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_int_equal(strncmp(line, around, strlen(around)), 0);
        size_t len = strcspn(line, "\r");
        assert_true(len <= 510);
        bytes += len - strlen(around);
        ++*ret_messages;
    }
    return bytes;
}

static void test_irc_render_cuts_long_texts_without_loss(void **state)
{
    static char text[4097];
    static const char around[] = ALICE "PRIVMSG #ops :";
    size_t messages, limit = 510 - strlen(around);
    (void)state;

    memset(text, 'x', limit + 1);
    for (size_t cut = 0; cut < 2; cut++) {
        text[limit + cut] = '\0';
        char *have =
            irc_text_render(0, in_room(CHAT_EV_MESSAGE, text), &(struct chat_view){.is_current = true});
        assert_int_equal(said_bytes(have, around, &messages), limit + cut);
        assert_int_equal(messages, 1 + cut);
        free(have);
        text[limit + cut] = 'x';
    }
    for (size_t i = 0; i < 4096; i += 2)
        memcpy(&text[i], "\xc3\xa4", 2);
    char *have = irc_text_render(0, in_room(CHAT_EV_MESSAGE, text), &(struct chat_view){.is_current = true});
    assert_int_equal(said_bytes(have, around, &messages), 4096);
    free(have);
}

static void test_irc_render_answers_as_if_from_oneself(void **state)
{
    struct chat_event_spec kicked = in_room(CHAT_EV_KICKED_OUT, "spam");
    (void)state;

    irc_text_assert(0, in_room(CHAT_EV_PRIVATE, "psst"), ALICE "PRIVMSG bob :psst\n");
    irc_text_assert(0, by_bob(CHAT_EV_LEFT, ""), BOB "PART #ops\n");
    irc_text_assert(0, by_bob(CHAT_EV_NICK, "rob"), BOB "NICK rob\n");
    irc_text_assert(0, by_bob(CHAT_EV_NICK, "bob"), "");
    irc_text_assert(0, by_bob(CHAT_EV_TOPIC_SET, "new"), BOB "TOPIC #ops :new\n");
    irc_text_assert(0, in_room(CHAT_EV_INVITED, ""), ALICE "INVITE bob #ops\n");
    irc_text_assert(0, in_room(CHAT_EV_KILLED, "spam"), ALICE "KILL bob :spam\n");
    irc_text_assert(0, in_room(CHAT_EV_WALL, "restart"), ALICE "NOTICE bob :restart\n");
    irc_text_assert(0, kicked, ALICE "KICK #ops bob :spam\n");
    irc_text_assert(0, by_bob(CHAT_EV_NOTICE, "one\ntwo"), ":srv NOTICE bob :one\n:srv NOTICE bob :two\n");
    irc_text_assert(0, by_bob(CHAT_EV_SWITCHED, ""), "");
}

static void test_irc_render_entering_is_a_join_and_the_topic(void **state)
{
    struct chat_event_spec spec = by_bob(CHAT_EV_ENTERED, "");
    (void)state;

    irc_text_assert(0, spec, "");
    spec.text = BYTES("Release on Friday");
    irc_text_assert(0, spec, ":srv 332 bob #ops :Release on Friday\n");
    char *text = irc_text_render(0, by_bob(CHAT_EV_JOINED, ""), &(struct chat_view){.is_actor = true});
    assert_string_equal(text, BOB "JOIN #ops\r\n");
    free(text);
    irc_text_assert(IRC_CAP_F_EXTENDED_JOIN, by_bob(CHAT_EV_JOINED, ""), BOB "JOIN #ops * :bob\n");
    irc_text_assert(IRC_CAP_F_EXTENDED_JOIN, by_bob(CHAT_EV_JOINED, "Bob B."), BOB "JOIN #ops * :Bob B.\n");
}

/* IRCv3, "away-notify": also when somebody comes who is away. */
static void test_irc_render_says_that_who_comes_is_away(void **state)
{
    struct chat_event_spec joined = in_room(CHAT_EV_JOINED, "");
    (void)state;

    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, joined, ALICE "JOIN #ops\n");
    joined.extra = BYTES("lunch");
    irc_text_assert(0, joined, ALICE "JOIN #ops\n");
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, joined, ALICE "JOIN #ops\n" ALICE "AWAY :lunch\n");
    assert_own(IRC_CAP_F_AWAY_NOTIFY, joined, ALICE "JOIN #ops\r\n");
}

static void test_irc_render_tells_of_changes_who_agreed(void **state)
{
    struct chat_event_spec away = in_room(CHAT_EV_AWAY_CHANGED, "lunch");
    struct chat_event_spec renamed = in_room(CHAT_EV_RENAMED, "al");
    struct chat_event_spec own = by_bob(CHAT_EV_REALNAME, "Bob B.");
    (void)state;

    irc_text_assert(0, away, "");
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, away, ALICE "AWAY\n");
    away.count = 1;
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, away, ALICE "AWAY :lunch\n");
    away.text = BYTES("");
    irc_text_assert(IRC_CAP_F_AWAY_NOTIFY, away, ALICE "AWAY :away\n");
    irc_text_assert(0, in_room(CHAT_EV_REALNAME_CHANGED, "A. L."), "");
    irc_text_assert(IRC_CAP_F_SETNAME, in_room(CHAT_EV_REALNAME_CHANGED, "A. L."), ALICE "SETNAME :A. L.\n");
    irc_text_assert(IRC_CAP_F_SETNAME, own, ""); /* it was only asked for */
    own.count = 1;
    irc_text_assert(IRC_CAP_F_SETNAME, own, BOB "SETNAME :Bob B.\n");
    irc_text_assert(IRC_CAP_F_CHGHOST, renamed, ALICE "NICK al\n:al!u@alice.mingle CHGHOST u :al.mingle\n");
}

static void test_irc_render_passes_tags_of_clients_on(void **state)
{
    const uint32_t caps = IRC_CAP_F_MESSAGE_TAGS;
    struct chat_event_spec tags = in_room(CHAT_EV_TAGS, ""), said = in_room(CHAT_EV_MESSAGE, "hi");
    struct chat_event_spec alone = in_room(CHAT_EV_PRIVATE_TAGS, "");
    (void)state;

    tags.tags = said.tags = alone.tags = BYTES("label=1;+typing=active;+x/y.z;+b@d=1;+=1");
    irc_text_assert(0, tags, "");
    irc_text_assert(caps, tags, "@+typing=active;+x/y.z " ALICE "TAGMSG #ops\n");
    irc_text_assert(0, said, ALICE "PRIVMSG #ops :hi\n");
    irc_text_assert(caps, said, "@msgid=1a1fe6cc310-10;+typing=active;+x/y.z " ALICE "PRIVMSG #ops :hi\n");
    said.is_bot = tags.is_bot = true;
    said.tags = BYTES("");
    irc_text_assert(caps, said, "@msgid=1a1fe6cc310-10;bot " ALICE "PRIVMSG #ops :hi\n");
    irc_text_assert(caps, tags, "@+typing=active;+x/y.z;bot " ALICE "TAGMSG #ops\n");
    assert_own(caps, tags, "");
    struct chat_event_spec joined = in_room(CHAT_EV_JOINED, ""), heir = in_room(CHAT_EV_CHANGED, "");
    joined.is_bot = heir.is_bot = true;
    irc_text_assert(caps, joined, "@bot " ALICE "JOIN #ops\n");
    irc_text_assert(0, joined, ALICE "JOIN #ops\n");
    heir.change = CHAT_CHANGE_SUCCEED; /* that is the server's */
    heir.extra = BYTES("alice");
    irc_text_assert(caps, heir, ":srv MODE #ops +o alice\n");
    irc_text_assert(caps, alone, "@+typing=active;+x/y.z " ALICE "TAGMSG bob\n");
    alone.count = 1;
    alone.extra = BYTES("carol");
    irc_text_assert(caps, alone, "");
    irc_text_assert(caps | IRC_CAP_F_ECHO_MESSAGE, alone, "@+typing=active;+x/y.z " ALICE "TAGMSG carol\n");
}

static void test_irc_render_talks_to_roles(void **state)
{
    struct chat_event_spec said = in_room(CHAT_EV_ROLE_SAID, "hi");
    (void)state;

    irc_text_assert(0, said, ALICE "PRIVMSG @#ops :hi\n");
    said.count = 1;
    said.is_notice = true;
    irc_text_assert(0, said, ALICE "NOTICE +#ops :hi\n");
    assert_own(0, said, "");
    assert_own(IRC_CAP_F_ECHO_MESSAGE, said, ALICE "NOTICE +#ops :hi\r\n");
    irc_text_assert(0, in_room(CHAT_EV_WALLOPS, "fire"), ALICE "WALLOPS :fire\n");
}

static void test_irc_render_modes_and_invitations(void **state)
{
    struct chat_event_spec modes = by_bob(CHAT_EV_USER_MODES, ""), there = in_room(CHAT_EV_INVITED_THERE, "");
    (void)state;

    irc_text_assert(0, modes, ":srv 221 bob +\n");
    modes.count = USER_MODE_OPERATOR | USER_MODE_BOT | USER_MODE_HIDDEN | USER_MODE_WALLOPS;
    irc_text_assert(0, modes, ":srv 221 bob +Biow\n");
    modes.text = BYTES("bot");
    modes.extra = BYTES("on");
    irc_text_assert(0, modes, BOB "MODE bob +B\n");
    modes.extra = BYTES("off");
    irc_text_assert(0, modes, BOB "MODE bob -B\n");
    there.extra = BYTES("carol");
    irc_text_assert(0, there, "");
    irc_text_assert(IRC_CAP_F_INVITE_NOTIFY, there, ALICE "INVITE carol #ops\n");
    assert_own(IRC_CAP_F_INVITE_NOTIFY, there, "");
}

static void test_irc_render_shows_history_in_a_batch(void **state)
{
    const uint32_t caps = IRC_CAP_F_BATCH | IRC_CAP_F_SERVER_TIME;
    struct chat_event_spec said = in_room(CHAT_EV_MESSAGE, "before");
    struct chat_event *before = chat_event_new(&said);
    struct chat_view view = {.history = &before, .history_count = 1};
    (void)state;

    assert_non_null(before);
    before->wall_ms = IRC_TEXT_NOW_MS - 3120;
    char *text = irc_text_render(caps, by_bob(CHAT_EV_ENTERED, ""), &view);
    assert_string_equal(text, ":srv BATCH +10 chathistory #ops\r\n"
                              "@batch=10;time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :before\r\n"
                              ":srv BATCH -10\r\n");
    free(text);
    text = irc_text_render(IRC_CAP_F_SERVER_TIME, by_bob(CHAT_EV_ENTERED, ""), &view);
    assert_string_equal(text, "@time=2026-11-21T14:05:00.000Z " ALICE "PRIVMSG #ops :[14:05 UTC] before\r\n");
    free(text);
    text = irc_text_render(IRC_CAP_F_BATCH, by_bob(CHAT_EV_ENTERED, ""), &view);
    assert_string_equal(text, "");
    free(text);
    text = irc_text_render(caps | IRC_CAP_F_CHATHISTORY, by_bob(CHAT_EV_ENTERED, ""), &view);
    assert_string_equal(text, "");
    free(text);
    text = irc_text_render(caps, by_bob(CHAT_EV_ENTERED, ""), &(struct chat_view){.is_current = true});
    assert_string_equal(text, "");
    free(text);
    chat_event_unref(before);
}

static void test_irc_render_operators_of_the_server(void **state)
{
    struct chat_event_spec spec = by_bob(CHAT_EV_SERVER_OPERATOR, "");
    (void)state;

    irc_text_assert(0, spec, ":srv MODE bob -o\n");
    spec.count = 1;
    irc_text_assert(0, spec, ":srv MODE bob +o\n:srv 381 bob :You are an operator of the server now\n");
    spec = by_bob(CHAT_EV_KILL_DONE, "");
    spec.extra = BYTES("troll");
    irc_text_assert(0, spec, ":srv NOTICE bob :You disconnected troll\n");
}

static struct chat_event_spec change(enum chat_change what, const char *extra, uint32_t count)
{
    struct chat_event_spec spec = in_room(CHAT_EV_CHANGED, "");

    spec.change = what;
    spec.extra = bytes_of(extra);
    spec.count = count;
    return spec;
}

static void test_irc_render_changes_are_modes(void **state)
{
    struct chat_event_spec key = change(CHAT_CHANGE_KEY, "", 1);
    (void)state;

    irc_text_assert(0, change(CHAT_CHANGE_OP, "carol", 0), ALICE "MODE #ops +o carol\n");
    irc_text_assert(0, change(CHAT_CHANGE_DEVOICE, "carol", 0), ALICE "MODE #ops -v carol\n");
    irc_text_assert(0, change(CHAT_CHANGE_SUCCEED, "alice", 0), ":srv MODE #ops +o alice\n");
    irc_text_assert(0, change(CHAT_CHANGE_BAN, "troll", 0), ALICE "MODE #ops +b troll!*@*\n");
    irc_text_assert(0, change(CHAT_CHANGE_UNMUTE, "*@h", 0), ALICE "MODE #ops -q *!*@h.mingle\n");
    irc_text_assert(0, change(CHAT_CHANGE_EXCEPT, "carol", 0), ALICE "MODE #ops +e carol!*@*\n");
    irc_text_assert(0, change(CHAT_CHANGE_UNEXCEPT, "c*", 0), ALICE "MODE #ops -e c*!*@*\n");
    irc_text_assert(0, change(CHAT_CHANGE_ADMIT, "*@h", 0), ALICE "MODE #ops +I *!*@h.mingle\n");
    irc_text_assert(0, change(CHAT_CHANGE_UNADMIT, "carol", 0), ALICE "MODE #ops -I carol!*@*\n");
    irc_text_assert(0, change(CHAT_CHANGE_LIMIT, "", 20), ALICE "MODE #ops +l 20\n");
    irc_text_assert(0, change(CHAT_CHANGE_LIMIT, "", 0), ALICE "MODE #ops -l\n");
    irc_text_assert(0, change(CHAT_CHANGE_SLOW, "", 10), ALICE "MODE #ops +W 10\n");
    irc_text_assert(0, change(CHAT_CHANGE_INVITE_ONLY, "", 1), ALICE "MODE #ops +i\n");
    irc_text_assert(0, change(CHAT_CHANGE_MODERATED, "", 0), ALICE "MODE #ops -m\n");
    irc_text_assert(0, key, ALICE "MODE #ops +k *\n");
    key.kind = CHAT_EV_CHANGE_DONE;
    key.text = BYTES("sesame");
    irc_text_assert(0, key, ALICE "MODE #ops +k sesame\n");
    irc_text_assert(0, change(CHAT_CHANGE_KEY, "", 0), ALICE "MODE #ops -k *\n");
}

static void test_irc_render_done_is_the_same_message(void **state)
{
    struct chat_event_spec spec = change(CHAT_CHANGE_KICK, "troll", 0),
                           kick = in_room(CHAT_EV_KICKED, "spam");
    (void)state;

    spec.kind = CHAT_EV_CHANGE_DONE;
    irc_text_assert(0, spec, ""); /* the KICK that the others get, too */
    kick.extra = BYTES("troll");
    assert_own(0, kick, ALICE "KICK #ops troll :spam\r\n");
    spec.change = CHAT_CHANGE_INVITE;
    irc_text_assert(0, spec, ":srv 341 bob troll #ops\n");
}

/* Long names and texts, every kind, every capability: no line is too long or broken (irc_text_render). */
static void test_irc_render_keeps_the_limits_for_every_event(void **state)
{
    static const uint32_t caps[] = {0, IRC_CAP_F_ALL, IRC_CAP_F_EXTENDED_JOIN, IRC_CAP_F_SERVER_TIME};
    static char text[4001], name[31], room[51];
    struct chat_item items[3];
    size_t written = 0;
    (void)state;

    memset(text, 't', sizeof(text) - 1);
    memset(name, 'n', sizeof(name) - 1);
    memset(room, 'r', sizeof(room) - 1);
    room[0] = '#';
    for (size_t i = 0; i < ARRAY_LEN(items); i++)
        items[i] = (struct chat_item){
            .name = bytes_of(name), .detail = bytes_of(text), .count = UINT32_MAX, .flags = ~0u};
    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        /* There it is who has set the topic. */
        items[0].detail = kind == CHAT_EV_ROOM_RENAMED ? bytes_of(name) : bytes_of(text);
        struct chat_event_spec spec = {.kind = (enum chat_event_kind)kind,
                                       .err = CHAT_ERR_NO_SUCH_USER,
                                       .change = CHAT_CHANGE_BAN,
                                       .actor = bytes_of(name),
                                       .extra = bytes_of(name),
                                       .room = bytes_of(room),
                                       .text = kind == CHAT_EV_RENAMED || kind == CHAT_EV_NICK ? BYTES("new")
                                               : kind == CHAT_EV_WHO                           ? BYTES("*")
                                                                     : bytes_of(text),
                                       .items = kind == CHAT_EV_MODES ? NULL : items,
                                       .item_count = kind == CHAT_EV_MODES ? 0 : ARRAY_LEN(items),
                                       .count = UINT32_MAX};
        for (size_t i = 0; i < ARRAY_LEN(caps); i++) {
            char *have = irc_text_render(caps[i], spec, &(struct chat_view){.is_current = true});
            written += have[0] != '\0';
            free(have);
        }
    }
    assert_true(written > 100);
}

static void test_irc_render_goodbye_is_an_error(void **state)
{
    (void)state;
    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++) {
        struct buf out;
        buf_init(&out, 512);
        irc_render_goodbye((enum close_reason)reason, &out);
        assert_true(bytes_starts_with(buf_bytes(&out), BYTES("ERROR :Closing link: ")));
        assert_int_equal(buf_error(&out), 0);
        buf_done(&out);
    }
}

static void test_irc_render_gap_tells_in_the_room(void **state)
{
    const struct irc_reader reader = {.server = BYTES("srv")};
    struct buf out;
    (void)state;

    buf_init(&out, 512);
    irc_render_gap(&reader, BYTES("#ops"), 1, &out);
    irc_render_gap(&reader, BYTES("#ops"), 12, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, ":srv NOTICE #ops :1 line was skipped: you were reading too slowly\r\n"
                                 ":srv NOTICE #ops :12 lines were skipped: you were reading too slowly\r\n");
    buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_render_tells_what_happens_in_rooms),
        cmocka_unit_test(test_irc_render_adds_what_was_agreed_on),
        cmocka_unit_test(test_irc_render_echoes_only_with_echo_message),
        cmocka_unit_test(test_irc_render_makes_several_messages_of_lines),
        cmocka_unit_test(test_irc_render_cuts_long_texts_without_loss),
        cmocka_unit_test(test_irc_render_answers_as_if_from_oneself),
        cmocka_unit_test(test_irc_render_entering_is_a_join_and_the_topic),
        cmocka_unit_test(test_irc_render_says_that_who_comes_is_away),
        cmocka_unit_test(test_irc_render_tells_of_changes_who_agreed),
        cmocka_unit_test(test_irc_render_passes_tags_of_clients_on),
        cmocka_unit_test(test_irc_render_talks_to_roles),
        cmocka_unit_test(test_irc_render_modes_and_invitations),
        cmocka_unit_test(test_irc_render_shows_history_in_a_batch),
        cmocka_unit_test(test_irc_render_operators_of_the_server),
        cmocka_unit_test(test_irc_render_changes_are_modes),
        cmocka_unit_test(test_irc_render_done_is_the_same_message),
        cmocka_unit_test(test_irc_render_keeps_the_limits_for_every_event),
        cmocka_unit_test(test_irc_render_goodbye_is_an_error),
        cmocka_unit_test(test_irc_render_gap_tells_in_the_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
