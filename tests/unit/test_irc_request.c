/* What IRC clients ask for, as requests. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "chat/chat_event.h"
#include "proto/irc_cap.h"
#include "proto/irc_request.h"

/* "command[room](word,word)text" for each request, then what is answered. A notice has a '!' in front. */
static void describe(const struct irc_requests *requests, struct buf *out)
{
    for (size_t i = 0; i < requests->count; i++) {
        const struct chat_request *request = &requests->items[i];
        buf_put_text(out, request->is_notice ? "!" : "");
        buf_put_text(out, request->command->name);
        if (request->room.len > 0)
            buf_printf(out, "[%.*s]", BYTES_ARG(request->room));
        for (size_t k = 0; k < request->word_count; k++)
            buf_printf(out, "%s%.*s%s", k == 0 ? "(" : ",", BYTES_ARG(request->words[k]),
                       k + 1 == request->word_count ? ")" : "");
        if (request->text.len > 0)
            buf_printf(out, " %.*s", BYTES_ARG(request->text));
        if (request->tags.len > 0)
            buf_printf(out, " {%.*s}", BYTES_ARG(request->tags));
        buf_put_text(out, "\n");
    }
}

static void assert_asks_with(uint32_t caps, const char *line, const char *want)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob"), .caps = caps};
    struct irc_requests requests;
    struct irc_message message;
    struct buf answers, have;

    buf_init(&answers, 8192);
    buf_init(&have, 16384);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    irc_request(&reader, &message, &requests, &answers);
    describe(&requests, &have);
    for (size_t i = 0; i < answers.len; i++) {
        if (answers.ptr[i] != '\r')
            buf_put_char(&have, answers.ptr[i]);
    }
    buf_put_char(&have, '\0');
    assert_int_equal(buf_error(&have) | buf_error(&answers), 0);
    assert_string_equal(have.ptr, want);
    buf_done(&answers);
    buf_done(&have);
}

static void assert_asks(const char *line, const char *want)
{
    assert_asks_with(0, line, want);
}

static void test_irc_request_join_pairs_rooms_and_keys(void **state)
{
    (void)state;
    assert_asks("JOIN #a", "join(#a)\n");
    assert_asks("join #a,#b,#c k1,,k3", "join(#a,k1)\njoin(#b)\njoin(#c,k3)\n");
    assert_asks("JOIN ops,#b", "join(#b)\n:srv 403 bob ops :There is no such room\n");
    assert_asks("JOIN 0", "leave-all\n");
    assert_asks("JOIN 0,#a", "join(#a)\n:srv 403 bob 0 :There is no such room\n");
    assert_asks("JOIN", ":srv 461 bob JOIN :Not enough parameters\n");
    assert_asks("JOIN :", ":srv 461 bob JOIN :Not enough parameters\n");
}

static void test_irc_request_has_a_limit_of_targets(void **state)
{
    (void)state;
    assert_asks("PART #0,#1,#2,#3,#4,#5,#6,#7,#8,#9",
                "part(#0)\npart(#1)\npart(#2)\npart(#3)\npart(#4)\npart(#5)\npart(#6)\npart(#7)\npart(#8)\n"
                "part(#9)\n");
    assert_asks("PART #0,#1,#2,#3,#4,#5,#6,#7,#8,#9,#10,#11",
                "part(#0)\npart(#1)\npart(#2)\npart(#3)\npart(#4)\npart(#5)\npart(#6)\npart(#7)\npart(#8)\n"
                "part(#9)\n:srv 407 bob #10 :Too many targets; this one and those behind it were left out\n");
}

static void test_irc_request_says_to_rooms_and_people(void **state)
{
    (void)state;
    assert_asks("PRIVMSG #a,alice :hello there", "say[#a] hello there\nmsg(alice) hello there\n");
    assert_asks("PRIVMSG #a :\001ACTION waves\001", "me[#a] waves\n");
    assert_asks("PRIVMSG #a :\001ACTION waves", "me[#a] waves\n");
    assert_asks("PRIVMSG alice,#a :\001ACTION waves\001", "msg(alice) * bob waves\nme[#a] waves\n");
    assert_asks("NOTICE #a :beep", "!say[#a] beep\n");
}

