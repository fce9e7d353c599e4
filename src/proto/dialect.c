/* What all dialects share: the words for why a connection ends, and how a wire form follows from choices. */
#include "proto/dialect.h"

#include "base/attr.h"
#include "base/check.h"
#include "proto/irc_cap.h"
#include "proto/json_dialect.h"
#include "proto/plain.h"

const char *close_reason_str(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_QUIT:
        return "quit";
    case CLOSE_EOF:
        return "eof";
    case CLOSE_LOST:
        return "lost";
    case CLOSE_PING_TIMEOUT:
        return "ping-timeout";
    case CLOSE_SHUTDOWN:
        return "shutdown";
    case CLOSE_NAME_TIMEOUT:
        return "name-timeout";
    case CLOSE_TLS_FAILED:
        return "tls-failed";
    case CLOSE_TLS_HANDSHAKES:
        return "tls-handshakes";
    case CLOSE_NOT_READING:
        return "not-reading";
    case CLOSE_PER_ADDRESS:
        return "per-address";
    case CLOSE_SERVER_FULL:
        return "server-full";
    case CLOSE_NOT_TEXT:
        return "not-text";
    case CLOSE_BAD_NAMES:
        return "bad-names";
    case CLOSE_UNNAMED:
        return "unnamed-per-address";
    case CLOSE_TLS_REQUIRED:
        return "tls-required";
    case CLOSE_HTTP:
        return "http";
    case CLOSE_SSH:
        return "ssh";
    case CLOSE_PROXY:
        return "proxy";
    case CLOSE_KILLED:
        return "killed";
    case CLOSE_PASSWORDS:
        return "passwords";
    case CLOSE_DIALECT:
        return "dialect";
    case CLOSE_NO_MEMORY:
        return "no-memory";
    case CLOSE_DRAINING:
        return "draining";
    case CLOSE_KICKED:
        return "kicked";
    case CLOSE_BANNED:
        return "banned";
    case CLOSE_REASON_COUNT:
        break;
    }
    BUG("no such close reason: %d", (int)reason);
}

/* Of what happens in a room these capabilities change nothing for those who did not do it, but for what is personal. */
#define CAPS_OF_ANSWERS \
    (IRC_CAP_F_CHANNEL_RENAME | IRC_CAP_F_BATCH | IRC_CAP_F_CAP_NOTIFY | IRC_CAP_F_CHATHISTORY | \
     IRC_CAP_F_READ_MARKER | IRC_CAP_F_LABELED_RESPONSE | IRC_CAP_F_ECHO_MESSAGE | IRC_CAP_F_MULTI_PREFIX | \
     IRC_CAP_F_NO_IMPLICIT_NAMES | IRC_CAP_F_STANDARD_REPLIES | IRC_CAP_F_USERHOST_IN_NAMES)

/* What of the flags a room's news depend on: whether there are batches only with messages that are such. */
static uint32_t flags_of_news(uint32_t flags)
{
    const uint32_t no_matter = (uint32_t)CAPS_OF_ANSWERS << WIRE_CAPS_SHIFT;
    const uint32_t batch = (uint32_t)IRC_CAP_F_BATCH << WIRE_CAPS_SHIFT;
    const uint32_t multiline = (uint32_t)IRC_CAP_F_MULTILINE << WIRE_CAPS_SHIFT;

    return flags & ~((flags & batch) != 0 ? no_matter : no_matter | multiline);
}

bool wire_form_is_same_news(struct wire_form a, struct wire_form b)
{
    return a.dialect == b.dialect && flags_of_news(a.flags) == flags_of_news(b.flags) && a.zone == b.zone;
}

bool wire_form_is_personal(struct wire_form form, const struct chat_event *event)
{
    bool is_irc = form.dialect != &plain_dialect && form.dialect != &json_dialect;

    return is_irc && event->kind == CHAT_EV_ROOM_RENAMED;
}

bool wire_form_shows_all_joins(struct wire_form form)
{
    return form.dialect != &plain_dialect || (form.flags & WIRE_F_ALL_JOINS) != 0;
}

static uint32_t echo_flag(const struct wire_reader *reader)
{
    bool is_auto = reader->options[OPTION_ECHO] == OPTION_ECHO_AUTO;
    bool is_on =
        is_auto ? (reader->facts & WIRE_FACT_EDITOR) != 0 : reader->options[OPTION_ECHO] == OPTION_ECHO_ON;

    return is_on ? WIRE_F_ECHO : 0;
}

static uint32_t colour_flags(const struct wire_reader *reader)
{
    static const uint32_t by_choice[] = {0, WIRE_F_COLOUR, 0};
    bool is_terminal = (reader->facts & WIRE_FACT_TERMINAL) != 0;
    uint16_t choice = reader->options[OPTION_COLOUR];

    CHECK(choice < ARRAY_LEN(by_choice));
    uint32_t flags = choice == OPTION_COLOUR_AUTO && is_terminal ? WIRE_F_COLOUR : by_choice[choice];
    return flags != 0 && (reader->facts & WIRE_FACT_256COLOR) != 0 ? flags | WIRE_F_COLOUR256 : flags;
}

static uint32_t bell_flags(const struct wire_reader *reader)
{
    static const uint32_t by_choice[] = {0, WIRE_F_BELL, 0, WIRE_F_BELL_ALL};
    bool is_terminal = (reader->facts & WIRE_FACT_TERMINAL) != 0;
    uint16_t choice = reader->options[OPTION_BELL];

    CHECK(choice < ARRAY_LEN(by_choice));
    return choice == OPTION_BELL_AUTO && is_terminal ? WIRE_F_BELL : by_choice[choice];
}

struct wire_form wire_form_of(const struct wire_reader *reader)
{
    static const uint32_t time_flags[] = {0, WIRE_F_NO_TIME, WIRE_F_ISO_TIME};
    static const uint32_t joins_flags[] = {0, WIRE_F_ALL_JOINS, WIRE_F_NO_JOINS};
    const uint16_t *options = reader->options;

    if (reader->irc)
        return (struct wire_form){.dialect = reader->irc->dialect,
                                  .flags = (reader->irc->caps & IRC_CAP_F_RENDERED) << WIRE_CAPS_SHIFT};
    CHECK(options[OPTION_TIME] < ARRAY_LEN(time_flags) && options[OPTION_JOINS] < ARRAY_LEN(joins_flags));
    struct wire_form form = {.dialect = &plain_dialect};
    form.flags = (reader->facts & WIRE_FACT_CRLF) != 0 ? WIRE_F_CRLF : 0;
    form.flags |= joins_flags[options[OPTION_JOINS]] | echo_flag(reader);
    if (options[OPTION_FORMAT] == OPTION_FORMAT_JSON) {
        form.dialect = &json_dialect;
        return form;
    }
    form.flags |= time_flags[options[OPTION_TIME]];
    if (options[OPTION_PLAIN] != OPTION_PLAIN_ON)
        form.flags |= colour_flags(reader) | bell_flags(reader);
    form.width = options[OPTION_WIDTH];
    form.zone = reader->zone;
    return form;
}
