/* The dialect of programs, and that docs/json.md has all of it: every type with every member that is written, and
 * every word that stands for something. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json_dialect.h"
#include "support/plain_text.h"

#define NOW "\"time\":\"2026-11-21T14:05:03.120Z\""

static const struct wire_form json_lf = {.dialect = &json_dialect};
static const struct chat_item items[] = {
    {.name = BYTES("dave"), .detail = BYTES("x"), .count = 7, .flags = 0xff}, {.name = BYTES("#lobby")}};

static const char *document;

static void assert_json(struct chat_event_spec spec, const char *want)
{
    const struct chat_view view = {.is_current = true, .you = BYTES("bob")};

    plain_text_assert(plain_text_render(json_lf, spec, &view), want);
}

static void test_json_events(void **state)
{
    (void)state;
    assert_json((struct chat_event_spec){.kind = CHAT_EV_MESSAGE,
                                         .actor = BYTES("alice"),
                                         .room = BYTES("#a"),
                                         .text = BYTES("\x02hi\x0f \"you\" \xc3\xa9")},
                "{\"type\":\"message\"," NOW
                ",\"room\":\"#a\",\"from\":\"alice\",\"text\":\"hi \\\"you\\\" \xc3\xa9\"}\n");
    assert_json(
        (struct chat_event_spec){.kind = CHAT_EV_PRIVATE, .actor = BYTES("alice"), .text = BYTES("hi")},
        "{\"type\":\"private\"," NOW ",\"from\":\"alice\",\"text\":\"hi\",\"to\":\"bob\"}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_CHANGED,
                                         .change = CHAT_CHANGE_BAN,
                                         .actor = BYTES("alice"),
                                         .room = BYTES("#a"),
                                         .extra = BYTES("troll"),
                                         .time_ms = PLAIN_TEXT_NOW_MS + 60000},
                "{\"type\":\"changed\"," NOW
                ",\"room\":\"#a\",\"from\":\"alice\",\"change\":\"ban\",\"target\":\"troll\","
                "\"reason\":\"\",\"until\":\"2026-11-21T14:06:03.120Z\"}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_CHANGED,
                                         .change = CHAT_CHANGE_SECRET,
                                         .actor = BYTES("alice"),
                                         .room = BYTES("#a"),
                                         .count = 1},
                "{\"type\":\"changed\"," NOW
                ",\"room\":\"#a\",\"from\":\"alice\",\"change\":\"secret\",\"on\":true,\"reason\":\"\"}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_REFUSED,
                                         .err = CHAT_ERR_NO_SUCH_USER,
                                         .text = BYTES("carl"),
                                         .extra = BYTES("carol")},
                "{\"type\":\"refused\"," NOW ",\"code\":\"no-such-user\",\"subject\":\"carl\","
                "\"suggestion\":\"carol\",\"seconds\":0,"
                "\"text\":\"No one here is called carl. Did you mean carol?\"}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_NAMES,
                                         .room = BYTES("#a"),
                                         .count = 1,
                                         .items = &(struct chat_item){.name = BYTES("al"),
                                                                      .flags = CHAT_ITEM_F_OPERATOR},
                                         .item_count = 1},
                "{\"type\":\"names\"," NOW
                ",\"room\":\"#a\",\"people\":1,\"names\":[{\"name\":\"al\",\"operator\":true}]}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_ROOM_RENAMED,
                                         .actor = BYTES("alice"),
                                         .room = BYTES("#a"),
                                         .extra = BYTES("#b"),
                                         .text = BYTES("why"),
                                         .items = items,
                                         .item_count = 2},
                "{\"type\":\"room-renamed\"," NOW
                ",\"room\":\"#a\",\"from\":\"alice\",\"to\":\"#b\",\"reason\":\"why\"}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_WHOIS},
                "{\"type\":\"whois\"," NOW
                ",\"address\":\"\",\"client\":\"\",\"found\":false,\"rooms\":[]}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_MESSAGE,
                                         .actor = BYTES("al"),
                                         .room = BYTES("#a"),
                                         .text = BYTES("beep"),
                                         .is_notice = true},
                "{\"type\":\"message\"," NOW
                ",\"room\":\"#a\",\"from\":\"al\",\"text\":\"beep\",\"notice\":true}\n");
    assert_json((struct chat_event_spec){.kind = CHAT_EV_AWAY, .count = 1, .text = BYTES("lunch")},
                "{\"type\":\"away\"," NOW ",\"reason\":\"lunch\",\"away\":true}\n");
}

static void test_json_history_follows(void **state)
{
    struct chat_event *said = plain_text_event(
        PLAIN_TEXT_NOW_MS - 120,
        (struct chat_event_spec){
            .kind = CHAT_EV_ACTION, .actor = BYTES("al"), .room = BYTES("#a"), .text = BYTES("waves")});
    const struct chat_view view = {.you = BYTES("bob"), .history = &said, .history_count = 1};
    struct chat_event_spec spec = {.kind = CHAT_EV_HISTORY, .room = BYTES("#a"), .count = 9};
    (void)state;

    said->id = 5;
    plain_text_assert(plain_text_render(json_lf, spec, &view),
                      "{\"type\":\"history\"," NOW ",\"room\":\"#a\",\"history\":1}\n"
                      "{\"type\":\"action\",\"time\":\"2026-11-21T14:05:03.000Z\",\"id\":5,\"room\":\"#a\","
                      "\"from\":\"al\",\"text\":\"waves\",\"replay\":true}\n");
    chat_event_unref(said);
}

static void test_json_gap_and_goodbye(void **state)
{
    const struct wire_form crlf = {.dialect = &json_dialect, .flags = WIRE_F_CRLF};
    struct buf out;
    (void)state;

    buf_init(&out, 1000);
    json_dialect.gap(json_lf, BYTES("#a"), 3, &out);
    json_dialect.goodbye(crlf, CLOSE_QUIT, &out);
    plain_text_assert(plain_text_of(&out),
                      "{\"type\":\"gap\",\"room\":\"#a\",\"count\":3}\n"
                      "{\"type\":\"goodbye\",\"reason\":\"quit\",\"text\":\"Bye.\"}\r\n");
}

static void test_json_joins_and_own_lines(void **state)
{
    const struct wire_form quiet = {.dialect = &json_dialect, .flags = WIRE_F_NO_JOINS};
    const struct chat_view own = {.is_actor = true};
    struct chat_event_spec joined = {.kind = CHAT_EV_JOINED, .actor = BYTES("al"), .count = 2};
    struct chat_event_spec said = {.kind = CHAT_EV_MESSAGE, .actor = BYTES("al"), .text = BYTES("x")};
    (void)state;

    plain_text_assert(plain_text_render(quiet, joined, &plain_text_here), "");
    plain_text_assert(plain_text_render(json_lf, said, &own), "");
}

/* The part of the document's line about the type that lists its members; not ended. */
static const char *row_of(const char *type)
{
    char start[64];

    snprintf(start, sizeof(start), "\n| `%s` |", type);
    const char *row = strstr(document, start);
    if (row == NULL)
        fail_msg("docs/json.md has no type %s", type);
    return row + strlen(start);
}