static void test_irc_request_refuses_what_cannot_be_said(void **state)
{
    (void)state;
    assert_asks("PRIVMSG", ":srv 411 bob :No recipient given\n");
    assert_asks("PRIVMSG #a", ":srv 412 bob :No text to send\n");
    assert_asks("PRIVMSG #a :", ":srv 412 bob :No text to send\n");
    assert_asks("PRIVMSG alice :\001VERSION\001",
                ":srv NOTICE bob :Not sent: of CTCP only ACTION is passed on here\n");
    assert_asks("NOTICE", "");
    assert_asks("NOTICE alice", "");
    assert_asks("NOTICE alice :\001VERSION x\001", "");
    assert_asks("NOTICE a,b,c,d,e,f,g,h,i,j,k :x",
                "!msg(a) x\n!msg(b) x\n!msg(c) x\n!msg(d) x\n!msg(e) x\n!msg(f) x\n!msg(g) x\n!msg(h) x\n"
                "!msg(i) x\n!msg(j) x\n");
}

static void test_irc_request_topic_shows_sets_and_clears(void **state)
{
    (void)state;
    assert_asks("TOPIC #a", "topic[#a]\n");
    assert_asks("TOPIC #a :new one", "topic[#a] new one\n");
    assert_asks("TOPIC #a :", "topic[#a] -\n");
    assert_asks("TOPIC a :x", ":srv 403 bob a :There is no such room\n");
}

static void test_irc_request_about_rooms(void **state)
{
    (void)state;
    assert_asks("PART #a,#b :see you", "part(#a) see you\npart(#b) see you\n");
    assert_asks("NAMES", ":srv 366 bob * :End of NAMES list\n");
    assert_asks("NAMES #a,#b", "names(#a)\nnames(#b)\n");
    assert_asks("NAMES ops,#b", "names(#b)\n:srv 366 bob ops :End of NAMES list\n");
    assert_asks("INVITE alice #a", "invite[#a](alice)\n");
    assert_asks("INVITE #a alice", ":srv 403 bob alice :There is no such room\n");
    assert_asks("KICK #a alice,carol :spam", "kick[#a](alice) spam\nkick[#a](carol) spam\n");
    assert_asks("KICK #a", ":srv 461 bob KICK :Not enough parameters\n");
    assert_asks("WHO al*!*@*", "who-fields(al*,al*!*@* )\n");
    assert_asks("WHO al*!*@* %n", "who-fields(al*,al*!*@* %n)\n");
    assert_asks("WHO !*@*", "who-fields(*,!*@* )\n");
    assert_asks("WHO a!b", "who-fields(a,a!b )\n");
    assert_asks("WHO a!b@*", ":srv 315 bob a!b@* :End of WHO list\n");
    assert_asks("WHO a,b!*@*", ":srv 315 bob a,b!*@* :End of WHO list\n");
    assert_asks("WHO #a!b", "who(#a!b)\n");
    assert_asks("WHO *!*@192.*", ":srv 315 bob *!*@192.* :End of WHO list\n");
    assert_asks("WHO *@a", ":srv 315 bob *@a :End of WHO list\n");
    assert_asks("LIST", "rooms\n");
}

static void test_irc_request_about_people_and_the_server(void **state)
{
    (void)state;
    assert_asks("NICK alice", "nick(alice)\n");
    assert_asks("NICK", ":srv 431 bob :No name given\n");
    assert_asks("AWAY :lunch", "away lunch\n");
    assert_asks("AWAY", "back\n");
    assert_asks("AWAY :", "back\n");
    assert_asks("WHO", "who(*)\n");
    assert_asks("WHO 0", "who-fields(*,0 )\n");
    assert_asks("WHO #a", "who(#a)\n");
    assert_asks("WHOIS alice", "whois(alice)\n");
    assert_asks("WHOIS srv alice", "whois(alice)\n");
    assert_asks("WHOIS", ":srv 431 bob :No name given\n");
    assert_asks("WHOIS ,", ":srv 431 bob :No name given\n");
    assert_asks("OPER root secret word", "oper(root) secret\n");
    assert_asks("KILL troll :spam", "kill(troll) spam\n");
    assert_asks("QUIT :bye", "quit bye\n");
    assert_asks("MOTD", "motd\n");
    assert_asks("TIME", "time\n");
    assert_asks("VERSION", "version\n");
    assert_asks("PING :a b", ":srv PONG srv :a b\n");
    assert_asks("PING", ":srv 409 bob :PING wants a text, which comes back\n");
    assert_asks("PONG srv", "");
    assert_asks("@+typing=active TAGMSG #a", "");
    assert_asks("TAGMSG", ":srv 461 bob TAGMSG :Not enough parameters\n");
    assert_asks("USER a 0 * :b", ":srv 462 bob :You have done that already\n");
    assert_asks("NOSUCH a b", ":srv 421 bob NOSUCH :Unknown command\n");
    assert_asks("001", ":srv 421 bob 001 :Unknown command\n");
}

