/* Writing lines of the plain dialect: what its renderers share. Not for other folders. */
#ifndef PROTO_PLAIN_OUT_H
#define PROTO_PLAIN_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/dialect.h"

/* How a line begins that belongs to the one above it. */
#define PLAIN_OUT_MORE "      | "
#define PLAIN_OUT_COLUMNS_MAX 78

void plain_out_end(struct wire_form form, struct buf *out);

/* Something that a person made up. It was cleaned on the way in (chat/text.h): anything that is not is our own
 * mistake and aborts, before it can reach a terminal. */
void plain_out_text(struct buf *out, struct bytes text);

/* `pattern` with the first text in the place of '$' and the second in the place of '~'. */
void plain_out_fill(struct buf *out, const char *pattern, struct bytes dollar, struct bytes tilde);
/* The same, and the end of the line. */
void plain_out_line(struct wire_form form, struct buf *out, const char *pattern, struct bytes dollar,
                    struct bytes tilde);
/* A line that is always the same. */
void plain_out_fixed(struct wire_form form, struct buf *out, const char *line);

/* "1 person", "12 people" */
void plain_out_count(struct buf *out, uint64_t count, const char *one, const char *many);

/* "8 minutes", with `more` between: "8 more minutes". Rounded up to seconds below 100, to minutes below 100,
 * to hours below 48, else to days. */
void plain_out_duration(struct buf *out, int64_t seconds, const char *more);

/* "14:05" and "Sat 21 Nov 2026" in the reader's zone; the names of days do not depend on a locale. */
void plain_out_clock(struct wire_form form, struct buf *out, int64_t wall_ms);
/* As the reader has chosen: with a space behind, or nothing. */
void plain_out_time(struct wire_form form, struct buf *out, int64_t wall_ms);
void plain_out_date(struct wire_form form, struct buf *out, int64_t wall_ms);
bool plain_out_is_same_day(struct wire_form form, int64_t a_wall_ms, int64_t b_wall_ms);

/* Words that fill continuation lines, wrapped. Starts as {.form = …, .out = …}. */
struct plain_wrap {
    struct wire_form form;
    struct buf *out;
    size_t column; /* 0: no line is begun */
};
/* One word of three parts, which stay together. */
void plain_wrap_word(struct plain_wrap *wrap, const char *before, struct bytes word, const char *after);
void plain_wrap_end(struct plain_wrap *wrap);

#endif
