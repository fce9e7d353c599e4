/* What all dialects share: the words for why a connection ends. */
#include "proto/dialect.h"

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
    case CLOSE_NO_MEMORY:
        return "no-memory";
    case CLOSE_REASON_COUNT:
        break;
    }
    BUG("no such close reason: %d", (int)reason);
}
