/* The rule for the first line of IRC, against another way of writing it. */
#include <string.h>

#include "base/check.h"
#include "fuzz/fuzz.h"
#include "proto/detect.h"

/* A state machine over single bytes, where the other cuts words. */
enum state { START, TAGS, BEFORE_SOURCE, SOURCE, BEFORE_VERB, VERB, BEFORE_PARAMETER, PARAMETER };

static enum state step(enum state state, char c)
{
    switch (state) {
    case START:
        return c == '@' ? TAGS : c == ':' ? SOURCE : c == ' ' ? BEFORE_PARAMETER : VERB;
    case TAGS:
        return c == ' ' ? BEFORE_SOURCE : TAGS;
    case BEFORE_SOURCE:
        return c == ' ' ? BEFORE_SOURCE : c == ':' ? SOURCE : VERB;
    case SOURCE:
        return c == ' ' ? BEFORE_VERB : SOURCE;
    case BEFORE_VERB:
        return c == ' ' ? BEFORE_VERB : VERB;
    case VERB:
        return c == ' ' ? BEFORE_PARAMETER : VERB;
    case BEFORE_PARAMETER:
        return c == ' ' ? BEFORE_PARAMETER : PARAMETER;
    case PARAMETER:
        return PARAMETER;
    }
    return PARAMETER;
}

static bool is_irc(struct bytes line, bool capitals_only)
{
    static const char *const verbs[] = {"CAP", "NICK", "PASS", "USER", "WEBIRC", "AUTHENTICATE", "PING"};
    enum state state = START;
    char verb[16] = "";
    size_t len = 0;

    for (size_t i = 0; i < line.len && state != PARAMETER; i++) {
        state = step(state, line.ptr[i]);
        if (state == VERB && len < sizeof(verb) - 1)
            verb[len++] = line.ptr[i];
    }
    if (state != PARAMETER)
        return false;
    struct bytes word = {verb, len};
    for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
        struct bytes wanted = bytes_of(verbs[i]);
        if (capitals_only ? bytes_eq(word, wanted) : bytes_eq_nocase(word, wanted))
            return true;
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bytes line = fuzz_bytes(data, size);

    CHECK(detect_is_irc(line, true) == is_irc(line, true));
    CHECK(detect_is_irc(line, false) == is_irc(line, false));
    CHECK(!detect_is_irc(line, true) || detect_is_irc(line, false));
    return 0;
}