static void test_irc_request_modes_of_rooms(void **state)
{
    (void)state;
    assert_asks("MODE #a", "mode[#a]\n");
    assert_asks("MODE #a +o-v+im alice carol",
                "op[#a](alice)\ndevoice[#a](carol)\nmode[#a](invite-only,on)\nmode[#a](moderated,on)\n");
    assert_asks("MODE #a -st", "mode[#a](secret,off)\nmode[#a](topic-lock,off)\n");
    assert_asks("MODE #a +klW sesame 20 10", "key[#a](sesame)\nlimit[#a](20)\nslow[#a](10)\n");
    assert_asks("MODE #a -klW sesame", "key[#a](off)\nlimit[#a](off)\nslow[#a](off)\n");
    assert_asks("MODE #a -kb * *!*@bob.mingle", "key[#a](off)\nunban[#a](*@bob)\n");
    assert_asks("MODE #a +bq troll!*@* t*!*@*", "ban[#a](troll)\nmute[#a](t*)\n");
    assert_asks("MODE #a b", "ban[#a]\n");
    assert_asks("MODE #a +q", "mute[#a]\n");
    assert_asks("MODE #a e", "except[#a]\n");
    assert_asks("MODE #a +bI", "ban[#a]\nadmit[#a]\n");
    assert_asks("MODE #a +eI c*!*@* *!*@bob.mingle", "except[#a](c*)\nadmit[#a](*@bob)\n");
    assert_asks("MODE #a -e-I c*!*@* bob", "unexcept[#a](c*)\nunadmit[#a](bob)\n");
    assert_asks("MODE #a +n", "");
}

static void test_irc_request_bans_that_mute(void **state)
{
    (void)state;
    assert_asks("MODE #a +b m:t*!*@*", "mute[#a](t*)\n");
    assert_asks("MODE #a -b m:*!*@bob.mingle", "unmute[#a](*@bob)\n");
    assert_asks("MODE #a +bb troll m:troll", "ban[#a](troll)\nmute[#a](troll)\n");
    assert_asks("MODE #a +b m", "ban[#a](m)\n");
    assert_asks("MODE #a +b m!u@*", "ban[#a](m)\n");
    assert_asks("MODE #a +b m:", ":srv 696 bob #a b m: :is no value for that mode\n");
    assert_asks("MODE #a +b m:*!*@*", ":srv 696 bob #a b m:*!*@* :is no value for that mode\n");
    assert_asks("MODE #a +b M:troll", ":srv 696 bob #a b M:troll :is no value for that mode\n");
    assert_asks("MODE #a +q m:troll", ":srv 696 bob #a q m:troll :is no value for that mode\n");
    assert_asks("MODE #a +e m:troll", ":srv 696 bob #a e m:troll :is no value for that mode\n");
}

static void test_irc_request_refuses_bad_modes(void **state)
{
    (void)state;
    assert_asks("MODE #a +zi", "mode[#a](invite-only,on)\n:srv 472 bob z :is no mode of rooms\n");
    assert_asks(
        "MODE #a +e-I *!*@* *",
        ":srv 696 bob #a e *!*@* :is no value for that mode\n:srv 696 bob #a I * :is no value for that mode\n");
    assert_asks("MODE #a +b *!*@*", ":srv 696 bob #a b *!*@* :is no value for that mode\n");
    assert_asks("MODE #a +l x", ":srv 696 bob #a l x :is no value for that mode\n");
    assert_asks("MODE #a +l 0", ":srv 696 bob #a l 0 :is no value for that mode\n");
    assert_asks("MODE #a +l off", ":srv 696 bob #a l off :is no value for that mode\n");
    assert_asks("MODE #a +k OFF", ":srv 696 bob #a k OFF :is no value for that mode\n");
    assert_asks("MODE #a +k :a b", ":srv 696 bob #a k * :is no value for that mode\n");
    assert_asks("MODE #a +o", ":srv 461 bob MODE :Not enough parameters\n");
    assert_asks("MODE #a -n", ":srv 696 bob #a n -n :is no value for that mode\n");
}

