/* Messages of several lines: from clients, and to them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chat/text.h"
#include "proto/irc_cap.h"
#include "proto/irc_multiline.h"
#include "support/irc_text.h"

#define KNOWS (IRC_CAP_F_BATCH | IRC_CAP_F_MULTILINE)

static struct irc_multiline *batch;

static int forget(void **state)
{
    (void)state;
    irc_multiline_free(batch);
    batch = NULL;
    return 0;
}

static void assert_takes_as(uint32_t caps, const char *line, enum irc_multiline_result result,
                            const char *answer)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob"), .caps = caps};
    struct irc_message message;
    struct buf out;

    buf_init(&out, 4096);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    assert_int_equal(irc_multiline_take(&batch, &reader, &message, &out), result);
    if (result != IRC_MULTILINE_DONE)
        irc_multiline_clean(&batch);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, answer);
    buf_done(&out);
}

static void assert_takes(const char *line, enum irc_multiline_result result, const char *answer)
{
    assert_takes_as(KNOWS | IRC_CAP_F_LABELED_RESPONSE, line, result, answer);
}

/* A line of a batch in which nothing is wrong. */
static void take(const char *line)
{
    assert_takes(line, IRC_MULTILINE_TAKEN, "");
}

static void assert_done(const char *line, const char *text)
{
    assert_takes(line, IRC_MULTILINE_DONE, "");
    assert_true(bytes_eq(buf_bytes(&batch->text), bytes_of(text)));
}

static void test_irc_multiline_joins_lines(void **state)
{
    struct bytes label;
    (void)state;
    take("@label=l1 BATCH +123 draft/multiline #a");
    take("@batch=123 PRIVMSG #a hello");
    take("@batch=123 PRIVMSG #A :");
    take("@batch=123 privmsg #a :how is ");
    take("@batch=123;draft/multiline-concat PRIVMSG #a :everyone?");
    assert_takes("PING x", IRC_MULTILINE_OTHER, "");
    assert_takes("PRIVMSG #b :apart", IRC_MULTILINE_OTHER, "");
    assert_done("BATCH -123", "hello\n\nhow is everyone?");
    assert_string_equal(batch->target, "#a");
    assert_true(irc_multiline_use_label(batch, &label));
    assert_true(bytes_eq(label, BYTES("l1")));
    assert_false(irc_multiline_use_label(batch, &label));
    assert_false(batch->is_notice);
    forget(state);
    take("BATCH +1 draft/multiline alice");
    take("@batch=1;draft/multiline-concat NOTICE alice :x");
    assert_done("BATCH -1", "x");
    assert_true(batch->is_notice);
    assert_false(irc_multiline_use_label(batch, &label));
}

static void test_irc_multiline_is_only_for_who_knows_it(void **state)
{
    (void)state;
    assert_takes_as(IRC_CAP_F_BATCH, "BATCH +1 draft/multiline #a", IRC_MULTILINE_OTHER, "");
    assert_takes("PRIVMSG #a :x", IRC_MULTILINE_OTHER, "");
    assert_takes("@batch=1 PRIVMSG #a :x", IRC_MULTILINE_TAKEN, "");
    assert_takes_as(IRC_CAP_F_BATCH, "@batch=1 PRIVMSG #a :x", IRC_MULTILINE_OTHER, "");
    assert_null(batch);
}

#define INVALID(text) ":srv FAIL BATCH MULTILINE_INVALID :" text "\r\n"

