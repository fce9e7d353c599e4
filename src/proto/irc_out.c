/* See irc_out.h. */
#include "proto/irc_out.h"

#include <inttypes.h>
#include <stdio.h>

#include "proto/irc_cap.h"
#include "proto/irc_mark.h"
#include "proto/irc_mask.h"

static void tag_time(struct irc_line *line, int64_t wall_ms)
{
    char text[40];
    struct buf stamp;

    buf_init_fixed(&stamp, text, sizeof(text));
    irc_mark_put_time(wall_ms, &stamp);
    irc_line_tag(line, "time", buf_bytes(&stamp));
}

void irc_out_start_as(struct irc_line *line, const struct irc_reader *reader, const struct chat_event *event,
                      struct bytes source, const char *command)
{
    bool is_own = !bytes_eq(source, reader->server);

    if (is_own && event->is_bot && (reader->caps & IRC_CAP_F_MESSAGE_TAGS) != 0)
        irc_line_tag(line, "bot", BYTES(""));
    if ((reader->caps & IRC_CAP_F_SERVER_TIME) != 0)
        tag_time(line, event->wall_ms);
    irc_line_start(line, source, command);
}

void irc_out_start(struct irc_line *line, const struct irc_reader *reader, const struct chat_event *event,
                   struct bytes actor, const char *command)
{
    struct irc_source source = {""};

    irc_out_start_as(line, reader, event, actor.len > 0 ? irc_source(&source, actor) : reader->server,
                     command);
}

void irc_out_event(const struct irc_reader *reader, const struct chat_event *event,
                   const struct irc_out_event *what, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_out_start(&line, reader, event, what->actor, what->command);
    if (what->first.len > 0)
        irc_line_word(&line, what->first);
    if (what->second.len > 0)
        irc_line_word(&line, what->second);
    if (what->text != NULL)
        irc_line_last(&line, *what->text);
    irc_line_end(&line);
}

static void put_standard(const struct irc_reader *reader, const char *verb, const struct irc_out_fail *fail,
                         struct buf *out)
{
    const struct bytes words[] = {fail->first, fail->second, fail->third};
    struct irc_line line = {.out = out};

    irc_line_start(&line, reader->server, verb);
    irc_line_word(&line, bytes_of(fail->command));
    irc_line_word(&line, bytes_of(fail->code));
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (words[i].len > 0)
            irc_line_echo(&line, words[i]);
    }
    irc_line_last(&line, bytes_of(fail->text));
    irc_line_end(&line);
}

void irc_out_fail(const struct irc_reader *reader, const struct irc_out_fail *fail, struct buf *out)
{
    put_standard(reader, "FAIL", fail, out);
}

void irc_out_warn(const struct irc_reader *reader, const struct irc_out_fail *warning, struct buf *out)
{
    put_standard(reader, "WARN", warning, out);
}

static void start_batch(struct irc_line *line, const struct irc_out_batch *batch, char sign,
                        const struct irc_reader *reader)
{
    char text[sizeof(batch->reference) + 1];
    struct buf word;

    buf_init_fixed(&word, text, sizeof(text));
    buf_put_char(&word, sign);
    buf_put_text(&word, batch->reference);
    irc_line_start(line, reader->server, "BATCH");
    irc_line_word(line, buf_bytes(&word));
}

void irc_out_batch_start(struct irc_out_batch *batch, const struct irc_reader *reader,
                         const struct chat_event *event, const char *type, struct bytes word, struct buf *out)
{
    struct irc_line line = {.out = out};

    snprintf(batch->reference, sizeof(batch->reference), "%" PRIx64, event->seq);
    start_batch(&line, batch, '+', reader);
    irc_line_word(&line, bytes_of(type));
    if (word.len > 0)
        irc_line_word(&line, word);
    irc_line_end(&line);
}

void irc_out_batch_end(const struct irc_out_batch *batch, const struct irc_reader *reader, struct buf *out)
{
    struct irc_line line = {.out = out};

    start_batch(&line, batch, '-', reader);
    irc_line_end(&line);
}

void irc_out_reply(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                   struct bytes second, struct bytes text, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_numeric_start(&line, reader, numeric);
    if (first.len > 0)
        irc_line_word(&line, first);
    if (second.len > 0)
        irc_line_word(&line, second);
    irc_line_last(&line, text);
    irc_line_end(&line);
}

void irc_out_notice(const struct irc_reader *reader, struct bytes text, struct buf *out)
{
    struct irc_line line = {.out = out};

    irc_line_start(&line, reader->server, "NOTICE");
    irc_line_word(&line, reader->you.len > 0 ? reader->you : BYTES("*"));
    irc_line_last(&line, text);
    irc_line_end(&line);
}
