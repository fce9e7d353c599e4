/* See irc_out.h. */
#include "proto/irc_out.h"

#include <time.h>

#include "proto/irc_cap.h"
#include "proto/irc_mask.h"

/* RFC 3339 in UTC with milliseconds (IRCv3, "server-time"). */
static void tag_time(struct irc_line *line, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    char text[40];
    struct buf stamp;

    if (gmtime_r(&seconds, &tm) == NULL)
        return;
    buf_init_fixed(&stamp, text, sizeof(text));
    buf_printf(&stamp, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
               tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(wall_ms % 1000));
    irc_line_tag(line, "time", buf_bytes(&stamp));
}

void irc_out_start_as(struct irc_line *line, const struct irc_reader *reader, const struct chat_event *event,
                      struct bytes source, const char *command)
{
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
