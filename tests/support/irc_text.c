/* Renders for an IRC client and looks at the lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "base/utf8.h"
#include "proto/irc_render.h"
#include "support/irc_text.h"

static void check_lines(struct bytes out)
{
    while (out.len > 0) {
        struct irc_message message;
        struct bytes line = bytes_cut(&out, '\n');
        assert_true(line.len > 0 && line.ptr[line.len - 1] == '\r');
        line.len--;
        assert_true(utf8_is_valid(line));
        assert_int_equal(irc_message_parse(line, &message), 0);
    }
}

char *irc_text_render(uint32_t caps, struct chat_event_spec spec, const struct chat_view *view)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob"), .caps = caps};
    struct chat_event *event = chat_event_new(&spec);
    struct buf out;

    assert_non_null(event);
    event->wall_ms = IRC_TEXT_NOW_MS;
    event->seq = 16;
    event->id = chat_event_audience(spec.kind) == CHAT_TO_USER ? 0 : 3;
    buf_init(&out, 1u << 20);
    irc_render(&reader, event, view, &out);
    chat_event_unref(event);
    assert_int_equal(buf_error(&out), 0);
    check_lines(buf_bytes(&out));
    char *text = bytes_dup(buf_bytes(&out));
    assert_non_null(text);
    buf_done(&out);
    return text;
}

static void drop_returns(char *text)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\r')
            *to++ = *from;
    }
    *to = '\0';
}

void irc_text_assert(uint32_t caps, struct chat_event_spec spec, const char *expected)
{
    char *text = irc_text_render(caps, spec, &(struct chat_view){.is_current = true});

    drop_returns(text);
    assert_string_equal(text, expected);
    free(text);
}

const struct irc_requests *irc_text_ask(const char *line, const char *answer)
{
    const struct irc_reader reader = {.server = BYTES("srv"), .you = BYTES("bob")};
    static struct irc_requests requests;
    static struct irc_message message; /* the requests point into it */
    struct buf out;

    buf_init(&out, 4096);
    assert_int_equal(irc_message_parse(bytes_of(line), &message), 0);
    irc_request(&reader, &message, &requests, &out);
    buf_put_char(&out, '\0');
    assert_string_equal(out.ptr, answer);
    buf_done(&out);
    return &requests;
}
