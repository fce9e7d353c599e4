/* However a stream is split, telnet takes the same events out of it and answers the same; and the other
 * side cannot make it talk without end. The first byte of the input is the size of the pieces. */
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "proto/telnet.h"

/* Our own requests and one answer to each request of the other side, 3 bytes each, with the terminal's
 * question (6 bytes) for as many of them. */
#define REPLY_BYTES_MAX ((size_t)(TELNET_CHANGES_MAX + 8) * 16)

static void note(struct buf *events, const struct telnet_event *event)
{
    if (event->kind == TELNET_EV_DATA) { /* may come in any number of parts */
        buf_put(events, event->data);
        return;
    }
    buf_printf(events, "\n#%d %d %d%d %ux%u %s\n", (int)event->kind, (int)event->option, event->is_local,
               event->is_on, event->width, event->height, event->name);
}

static void run(struct bytes stream, size_t piece, struct buf *events, struct buf *reply)
{
    struct telnet telnet;
    telnet_init(&telnet);
    telnet_set_remote(&telnet, TELNET_TTYPE, true, reply);
    telnet_set_remote(&telnet, TELNET_NAWS, true, reply);
    telnet_set_local(&telnet, TELNET_ECHO, true, reply);
    for (size_t from = 0; from < stream.len; from += piece) {
        struct bytes in = bytes_slice(stream, from, from + piece);
        for (;;) {
            struct telnet_event event = {0};
            size_t used = telnet_step(&telnet, in, &event, reply);
            CHECK(used <= in.len);
            CHECK(event.kind != TELNET_EV_DATA || fuzz_is_inside(event.data, in));
            in = bytes_slice(in, used, in.len);
            if (event.kind == TELNET_EV_NONE)
                break;
            note(events, &event);
        }
        CHECK(in.len == 0);
        CHECK(telnet.sub.len <= TELNET_SUB_BYTES_MAX);
    }
    telnet_done(&telnet);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf events[2], replies[2];

    if (size < 1)
        return 0;
    struct bytes stream = fuzz_bytes(data + 1, size - 1);
    for (int i = 0; i < 2; i++) {
        buf_init(&events[i], 1 << 22);
        buf_init(&replies[i], REPLY_BYTES_MAX);
        run(stream, i == 0 ? stream.len + 1 : 1 + data[0] % 8u, &events[i], &replies[i]);
        CHECK(buf_error(&events[i]) == 0 && buf_error(&replies[i]) == 0);
    }
    CHECK(bytes_eq(buf_bytes(&events[0]), buf_bytes(&events[1])));
    CHECK(bytes_eq(buf_bytes(&replies[0]), buf_bytes(&replies[1])));
    for (int i = 0; i < 2; i++) {
        buf_done(&events[i]);
        buf_done(&replies[i]);
    }
    return 0;
}
