#include "base/log_kind.h"

#include "base/check.h"

/* clang-format off */
static const struct log_kind_row rows[LOG_KIND_COUNT] = {
    [LOG_KIND_STARTING] = {"starting", "f4911d5f873c444aad85ed73fff74fdf",
        "mingled {version} starting", false},
    [LOG_KIND_LISTENING] = {"listening", "9a0bc2e7cc0b4a96b9c6e158b2be3997",
        "listening on {address}", false},
    [LOG_KIND_METRICS_ON] = {"metrics-on", "fca2498511874993ac420794c38c9aeb",
        "metrics on {address}", false},
    [LOG_KIND_SIGNAL] = {"signal", "f31fdd8e95e74f32b2102b0443879568",
        "signal {number} ({signal}): stopping", false},
    [LOG_KIND_STOPPING] = {"stopping", "134469da76c24fbea015b0c8a1c11d8a",
        "stopping: {connections} connections, {timeout_ms} ms at most", false},
    [LOG_KIND_STOPPED] = {"stopped", "80d3f928446042e081a8b430335f200d",
        "stopped", false},
    [LOG_KIND_LEVEL_SET] = {"level-set", "62fd73aaab464c3e9c9a139985cdf2ff",
        "log level is now {now}", false},
    [LOG_KIND_SESSION_OPEN] = {"session-open", "f174fc3c7b604d4dabda2a45ff5dffbe",
        "session={session} open from={address}", true},
    [LOG_KIND_SESSION_CLIENT] = {"session-client", "4753bdc1bed0428095066268ae975569",
        "session={session} client={address}", true},
    [LOG_KIND_SESSION_TLS] = {"session-tls", "86983f06997043b1ada825f8eeea0b38",
        "session={session}", true},
    [LOG_KIND_SESSION_NAMED] = {"session-named", "21b34e186a6c4a91a056db28de9a4cb0",
        "session={session} named user={name}", true},
    [LOG_KIND_SESSION_CLOSED] = {"session-closed", "094fc1aa70c54b1f91513fec22535cbc",
        "session={session} closed", true},
    [LOG_KIND_SESSION_REFUSED] = {"session-refused", "d83fd1510ea8448e8b37a95e65d3521e",
        "session={session} closed", true},
    [LOG_KIND_SESSION_FAILED] = {"session-failed", "6e652f1c393c491a92a9cb51042b930d",
        "session={session} failed: {error}", true},
    [LOG_KIND_SESSION_TRACE] = {"session-trace", "f152dfad88fc4782a496e45529ca3ae8",
        "session={session} {direction} {line}", true},
    [LOG_KIND_TRACE_SET] = {"trace-set", "bc901609166945ffac7107545bc642c8",
        "session={session} trace {state}", false},
    [LOG_KIND_ACCEPT_FAILED] = {"accept-failed", "0d41cddd3b6340c7806330e81594a29b",
        "cannot accept clients on {address}, they are turned away: {error}", true},
    [LOG_KIND_NO_MEMORY] = {"no-memory", "9fd8dcf47adb42be83ac411f9e9ac4dc",
        "no memory for a session: connection closed", true},
    [LOG_KIND_UNHEALTHY] = {"unhealthy", "44e4218600c8456992c5f59a482f177f",
        "the server does not get on: {error}", false},
    [LOG_KIND_LOOP_HANGS] = {"loop-hangs", "23c99f4bc7d447aeb69280fdfc924863",
        "the loop hangs, for {ms} ms so far", false},
    [LOG_KIND_SUPPRESSED] = {"suppressed", "3abecf5aba9643ef9afa7beb072a28a2",
        "suppressed={count} kind={kind}", false},
};
/* clang-format on */

const struct log_kind_row *log_kind_row(enum log_kind kind)
{
    CHECK(kind < LOG_KIND_COUNT);
    return &rows[kind];
}
