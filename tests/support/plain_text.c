/* Renders with the plain dialect and looks at the lines. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "proto/plain.h"
#include "support/plain_text.h"

const struct wire_form plain_text_lf = {.dialect = &plain_dialect};
const struct wire_form plain_text_crlf = {.dialect = &plain_dialect, .flags = WIRE_F_CRLF};
const struct chat_view plain_text_here = {.is_current = true};
const struct chat_view plain_text_elsewhere = {.is_current = false};

void plain_text_set_zone(const char *zone)
{
    assert_int_equal(setenv("TZ", zone, 1), 0);
    tzset();
}

struct chat_event *plain_text_event(int64_t wall_ms, struct chat_event_spec spec)
{
    struct chat_event *event = chat_event_new(&spec);

    assert_non_null(event);
    event->wall_ms = wall_ms;
    return event;
}

char *plain_text_of(struct buf *out)
{
    assert_int_equal(buf_error(out), 0);
    char *text = bytes_dup(buf_bytes(out));
    assert_non_null(text);
    assert_int_equal(strlen(text), out->len);
    buf_done(out);
    return text;
}

char *plain_text_render(struct wire_form form, struct chat_event_spec spec, const struct chat_view *view)
{
    struct chat_event *event = plain_text_event(PLAIN_TEXT_NOW_MS, spec);
    struct buf out;

    buf_init(&out, 1u << 20);
    form.dialect->render(form, event, view, &out);
    chat_event_unref(event);
    return plain_text_of(&out);
}

void plain_text_assert(char *got, const char *expected)
{
    assert_string_equal(got, expected);
    free(got);
}

size_t plain_text_longest(const char *text, size_t *ret_lines)
{
    size_t longest = 0;

    for (*ret_lines = 0; *text != '\0'; (*ret_lines)++) {
        size_t len = strcspn(text, "\n");
        assert_int_equal(text[len], '\n');
        assert_true(strncmp(text, "*** ", 4) == 0 || strncmp(text, "--- ", 4) == 0 ||
                    strncmp(text, "      | ", 8) == 0 || (text[0] >= '0' && text[0] <= '2'));
        longest = len > longest ? len : longest;
        text += len + 1;
    }
    return longest;
}
