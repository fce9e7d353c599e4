/* Tables: cells are packed into one buffer as they come, and turned into text when their turn comes. */
#include "daemon/table.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/width.h"

#define CELL_TEXT_MAX 64 /* of one that is a number */
#define LAST_COLUMN_MIN 10

enum cell_kind { CELL_TEXT, CELL_UINT, CELL_REAL, CELL_BOOL, CELL_MS, CELL_SIZE };

/* In front of the text of CELL_TEXT. */
struct table_cell {
    enum cell_kind kind;
    union {
        uint64_t number;
        double real;
        int64_t ms;
        size_t len;
    } u;
};

void table_init(struct table *table, const struct table_column *columns, size_t count, size_t max_bytes)
{
    CHECK(count > 0 && count <= TABLE_COLUMNS_MAX);
    *table = (struct table){.columns = columns, .column_count = count};
    for (size_t i = 0; i < count; i++)
        table->widths[i] = strlen(columns[i].title);
    buf_init(&table->cells, max_bytes);
}

void table_done(struct table *table)
{
    if (table->columns)
        buf_done(&table->cells);
    table->columns = NULL;
}

/* ---- values as text ---- */

void table_put_ms(struct buf *out, int64_t ms)
{
    int64_t s = ms / 1000;
    if (ms < 0)
        buf_put_char(out, '-');
    else if (ms < 10000 && ms % 1000 >= 100)
        buf_printf(out, "%" PRId64 ".%" PRId64 "s", s, ms % 1000 / 100);
    else if (s < 60)
        buf_printf(out, "%" PRId64 "s", s);
    else if (s < 3600)
        buf_printf(out, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
    else if (s < 86400)
        buf_printf(out, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
    else
        buf_printf(out, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
}

void table_put_clean(struct buf *out, struct bytes text)
{
    while (text.len > 0) {
        char encoded[UTF8_MAX_BYTES];
        uint32_t c;
        bool is_valid = true;
        size_t taken = utf8_next(text, &c, &is_valid);
        if (c < 0x20 || (c >= 0x7f && c <= 0x9f))
            c = '?';
        buf_put(out, (struct bytes){encoded, utf8_encode(c, encoded)});
        text = bytes_slice(text, taken, text.len);
    }
}

void table_put_clean_lines(struct buf *out, struct bytes text)
{
    while (text.len > 0) {
        table_put_clean(out, bytes_cut(&text, '\n'));
        buf_put_char(out, '\n');
    }
}

static void put_size(struct buf *out, uint64_t bytes)
{
    static const char units[] = "KMGTPE";
    size_t unit = 0;
    double value = (double)bytes / 1024;

    if (bytes < 1024) {
        buf_printf(out, "%" PRIu64, bytes);
        return;
    }
    for (; value >= 1024 && unit + 2 < sizeof(units); unit++)
        value /= 1024;
    buf_printf(out, "%.1f%c", value, units[unit]);
}

static void put_cell(struct buf *out, const struct table_cell *cell, struct bytes text)
{
    switch (cell->kind) {
    case CELL_TEXT:
        table_put_clean(out, text);
        break;
    case CELL_UINT:
        buf_printf(out, "%" PRIu64, cell->u.number);
        break;
    case CELL_REAL:
        buf_printf(out, "%.9g", cell->u.real);
        break;
    case CELL_BOOL:
        buf_put_text(out, cell->u.number ? "yes" : "no");
        break;
    case CELL_MS:
        table_put_ms(out, cell->u.ms);
        break;
    case CELL_SIZE:
        put_size(out, cell->u.number);
        break;
    }
}

static void put_json(struct json *json, const struct table_cell *cell, struct bytes text)
{
    if (cell->kind == CELL_TEXT)
        json_text(json, text);
    else if (cell->kind == CELL_REAL)
        json_double(json, cell->u.real);
    else if (cell->kind == CELL_BOOL)
        json_bool(json, cell->u.number != 0);
    else if (cell->kind == CELL_MS && cell->u.ms < 0)
        json_null(json);
    else if (cell->kind == CELL_MS)
        json_int(json, cell->u.ms);
    else
        json_uint(json, cell->u.number);
}

/* ---- filling ---- */

static void add(struct table *table, struct table_cell cell, struct bytes text)
{
    size_t column = table->cell_count++ % table->column_count, width;
    char small[CELL_TEXT_MAX];
    struct buf shown;

    if (cell.kind == CELL_TEXT) {
        width = width_of_text(text);
        for (size_t i = 0; i < text.len; i++) /* which become one '?' each */
            width += (unsigned char)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f;
    } else {
        buf_init(&shown, sizeof(small));
        put_cell(&shown, &cell, text);
        width = shown.len;
        buf_done(&shown);
    }
    if (width > table->widths[column])
        table->widths[column] = width;
    buf_put(&table->cells, (struct bytes){(const char *)&cell, sizeof(cell)});
    buf_put(&table->cells, text);
}

void table_text(struct table *table, struct bytes text)
{
    add(table, (struct table_cell){.kind = CELL_TEXT, .u.len = text.len}, text);
}

void table_uint(struct table *table, uint64_t value)
{
    add(table, (struct table_cell){.kind = CELL_UINT, .u.number = value}, (struct bytes){NULL, 0});
}

void table_real(struct table *table, double value)
{
    add(table, (struct table_cell){.kind = CELL_REAL, .u.real = value}, (struct bytes){NULL, 0});
}

void table_bool(struct table *table, bool value)
{
    add(table, (struct table_cell){.kind = CELL_BOOL, .u.number = value}, (struct bytes){NULL, 0});
}

void table_ms(struct table *table, int64_t value)
{
    add(table, (struct table_cell){.kind = CELL_MS, .u.ms = value}, (struct bytes){NULL, 0});
}

void table_size(struct table *table, uint64_t bytes)
{
    add(table, (struct table_cell){.kind = CELL_SIZE, .u.number = bytes}, (struct bytes){NULL, 0});
}

size_t table_row_count(const struct table *table)
{
    return table->cell_count / table->column_count;
}

int table_error(const struct table *table)
{
    return buf_error(&table->cells);
}

/* ---- printing ---- */

static void next_cell(struct table *table, struct table_cell *ret_cell, struct bytes *ret_text)
{
    const char *at = table->cells.ptr + table->at;
    memcpy(ret_cell, at, sizeof(*ret_cell));
    size_t len = ret_cell->kind == CELL_TEXT ? ret_cell->u.len : 0;
    *ret_text = (struct bytes){at + sizeof(*ret_cell), len};
    table->at += sizeof(*ret_cell) + len;
}

static void put_blanks(struct buf *out, size_t count)
{
    while (count-- > 0)
        buf_put_char(out, ' ');
}

/* The end of `out`, from `mark`, cut to so many columns. */
static void cut_to(struct buf *out, size_t mark, size_t columns)
{
    struct bytes text = bytes_slice(buf_bytes(out), mark, out->len);
    size_t kept = 0, used = 0;

    if (width_of_text(text) <= columns)
        return;
    while (kept < text.len) {
        unsigned width;
        size_t taken = width_cut_cluster(bytes_slice(text, kept, text.len), &width);
        if (used + width > columns - 1)
            break;
        used += width;
        kept += taken;
    }
    buf_truncate(out, mark + kept);
    buf_put_text(out, "…");
}

/* How wide the last column may be; SIZE_MAX: as it is. */
static size_t last_width(const struct table *table, unsigned width)
{
    size_t before = 0;
    if (width == 0)
        return SIZE_MAX;
    for (size_t i = 0; i + 1 < table->column_count; i++)
        before += table->widths[i] + 2;
    return before + LAST_COLUMN_MIN > width ? LAST_COLUMN_MIN : width - before;
}

static void end_line(struct buf *out)
{
    while (out->len > 0 && out->ptr[out->len - 1] == ' ')
        buf_truncate(out, out->len - 1);
    buf_put_char(out, '\n');
}

/* What stands in `out` from `mark` becomes a cell of the column. */
static void align(const struct table *table, size_t column, unsigned width, struct buf *out, size_t mark)
{
    bool is_last = column + 1 == table->column_count;
    if (is_last)
        cut_to(out, mark, last_width(table, width));
    struct bytes text = bytes_slice(buf_bytes(out), mark, out->len);
    size_t used = width_of_text(text);
    size_t missing = used < table->widths[column] ? table->widths[column] - used : 0;
    if (table->columns[column].is_right) {
        struct buf moved; /* numbers are short: they are put once more, behind the blanks */
        buf_init(&moved, CELL_TEXT_MAX);
        buf_put(&moved, text);
        buf_truncate(out, mark);
        put_blanks(out, missing);
        buf_put(out, buf_bytes(&moved));
        buf_done(&moved);
    } else if (!is_last) {
        put_blanks(out, missing);
    }
    if (is_last)
        end_line(out);
    else
        buf_put_text(out, "  ");
}

static void print_head(const struct table *table, unsigned width, struct buf *out)
{
    for (size_t i = 0; i < table->column_count; i++) {
        size_t mark = out->len;
        buf_put_text(out, table->columns[i].title);
        align(table, i, width, out, mark);
    }
}

static void print_row(struct table *table, unsigned width, struct buf *out)
{
    struct table_cell cell;
    struct bytes text;

    for (size_t i = 0; i < table->column_count; i++) {
        size_t mark = out->len;
        next_cell(table, &cell, &text);
        put_cell(out, &cell, text);
        align(table, i, width, out, mark);
    }
}

static void print_record(struct table *table, unsigned width, struct buf *out)
{
    size_t titles = 0;
    struct table_cell cell;
    struct bytes text;

    for (size_t i = 0; i < table->column_count; i++)
        titles = strlen(table->columns[i].title) > titles ? strlen(table->columns[i].title) : titles;
    for (size_t i = 0; i < table->column_count; i++) {
        buf_put_text(out, table->columns[i].title);
        put_blanks(out, titles + 2 - strlen(table->columns[i].title));
        size_t mark = out->len;
        next_cell(table, &cell, &text);
        put_cell(out, &cell, text);
        if (width > titles + 2 + LAST_COLUMN_MIN)
            cut_to(out, mark, width - titles - 2);
        buf_put_char(out, '\n');
    }
}

static void print_object(struct table *table, struct buf *out)
{
    struct table_cell cell;
    struct bytes text;
    struct json json;

    json_init(&json, out);
    json_begin(&json);
    for (size_t i = 0; i < table->column_count; i++) {
        next_cell(table, &cell, &text);
        json_key(&json, table->columns[i].key);
        put_json(&json, &cell, text);
    }
    json_end(&json);
}

static void print_one(struct table *table, bool is_json, unsigned width, struct buf *out)
{
    if (!is_json && table->is_record) {
        print_record(table, width, out);
    } else if (!is_json) {
        print_row(table, width, out);
    } else {
        print_object(table, out);
        buf_put_text(out, table->is_record || table->at == table->cells.len ? "\n" : ",\n");
    }
}

bool table_print(struct table *table, bool is_json, unsigned width, size_t rows, struct buf *out)
{
    if (!table->is_begun && !table->is_record) {
        if (is_json)
            buf_put_text(out, "[\n");
        else
            print_head(table, width, out);
    }
    table->is_begun = true;
    for (; rows > 0 && table->at < table->cells.len; rows--)
        print_one(table, is_json, width, out);
    if (table->at < table->cells.len)
        return true;
    if (is_json && !table->is_record)
        buf_put_text(out, "]\n");
    return false;
}
