/* Colours and the bell of the plain dialect. For its renderers. */
#ifndef PROTO_PLAIN_COLOUR_H
#define PROTO_PLAIN_COLOUR_H

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/dialect.h"

/* A person's name; in colour it always has the same hue, and the reader's own is bold. */
void plain_colour_name(struct wire_form form, struct bytes name, struct bytes you, struct buf *out);

/* What somebody said: with its formatting and the reader's name bold, or without any of it. Its second and later
 * lines follow on lines that show they belong to it; the end of the last one is left to the caller. */
void plain_colour_said(struct wire_form form, struct bytes text, struct bytes you, struct buf *out);

/* Makes what stands in `out` behind `start`, whole lines or the beginning of one, dim: what the server says. */
void plain_colour_dim(struct wire_form form, size_t start, struct buf *out);

/* Rings, if the reader wants that for this message. */
void plain_colour_ring(struct wire_form form, const struct chat_event *event, const struct chat_view *view,
                       struct buf *out);

#endif
