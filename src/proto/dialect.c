/* What all dialects share: the words for why a connection ends, and the choices of a wire form. */
#include "proto/dialect.h"

#include "base/attr.h"
#include "base/check.h"

const char *close_reason_str(enum close_reason reason)
{
    switch (reason) {
    case CLOSE_QUIT:
        return "quit";
    case CLOSE_EOF:
        return "eof";
    case CLOSE_LOST:
        return "lost";
    case CLOSE_SHUTDOWN:
        return "shutdown";
    case CLOSE_NAME_TIMEOUT:
        return "name-timeout";
    case CLOSE_TLS_FAILED:
        return "tls-failed";
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
    case CLOSE_IRC:
        return "irc";
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

static void set_flags(struct wire_form *form, uint32_t mask, uint32_t flags)
{
    form->flags = (form->flags & ~mask) | flags;
}

void wire_form_set(struct wire_form *form, enum chat_option option, uint32_t value)
{
    static const uint32_t time_flags[] = {0, WIRE_F_NO_TIME, WIRE_F_ISO_TIME};
    static const uint32_t joins_flags[] = {0, WIRE_F_ALL_JOINS, WIRE_F_NO_JOINS};

    switch (option) {
    case OPTION_TIME:
        CHECK(value < ARRAY_LEN(time_flags));
        set_flags(form, WIRE_F_NO_TIME | WIRE_F_ISO_TIME, time_flags[value]);
        return;
    case OPTION_JOINS:
        CHECK(value < ARRAY_LEN(joins_flags));
        set_flags(form, WIRE_F_ALL_JOINS | WIRE_F_NO_JOINS, joins_flags[value]);
        return;
    case OPTION_ECHO:
        set_flags(form, WIRE_F_ECHO, value == OPTION_ECHO_ON ? WIRE_F_ECHO : 0);
        return;
    case OPTION_WIDTH:
        form->width = (uint16_t)value;
        return;
    case OPTION_COUNT:
        break;
    }
    BUG("no such option: %d", (int)option);
}
