#include "load/stream.h"

void stream_begin(struct stream *stream, uint32_t next)
{
    *stream = (struct stream){.next = next, .is_new = true};
}

bool stream_take(struct stream *stream, uint32_t number, uint32_t *ret_skipped)
{
    int32_t ahead = (int32_t)(number - stream->next);

    if (ahead < 0 && !stream->is_new)
        return false;
    *ret_skipped = ahead > 0 ? (uint32_t)ahead : 0;
    *stream = (struct stream){.next = number + 1};
    return true;
}

uint32_t stream_missing(const struct stream *stream, uint32_t next)
{
    return next - stream->next;
}