static void test_irc_request_has_a_limit_of_modes(void **state)
{
    char want[1024] = "", line[] = "MODE #a +ststststsi";
    struct buf out;
    (void)state;

    buf_init_fixed(&out, want, sizeof(want));
    for (int i = 0; i < 9; i++)
        buf_printf(&out, "mode[#a](%s,on)\n", i % 2 == 0 ? "secret" : "topic-lock");
    buf_put_text(&out, "mode[#a](invite-only,on)\n");
    buf_put_char(&out, '\0');
    assert_asks(line, want);
    assert_asks("MODE #a +ststststsim", want);
}

static void test_irc_request_rows_are_sorted(void **state)
{
    (void)state;
    for (size_t i = 1; irc_request_row(i) != NULL; i++)
        assert_true(strcmp(irc_request_row(i - 1)->name, irc_request_row(i)->name) < 0);
}

static void test_irc_request_asks_about_people(void **state)
{
    (void)state;
    assert_asks("ISON", ":srv 461 bob ISON :Not enough parameters\n");
    assert_asks("ISON a b :c d", "ison a b c d \n");
    assert_asks("USERHOST a b c d e f", "userhost a b c d e \n");
    assert_asks("LUSERS", "stats\n");
    assert_asks("SETNAME :Bob B.", "realname Bob B.\n");
    assert_asks("SETNAME :", ":srv 461 bob SETNAME :Not enough parameters\n");
    assert_asks("WHOWAS", ":srv 461 bob WHOWAS :Not enough parameters\n");
    assert_asks("WHOWAS ,b", ":srv 461 bob WHOWAS :Not enough parameters\n");
    assert_asks("WHO 0 o", "who-fields(*,0 )\n");
    assert_asks("WHO #ops o%n", "who-fields(#ops,%n)\n");
    assert_asks("WHOWAS a,b", "whowas(a)\n");
    assert_asks("WHOWAS a 3 srv", "whowas(a,3)\n");
    assert_asks("WHO #ops %tn,4", "who-fields(#ops,%tn,4)\n");
    assert_asks("LIST", "rooms\n");
    assert_asks("LIST dev*,>5", "rooms dev*,>5\n");
}

static void test_irc_request_monitors(void **state)
{
    (void)state;
    assert_asks("MONITOR + a,b", "watch a,b\n");
    assert_asks("MONITOR - a,b", "!unwatch a,b\n");
    assert_asks("MONITOR c", "unwatch *\n");
    assert_asks("MONITOR L", "watch\n");
    assert_asks("MONITOR S", "watch-status\n");
    assert_asks("MONITOR +", ":srv 461 bob MONITOR :Not enough parameters\n");
    assert_asks("MONITOR x a", ":srv 461 bob MONITOR :Not enough parameters\n");
}

static void test_irc_request_passes_tags_of_clients_on(void **state)
{
    const uint32_t caps = IRC_CAP_F_MESSAGE_TAGS;
    char line[CHAT_TAGS_BYTES_MAX + 32], want[CHAT_TAGS_BYTES_MAX + 32];
    (void)state;

    assert_asks("@+typing=active TAGMSG #a", "");
    assert_asks_with(caps, "TAGMSG #a", "");
    assert_asks_with(caps, "@time=1 TAGMSG #a", "");
    assert_asks_with(caps, "@+typing=active TAGMSG #a,bob",
                     "!tags[#a] {+typing=active}\n!tags-to(bob) {+typing=active}\n");
    assert_asks_with(caps, "@a=1;+b TAGMSG @#a", "!tags-to(@#a) {a=1;+b}\n");
    assert_asks_with(caps, "@+b=\x01 TAGMSG #a", "");
    assert_asks_with(caps, "@+b=\xff TAGMSG #a", "");
    assert_asks_with(caps, "@+draft/reply=x PRIVMSG #a :hi", "say[#a] hi {+draft/reply=x}\n");
    assert_asks("@+draft/reply=x PRIVMSG #a :hi", "say[#a] hi\n");
    for (int over = -1; over <= 1; over++) {
        int len = CHAT_TAGS_BYTES_MAX + over - 3;
        snprintf(line, sizeof(line), "@+b=%0*d TAGMSG #a", len, 0);
        snprintf(want, sizeof(want), "!tags[#a] {+b=%0*d}\n", len, 0);
        assert_asks_with(caps, line, over <= 0 ? want : "");
    }
}

