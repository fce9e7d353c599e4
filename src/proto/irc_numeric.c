/* The table, and the two ways to send one of its rows. */
#include "proto/irc_numeric.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"

static const struct irc_numeric_row table[] = {
#define X(name, number, text) {IRC_##name, #name, text},
    IRC_NUMERICS(X)
#undef X
};

const struct irc_numeric_row *irc_numeric_row(size_t index)
{
    return index < ARRAY_LEN(table) ? &table[index] : NULL;
}

const char *irc_numeric_text(enum irc_numeric numeric)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].numeric == numeric)
            return table[i].text;
    }
    BUG("no such numeric: %d", (int)numeric);
}

void irc_numeric_start(struct irc_line *line, const struct irc_reader *reader, enum irc_numeric numeric)
{
    char number[8];

    snprintf(number, sizeof(number), "%03u", (unsigned)numeric % 1000);
    irc_line_start(line, reader->server, number);
    irc_line_word(line, reader->you.len > 0 ? reader->you : BYTES("*"));
}

void irc_numeric_put(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                     struct bytes second, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, numeric);
    if (first.len > 0)
        irc_line_echo(&line, first);
    if (second.len > 0)
        irc_line_echo(&line, second);
    irc_line_last(&line, bytes_of(irc_numeric_text(numeric)));
    irc_line_end(&line);
}

static void words_flush(struct irc_words *words)
{
    struct irc_line line = {.out = words->out};

    irc_numeric_start(&line, words->reader, words->numeric);
    if (words->first.len > 0)
        irc_line_word(&line, words->first);
    if (words->second.len > 0)
        irc_line_word(&line, words->second);
    irc_line_last(&line, (struct bytes){words->text, words->len});
    irc_line_end(&line);
    words->len = 0;
}

/* How many bytes of words a message can have. */
static size_t words_space(const struct irc_words *words)
{
    size_t around = sizeof(": 353 *    :") + words->reader->server.len + words->reader->you.len +
                    words->first.len + words->second.len;

    return around < IRC_BODY_BYTES_MAX ? IRC_BODY_BYTES_MAX - around : 0;
}

void irc_words_put(struct irc_words *words, const char *before, struct bytes word, struct bytes after)
{
    size_t space = words_space(words), bytes = strlen(before) + word.len + after.len;

    if (bytes > space)
        return;
    if (words->len > 0 && words->len + 1 + bytes > space)
        words_flush(words);
    if (words->len > 0)
        words->text[words->len++] = words->separator != '\0' ? words->separator : ' ';
    words->len += (size_t)snprintf(&words->text[words->len], sizeof(words->text) - words->len, "%s%.*s%.*s",
                                   before, BYTES_ARG(word), BYTES_ARG(after));
}

void irc_words_end(struct irc_words *words)
{
    if (words->len > 0)
        words_flush(words);
}