static void test_irc_multiline_says_what_is_no_batch(void **state)
{
    static const char form[] = INVALID("Batches are BATCH +reference draft/multiline target");
    char line[200], x[100];
    (void)state;

    assert_takes("BATCH +1 chathistory #a", IRC_MULTILINE_TAKEN, form);
    assert_takes("BATCH +1 draft/multiline", IRC_MULTILINE_TAKEN, form);
    assert_takes("BATCH +1 draft/multiline :", IRC_MULTILINE_TAKEN, form);
    assert_takes("BATCH", IRC_MULTILINE_TAKEN, INVALID("Batches begin with BATCH +reference"));
    assert_takes("BATCH +", IRC_MULTILINE_TAKEN, INVALID("Batches begin with BATCH +reference"));
    assert_takes("BATCH 12", IRC_MULTILINE_TAKEN, INVALID("Batches begin with BATCH +reference"));
    assert_takes("BATCH -1", IRC_MULTILINE_TAKEN, INVALID("No such batch is open"));
    memset(x, 'x', sizeof(x));
    snprintf(line, sizeof(line), "BATCH +%.*s draft/multiline #a", IRC_MULTILINE_REFERENCE_BYTES_MAX + 1, x);
    assert_takes(line, IRC_MULTILINE_TAKEN, INVALID("The reference or the target is too long"));
    assert_null(batch);
    snprintf(line, sizeof(line), "BATCH +%.*s draft/multiline #a", IRC_MULTILINE_REFERENCE_BYTES_MAX, x);
    take(line);
    assert_takes("BATCH -other", IRC_MULTILINE_TAKEN, INVALID("No such batch is open"));
}

/* After a mistake the rest of the batch is not looked at, up to its end. */
static void assert_drops(const char *line, const char *answer)
{
    take("BATCH +1 draft/multiline #a");
    take("@batch=1 PRIVMSG #a :one");
    assert_takes(line, IRC_MULTILINE_TAKEN, answer);
    take("@batch=1 PRIVMSG #a :two");
    take("@batch=1 JOIN #b");
    take("BATCH -1");
    assert_null(batch);
}

static void test_irc_multiline_drops_batches_with_mistakes(void **state)
{
    (void)state;
    assert_drops("@batch=1 JOIN #a", INVALID("Only PRIVMSG, or only NOTICE, can be in a batch"));
    assert_drops("@batch=1 NOTICE #a :x", INVALID("Only PRIVMSG, or only NOTICE, can be in a batch"));
    assert_drops("BATCH +2 draft/multiline #b", INVALID("Another batch is open; both are dropped"));
    assert_drops("@batch=1 PRIVMSG #b :x",
                 ":srv FAIL BATCH MULTILINE_INVALID_TARGET #a #b :All lines go where the batch goes\r\n");
    assert_drops("@batch=1 PRIVMSG",
                 ":srv FAIL BATCH MULTILINE_INVALID_TARGET #a * :All lines go where the batch goes\r\n");
    take("BATCH +1 draft/multiline #a");
    take("@batch=1 PRIVMSG #a :");
    take("@batch=1 PRIVMSG #a : ");
    assert_takes("BATCH -1", IRC_MULTILINE_TAKEN, INVALID("There was nothing in it"));
    assert_null(batch);
}

static void test_irc_multiline_has_limits(void **state)
{
    char line[600], text[410];
    (void)state;

    take("BATCH +1 draft/multiline #a");
    for (int i = 0; i < TEXT_LINES_MAX; i++)
        take("@batch=1 PRIVMSG #a :x");
    assert_takes("@batch=1 PRIVMSG #a :x", IRC_MULTILINE_TAKEN,
                 ":srv FAIL BATCH MULTILINE_MAX_LINES 50 :Too many lines\r\n");
    take("BATCH -1");

    memset(text, 'x', sizeof(text));
    for (int over = 0; over < 2; over++) {
        take("BATCH +1 draft/multiline #a");
        /* ten lines of 409 bytes with their line ends are 4096 bytes and the end that the last one has not */
        for (int i = 0; i < 10; i++) {
            int bytes = i < 9 ? 409 : 4096 - 9 * 410 + over;
            snprintf(line, sizeof(line), "@batch=1 PRIVMSG #a :%.*s", bytes, text);
            if (i < 9 || over == 0)
                take(line);
        }
        if (over == 0)
            assert_takes("BATCH -1", IRC_MULTILINE_DONE, "");
        else
            assert_takes(line, IRC_MULTILINE_TAKEN,
                         ":srv FAIL BATCH MULTILINE_MAX_BYTES 4096 :Too many bytes\r\n");
        if (over == 0)
            assert_int_equal(batch->text.len, TEXT_BYTES_MAX);
        forget(state);
    }
}