static void test_irc_request_talks_to_roles(void **state)
{
    (void)state;
    assert_asks("PRIVMSG @#a,+#b :hi", "ops[#a] hi\nvoiced[#b] hi\n");
    assert_asks("NOTICE @#a :hi", "!ops[#a] hi\n");
    assert_asks("PRIVMSG @#a :\001ACTION waves\001", "ops[#a] * bob waves\n");
    assert_asks("PRIVMSG @bob :hi", "msg(@bob) hi\n");
}

static void test_irc_request_changes_modes_of_oneself(void **state)
{
    (void)state;
    assert_asks("MODE bob", "modes-of-user\n");
    assert_asks("MODE BOB +iw-B",
                "modes-of-user(hidden,on)\nmodes-of-user(wallops,on)\nmodes-of-user(bot,off)\n");
    assert_asks("MODE bob +o", "");
    assert_asks("MODE bob -o", "deoper\n");
    assert_asks("MODE bob x", ":srv 501 bob x :is no mode of people\n");
    assert_asks("MODE bob iiiiiiiiiiii", "modes-of-user(hidden,on)\nmodes-of-user(hidden,on)\n"
                                         "modes-of-user(hidden,on)\nmodes-of-user(hidden,on)\n"
                                         "modes-of-user(hidden,on)\nmodes-of-user(hidden,on)\n"
                                         "modes-of-user(hidden,on)\nmodes-of-user(hidden,on)\n"
                                         "modes-of-user(hidden,on)\nmodes-of-user(hidden,on)\n");
    assert_asks("MODE alice +i", "modes-of-other(alice)\n");
}

static void test_irc_request_asks_about_the_server(void **state)
{
    (void)state;
    assert_asks("INVITE", "invites\n");
    assert_asks("INVITE a", ":srv 461 bob INVITE :Not enough parameters\n");
    assert_asks("WALLOPS :fire", "wallops fire\n");
    assert_asks("STATS u", "uptime\n");
    assert_asks("STATS m", "server-stats(m)\n");
    assert_asks("STATS Oper", "server-stats(o)\n");
    assert_asks("STATS x", ":srv 219 bob x :End of STATS report\n");
    assert_asks("LINKS", ":srv 364 bob srv srv :0 mingle\n:srv 365 bob * :End of LINKS list\n");
    assert_asks("ADMIN", ":srv 423 bob srv :The settings have nothing about the administrator; try MOTD\n");
    assert_asks("REHASH", "reload\n");
    assert_asks("REHASH now", "reload\n");
    assert_asks("HELP join", ":srv 704 bob JOIN :Commands of this server\n"
                             ":srv 705 bob JOIN :JOIN #room,#room [key,key] | 0\n"
                             ":srv 706 bob JOIN :End of HELP\n");
    assert_asks("HELP xyz", ":srv 524 bob xyz :is no command here; HELP alone lists them\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_request_join_pairs_rooms_and_keys),
        cmocka_unit_test(test_irc_request_has_a_limit_of_targets),
        cmocka_unit_test(test_irc_request_says_to_rooms_and_people),
        cmocka_unit_test(test_irc_request_refuses_what_cannot_be_said),
        cmocka_unit_test(test_irc_request_topic_shows_sets_and_clears),
        cmocka_unit_test(test_irc_request_about_rooms),
        cmocka_unit_test(test_irc_request_about_people_and_the_server),
        cmocka_unit_test(test_irc_request_modes_of_rooms),
        cmocka_unit_test(test_irc_request_bans_that_mute),
        cmocka_unit_test(test_irc_request_refuses_bad_modes),
        cmocka_unit_test(test_irc_request_has_a_limit_of_modes),
        cmocka_unit_test(test_irc_request_rows_are_sorted),
        cmocka_unit_test(test_irc_request_asks_about_people),
        cmocka_unit_test(test_irc_request_passes_tags_of_clients_on),
        cmocka_unit_test(test_irc_request_talks_to_roles),
        cmocka_unit_test(test_irc_request_changes_modes_of_oneself),
        cmocka_unit_test(test_irc_request_asks_about_the_server),
        cmocka_unit_test(test_irc_request_monitors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
