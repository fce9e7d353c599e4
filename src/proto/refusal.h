/* A word to clients of protocols that are not served: in their own language, so that the person behind
 * them sees it. It holds nothing that a user or the client wrote. */
#ifndef PROTO_REFUSAL_H
#define PROTO_REFUSAL_H

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/detect.h"
#include "proto/dialect.h"

/* The close reason for a protocol that is not served; CLOSE_REASON_COUNT for one that is. */
enum close_reason refusal_reason(enum detect_result protocol);

/* Appends the answer, which may be nothing. `first` is what the client has sent so far. */
void refusal_render(enum detect_result protocol, struct bytes first, struct buf *out);

/* The same for what this port does not take though others may, with what to use instead: "nc or telnet";
 * empty: none of what there is. */
void refusal_render_port(enum detect_result protocol, struct bytes first, struct bytes instead,
                         struct buf *out);

#endif
