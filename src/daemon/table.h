/* A table for people or for programs: rows of cells, printed in aligned columns or as JSON.
 *
 *     table_init(&table, columns, ARRAY_LEN(columns), 1024 * 1024);
 *     table_text(&table, name);                cells of a row, in the order of the columns
 *     table_uint(&table, count);
 *     while (table_print(&table, is_json, width, 100, &out))
 *         ... write out, empty it, give way ...
 *
 * For people: columns as wide as their widest cell on a terminal (base/width.h), numbers to the right,
 * only the last column cut, when the line would be wider than `width`. Control characters and malformed
 * UTF-8, which cells may hold, become '?' and U+FFFD: no cell can break its line or reach the terminal.
 * For programs: a list of objects, one a line, whose names are the columns' keys and whose values have
 * their units in those names; a record is one object. */
#ifndef DAEMON_TABLE_H
#define DAEMON_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/buf.h"
#include "base/bytes.h"

#define TABLE_COLUMNS_MAX 16

struct table_column {
    const char *key;   /* in JSON */
    const char *title; /* for people */
    bool is_right;     /* numbers */
};

struct table {
    const struct table_column *columns;
    size_t column_count;
    size_t widths[TABLE_COLUMNS_MAX];
    struct buf cells; /* struct table_cell and their texts, packed */
    size_t cell_count;
    size_t at;      /* of `cells`: the next one to be printed */
    bool is_record; /* one row, printed a column a line */
    bool is_begun;  /* printing: the head has been printed */
};

/* `columns` is kept. Cells may take max_bytes; those that do not fit stick as table_error(). */
void table_init(struct table *table, const struct table_column *columns, size_t count, size_t max_bytes);
void table_done(struct table *table); /* also of a zeroed one */

void table_text(struct table *table, struct bytes text);
void table_uint(struct table *table, uint64_t value);
void table_real(struct table *table, double value);
void table_bool(struct table *table, bool value);     /* "yes" or "no" */
void table_ms(struct table *table, int64_t value);    /* a duration: "3m12s"; < 0: none, "-" and null */
void table_size(struct table *table, uint64_t bytes); /* "3.4M" */

size_t table_row_count(const struct table *table);
MUST_CHECK int table_error(const struct table *table); /* 0, -EMSGSIZE or -ENOMEM */

/* Appends the next `rows` rows. False when that was all. width 0: as wide as it gets. */
bool table_print(struct table *table, bool is_json, unsigned width, size_t rows, struct buf *out);

/* "3m12s": the two largest units that count. */
void table_put_ms(struct buf *out, int64_t ms);
/* What people made up, harmless on a terminal. */
void table_put_clean(struct buf *out, struct bytes text);
/* The same of several lines, whose ends are kept. */
void table_put_clean_lines(struct buf *out, struct bytes text);

#endif