static bool has_member(const char *row, const char *key, size_t len)
{
    char quoted[64];

    snprintf(quoted, sizeof(quoted), "`%.*s`", (int)len, key);
    const char *found = strstr(row, quoted);
    return found != NULL && found < row + strcspn(row, "\n");
}

/* The keys of the outermost object. */
static void check_members(const char *type, const char *json, const char *row)
{
    static const char *const common[] = {"type", "time", "id", "room"};
    unsigned depth = 0;

    for (const char *at = json; *at != '\0'; at++) {
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        if (*at != '"')
            continue;
        size_t len = strcspn(at + 1, "\""); /* nothing here has a quote inside */
        bool is_common = false;
        for (size_t i = 0; i < ARRAY_LEN(common); i++)
            is_common |= strlen(common[i]) == len && strncmp(common[i], at + 1, len) == 0;
        if (depth == 1 && at[len + 2] == ':' && !is_common && !has_member(row, at + 1, len))
            fail_msg("docs/json.md: %s has no member %.*s", type, (int)len, at + 1);
        at += len + 1;
    }
}

static void test_json_document_has_every_type_and_member(void **state)
{
    (void)state;
    for (int kind = 0; kind < CHAT_EV_KIND_COUNT; kind++) {
        const char *type = chat_event_kind_str((enum chat_event_kind)kind);
        if (chat_event_is_for_programs((enum chat_event_kind)kind))
            continue;
        bool has_change = kind == CHAT_EV_CHANGED || kind == CHAT_EV_CHANGE_DONE;
        for (int change = has_change ? 1 : 0; change < (has_change ? CHAT_CHANGE_COUNT : 1); change++) {
            struct chat_event_spec spec = {.kind = (enum chat_event_kind)kind,
                                           .change = has_change ? (enum chat_change)change : CHAT_CHANGE_BAN,
                                           .err = CHAT_ERR_NO_SUCH_USER,
                                           .actor = BYTES("al"),
                                           .room = BYTES("#a"),
                                           .text = kind == CHAT_EV_HELP ? BYTES("nick") : BYTES("t"),
                                           .extra = BYTES("e"),
                                           .count = 1,
                                           .time_ms = 1,
                                           .items = items,
                                           .item_count = 2};
            char *json = plain_text_render(json_lf, spec, &plain_text_here);
            assert_true(strncmp(json, "{\"type\":\"", 9) == 0 && json[strlen(json) - 2] == '}');
            if (kind != CHAT_EV_HELP) /* whose texts have quotes */
                check_members(type, json, row_of(has_change ? "changed" : type));
            (void)row_of(type);
            free(json);
        }
    }
    (void)row_of("gap");
    (void)row_of("goodbye");
    (void)row_of("alive");
}

