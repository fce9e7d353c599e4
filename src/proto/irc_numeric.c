/* The table, and the two ways to send one of its rows. */
#include "proto/irc_numeric.h"

#include <stdio.h>

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

static const char *text_of(enum irc_numeric numeric)
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
    irc_line_last(&line, bytes_of(text_of(numeric)));
    irc_line_end(&line);
}
