/* What people say, cleaned on the way in, in every form on the way out: no bytes come out that could drive a
 * terminal, but for the renderer's own colours and bells; and JSON is one clean line. */
#include "base/check.h"
#include "base/json.h"
#include "chat/text.h"
#include "fuzz/fuzz.h"
#include "proto/dialect.h"
#include "proto/json_dialect.h"

/* The line without what the renderer may put: ESC [ digits and ';' m, and BEL before the end. */
static void take_off(struct bytes line, struct buf *out)
{
    for (size_t i = 0; i < line.len; i++) {
        if (line.ptr[i] == '\a') {
            CHECK(i + 1 == line.len);
        } else if (line.ptr[i] == '\x1b') {
            CHECK(i + 1 < line.len && line.ptr[i + 1] == '[');
            for (i += 2; i < line.len && line.ptr[i] != 'm'; i++)
                CHECK((line.ptr[i] >= '0' && line.ptr[i] <= '9') || line.ptr[i] == ';');
            CHECK(i < line.len);
        } else {
            buf_put_char(out, line.ptr[i]);
        }
    }
}

static void check_lines(struct bytes text, size_t most)
{
    struct buf bare;
    size_t count = 0;

    buf_init(&bare, 1u << 20);
    CHECK(text.len > 0 && text.ptr[text.len - 1] == '\n');
    for (; text.len > 0; count++) {
        buf_reset(&bare);
        take_off(bytes_cut(&text, '\n'), &bare);
        CHECK(buf_error(&bare) == 0 && text_is_clean(buf_bytes(&bare)));
    }
    CHECK(count <= most);
    buf_done(&bare);
}

static void check_event(struct chat_event_spec spec, struct bytes you)
{
    struct chat_event *event = chat_event_new(&spec);
    const struct chat_view view = {.is_current = true, .you = you};
    struct buf out;

    CHECK(event != NULL);
    buf_init(&out, 1u << 20);
    for (unsigned i = 0; i < 16; i++) {
        struct wire_reader reader = {.facts = (i & 1) != 0 ? WIRE_FACT_256COLOR : 0,
                                     .zone = &option_zone_utc};
        reader.options[OPTION_COLOUR] = (i & 2) != 0 ? OPTION_COLOUR_ON : OPTION_COLOUR_OFF;
        reader.options[OPTION_BELL] = (i & 4) != 0 ? OPTION_BELL_ALL : OPTION_BELL_ON;
        reader.options[OPTION_FORMAT] = (i & 8) != 0 ? OPTION_FORMAT_JSON : OPTION_FORMAT_TEXT;
        struct wire_form form = wire_form_of(&reader);
        buf_reset(&out);
        form.dialect->render(form, event, &view, &out);
        CHECK(buf_error(&out) == 0);
        CHECK(out.len <= DIALECT_EVENT_BYTES_MAX);
        check_lines(buf_bytes(&out), form.dialect == &json_dialect ? 1 : TEXT_LINES_MAX);
    }
    buf_done(&out);
    chat_event_unref(event);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes raw = fuzz_bytes(data, size < 5000 ? size : 5000);
    struct buf said, clean;

    buf_init(&said, 1u << 16);
    buf_init(&clean, 1u << 16);
    text_clean_said(raw, TEXT_BYTES_MAX, &said);
    text_clean(raw, &clean);
    CHECK(text_is_clean_said(buf_bytes(&said)) && text_is_clean(buf_bytes(&clean)));
    static const enum chat_event_kind speech[] = {CHAT_EV_MESSAGE, CHAT_EV_ACTION, CHAT_EV_PRIVATE};
    for (size_t i = 0; i < ARRAY_LEN(speech); i++)
        check_event(
            (struct chat_event_spec){
                .kind = speech[i], .actor = BYTES("bob"), .room = BYTES("#a"), .text = buf_bytes(&said)},
            BYTES("a"));
    static const enum chat_event_kind other[] = {CHAT_EV_TOPIC, CHAT_EV_PARTED, CHAT_EV_KICKED,
                                                 CHAT_EV_AWAY_IS};
    for (size_t i = 0; i < ARRAY_LEN(other); i++)
        check_event((struct chat_event_spec){.kind = other[i],
                                             .actor = BYTES("bob"),
                                             .room = BYTES("#a"),
                                             .extra = BYTES("carol"),
                                             .text = buf_bytes(&clean)},
                    BYTES("a"));
    buf_done(&said);
    buf_done(&clean);
    return 0;
}
