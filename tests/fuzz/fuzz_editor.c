/* Keys of any kind: lines stay within their limit, every byte is used, and what is drawn stays small
 * against what was typed. The first three bytes of the input are the terminal's size and how often others
 * say something in between. */

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "proto/editor.h"

#define LINE_MAX_BYTES 200
#define OUT_BYTES_MAX (1u << 26)

static bool complete(void *arg, struct bytes prefix, bool is_line_start, struct bytes after, struct buf *out)
{
    static const char *const names[] = {"alice", "alicia", "bob", "/join", "/kick", "#lobby", "\xE7\x8C\xAB"};
    (void)arg;
    (void)is_line_start;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes name = bytes_of(names[i]);
        if (!bytes_starts_with(name, prefix) || (after.len && bytes_cmp(name, after) <= 0))
            continue;
        buf_put(out, name);
        return true;
    }
    return false;
}

/* One line, or a paste of several. */
static void check_line(struct bytes line)
{
    bool is_paste = bytes_find(line, '\n') < line.len;

    CHECK(line.len <= (is_paste ? EDITOR_PASTE_BYTES_MAX : LINE_MAX_BYTES));
    CHECK(text_count_lines(line) <= EDITOR_PASTE_LINES_MAX);
}

/* All events of some keys; false when the user has left. */
static bool feed(struct editor *editor, struct bytes keys, struct buf *out)
{
    for (;;) {
        enum editor_event event;
        size_t used = editor_feed(editor, keys, out, &event);
        CHECK(used <= keys.len);
        keys = bytes_slice(keys, used, keys.len);
        if (event == EDITOR_EV_LINE)
            check_line(editor_line(editor));
        if (event == EDITOR_EV_LEAVE)
            return false;
        if (event != EDITOR_EV_NONE)
            continue;
        CHECK(keys.len == 0);
        return true;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf out;

    if (size < 3)
        return 0;
    struct editor *editor = editor_new(LINE_MAX_BYTES, complete, NULL);
    CHECK(editor != NULL);
    buf_init(&out, OUT_BYTES_MAX);
    editor_set_prompt(editor, BYTES("[#lobby] bob> "));
    editor_resize(editor, data[0], data[1] % 40, &out);
    editor_start(editor, &out);
    size_t piece = 1 + data[2] % 32u;
    bool is_there = true;
    for (size_t from = 3; is_there && from < size; from += piece) {
        size_t count = size - from < piece ? size - from : piece;
        is_there = feed(editor, fuzz_bytes(data + from, count), &out);
        editor_refresh(editor, &out);
        if (data[2] & 0x80)
            editor_print(editor, BYTES("14:07 <alice> somebody says something in between\n"), &out);
        if (data[from] == 0x7F)
            editor_resize(editor, data[from] ^ data[0], data[1], &out);
        if (data[from] == 0x1D)
            editor_set_secret(editor, data[from + count - 1] & 1);
        CHECK(buf_error(&out) == 0);
        buf_reset(&out);
    }
    editor_end(editor, &out);
    buf_done(&out);
    editor_free(editor);
    return 0;
}