static void test_json_several_lines_are_one_object(void **state)
{
    struct chat_event_spec said = {
        .kind = CHAT_EV_MESSAGE, .actor = BYTES("bob"), .text = BYTES("a\x02\n \"b\"")};
    char *json = plain_text_render(json_lf, said, &plain_text_here);
    (void)state;

    assert_non_null(strstr(json, "\"text\":\"a\\n \\\"b\\\"\""));
    assert_ptr_equal(strchr(json, '\n'), json + strlen(json) - 1);
    free(json);
}

static void test_json_answers_are_you_there(void **state)
{
    struct buf out;
    (void)state;

    buf_init(&out, 100);
    json_dialect.alive(json_lf, &out);
    plain_text_assert(plain_text_of(&out), "{\"type\":\"alive\"}\n");
}

static void assert_has_word(const char *word)
{
    char quoted[64];

    assert_non_null(word);
    snprintf(quoted, sizeof(quoted), "`%s`", word);
    if (strstr(document, quoted) == NULL)
        fail_msg("docs/json.md has no %s", quoted);
}

static void test_json_document_has_every_word(void **state)
{
    (void)state;
    for (int err = 1; err < CHAT_ERR_COUNT; err++)
        assert_has_word(chat_err_str((enum chat_err)err));
    for (int change = 1; change < CHAT_CHANGE_COUNT; change++)
        assert_has_word(chat_change_str((enum chat_change)change));
    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++)
        assert_has_word(close_reason_str((enum close_reason)reason));
}

static int read_document(void **state)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];
    char *text = calloc(1, 65536);

    (void)state;
    assert_non_null(text);
    plain_text_set_zone("UTC0");
    snprintf(path, sizeof(path), "%s/docs/json.md", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    document = text;
    return 0;
}

static int free_document(void **state)
{
    (void)state;
    free((char *)document);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_events),
        cmocka_unit_test(test_json_history_follows),
        cmocka_unit_test(test_json_gap_and_goodbye),
        cmocka_unit_test(test_json_joins_and_own_lines),
        cmocka_unit_test(test_json_document_has_every_type_and_member),
        cmocka_unit_test(test_json_several_lines_are_one_object),
        cmocka_unit_test(test_json_answers_are_you_there),
        cmocka_unit_test(test_json_document_has_every_word),
    };
    return cmocka_run_group_tests(tests, read_document, free_document);
}
