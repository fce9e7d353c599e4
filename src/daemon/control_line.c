/* Cutting a request into words; see control_line.h. */
#include "daemon/control_line.h"

#include <errno.h>

#include "base/ascii.h"

struct cutter {
    struct bytes text;
    size_t at; /* of the text */
    char *out; /* where the next byte of a word goes */
    const char *why;
};

/* One word, without its quotes. False: none is left, or cutter->why says what is wrong. */
static bool cut_word(struct cutter *cutter, struct bytes *ret_word)
{
    const struct bytes text = cutter->text;
    bool is_quoted = false;

    while (cutter->at < text.len && ascii_is_blank(text.ptr[cutter->at]))
        cutter->at++;
    if (cutter->at == text.len)
        return false;
    char *start = cutter->out;
    for (; cutter->at < text.len; cutter->at++) {
        char c = text.ptr[cutter->at];
        if (c == '"') {
            is_quoted = !is_quoted;
            continue;
        }
        if (!is_quoted && ascii_is_blank(c))
            break;
        if (c == '\\') {
            if (++cutter->at == text.len) {
                cutter->why = "there is nothing behind the last \\";
                return false;
            }
            c = text.ptr[cutter->at];
        }
        *cutter->out++ = c;
    }
    if (is_quoted)
        cutter->why = "a quote (\") is not closed";
    *ret_word = (struct bytes){start, (size_t)(cutter->out - start)};
    return !is_quoted;
}

/* Whether the word is an option; then it is taken, with its value. */
static bool take_option(struct cutter *cutter, struct bytes word, struct control_line *line)
{
    struct bytes value;
    uint64_t width;

    if (!bytes_starts_with(word, BYTES("--")))
        return false;
    if (bytes_eq(word, BYTES("--json"))) {
        line->is_json = true;
    } else if (!bytes_eq(word, BYTES("--width"))) {
        cutter->why = "no such option; the options before a command are --json and --width N";
    } else if (!cut_word(cutter, &value) || bytes_parse_u64(value, CONTROL_LINE_WIDTH_MAX, &width) != 0) {
        if (!cutter->why)
            cutter->why = "--width needs a number of columns, up to 10000";
    } else {
        line->width = (unsigned)width;
    }
    return true;
}

int control_line_parse(struct bytes text, struct control_line *ret_line, const char **ret_why)
{
    struct cutter cutter = {.text = text, .out = ret_line->text};
    struct bytes word;

    ret_line->is_json = false;
    ret_line->width = 0;
    ret_line->count = 0;
    if (text.len > CONTROL_LINE_BYTES_MAX)
        cutter.why = "the line is too long; 4096 bytes are the most";
    while (!cutter.why && cut_word(&cutter, &word)) {
        if (ret_line->count == 0 && take_option(&cutter, word, ret_line))
            continue;
        if (ret_line->count == CONTROL_LINE_WORDS_MAX)
            cutter.why = "too many words; 256 are the most, and a text may stand in quotes";
        else
            ret_line->words[ret_line->count++] = word;
    }
    if (!cutter.why && ret_line->count == 0)
        cutter.why = "there is no command; try help";
    if (!cutter.why)
        return 0;
    *ret_why = cutter.why;
    return -EINVAL;
}