/* ---- to clients ---- */

#define ALICE ":alice!u@alice.mingle "

static struct chat_event_spec said(enum chat_event_kind kind, const char *text)
{
    return (struct chat_event_spec){
        .kind = kind, .actor_id = 1, .actor = BYTES("alice"), .room = BYTES("#a"), .text = bytes_of(text)};
}

static void test_irc_multiline_is_shown_as_one_message(void **state)
{
    (void)state;
    irc_text_assert(KNOWS | IRC_CAP_F_MESSAGE_TAGS, said(CHAT_EV_MESSAGE, "one\n\n:two"),
                    "@msgid=1a1fe6cc310-10 " ALICE "BATCH +10 draft/multiline #a\n"
                    "@batch=10 " ALICE "PRIVMSG #a :one\n"
                    "@batch=10 " ALICE "PRIVMSG #a :\n"
                    "@batch=10 " ALICE "PRIVMSG #a ::two\n"
                    ":srv BATCH -10\n");
    irc_text_assert(IRC_CAP_F_MULTILINE, said(CHAT_EV_MESSAGE, "one\n\ntwo"),
                    ALICE "PRIVMSG #a :one\n" ALICE "PRIVMSG #a :two\n");
    irc_text_assert(KNOWS, said(CHAT_EV_MESSAGE, "one"), ALICE "PRIVMSG #a :one\n");
    irc_text_assert(KNOWS, said(CHAT_EV_ACTION, "a\nb"),
                    ALICE "PRIVMSG #a :\001ACTION a\001\n" ALICE "PRIVMSG #a :\001ACTION b\001\n");
}

/* A line that does not fit is cut behind a space, and comes together again without loss. */
static void test_irc_multiline_cuts_long_lines(void **state)
{
    static const char around[] = ALICE "PRIVMSG #a :";
    size_t most = 510 - strlen(around), got = 0, pieces = 0;
    char text[1200];
    (void)state;

    memset(text, 'x', sizeof(text));
    text[most] = '\0';
    char *have = irc_text_render(KNOWS, said(CHAT_EV_MESSAGE, text), &(struct chat_view){0});
    assert_null(strstr(have, "BATCH"));
    free(have);
    text[most] = 'x';
    text[most - 10] = ' ';
    text[sizeof(text) - 1] = '\0';
    have = irc_text_render(KNOWS, said(CHAT_EV_MESSAGE, text), &(struct chat_view){0});
    for (struct bytes rest = bytes_of(have); rest.len > 0;) {
        struct bytes line = bytes_cut(&rest, '\n');
        const char *piece = strstr(line.ptr, around);
        if (piece == NULL || piece > line.ptr + line.len)
            continue;
        piece += strlen(around);
        size_t len = (size_t)(line.ptr + line.len - 1 - piece); /* without the CR */
        assert_int_equal(bytes_starts_with(line, BYTES("@batch=10;draft/multiline-concat ")), pieces++ > 0);
        assert_memory_equal(piece, text + got, len);
        got += len;
        if (pieces == 1)
            assert_int_equal(got, most - 9);
    }
    assert_int_equal(got, strlen(text));
    free(have);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_irc_multiline_joins_lines, forget),
        cmocka_unit_test_teardown(test_irc_multiline_is_only_for_who_knows_it, forget),
        cmocka_unit_test_teardown(test_irc_multiline_says_what_is_no_batch, forget),
        cmocka_unit_test_teardown(test_irc_multiline_drops_batches_with_mistakes, forget),
        cmocka_unit_test_teardown(test_irc_multiline_has_limits, forget),
        cmocka_unit_test(test_irc_multiline_is_shown_as_one_message),
        cmocka_unit_test(test_irc_multiline_cuts_long_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
