/* docs/irc.md names every command, numeric, capability and token that there is, and no other. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/irc_cap.h"
#include "proto/irc_isupport.h"
#include "proto/irc_request.h"

static char document[65536];

static int set_up(void **state)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];
    (void)state;

    snprintf(path, sizeof(path), "%s/docs/irc.md", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t bytes = fread(document, 1, sizeof(document) - 1, file);
    fclose(file);
    assert_true(bytes > 0 && bytes < sizeof(document) - 1);
    return 0;
}

/* The table under this heading: up to the next one. */
static struct bytes section(const char *heading)
{
    const char *start = strstr(document, heading);

    if (start == NULL)
        fail_msg("docs/irc.md has no section \"%s\"", heading);
    start += strlen(heading);
    const char *end = strstr(start, "\n## ");
    return (struct bytes){start, end != NULL ? (size_t)(end - start) : strlen(start)};
}

/* Rows that begin with "| `". */
static size_t count_rows(struct bytes table)
{
    size_t count = 0;

    while (table.len > 0) {
        struct bytes line = bytes_cut(&table, '\n');
        count += bytes_starts_with(line, BYTES("| `")) ? 1 : 0;
    }
    return count;
}

static void assert_row(struct bytes table, const char *first_cell)
{
    char start[300];

    snprintf(start, sizeof(start), "| `%s` |", first_cell);
    while (table.len > 0) {
        if (bytes_starts_with(bytes_cut(&table, '\n'), bytes_of(start)))
            return;
    }
    fail_msg("docs/irc.md has no row %s", start);
}

static void test_irc_document_has_the_commands(void **state)
{
    struct bytes table = section("\n## Commands\n");
    size_t count = 0;
    (void)state;

    for (; irc_request_row(count) != NULL; count++)
        assert_row(table, irc_request_row(count)->name);
    static const char *const others[] = {"BATCH", "CAP", "MARKREAD"}; /* which the dialect answers itself */
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_row(table, others[i]);
    assert_int_equal(count_rows(table), count + ARRAY_LEN(others));
}

static void test_irc_document_has_the_numerics(void **state)
{
    struct bytes table = section("\n## Numerics\n");
    size_t count = 0;
    (void)state;

    for (; irc_numeric_row(count) != NULL; count++) {
        char cell[64];
        snprintf(cell, sizeof(cell), "%03d %s", (int)irc_numeric_row(count)->numeric,
                 irc_numeric_row(count)->name);
        assert_row(table, cell);
    }
    assert_int_equal(count_rows(table), count);
}

static void test_irc_document_has_the_capabilities(void **state)
{
    struct bytes table = section("\n## Capabilities\n");
    size_t count = 0;
    (void)state;

    for (; irc_cap_row(count) != NULL; count++)
        assert_row(table, irc_cap_row(count)->name);
    assert_int_equal(count_rows(table), count);
}

struct tokens {
    struct bytes table;
    size_t count;
};

static void look_for(void *arg, struct bytes token)
{
    struct tokens *tokens = arg;
    char text[300];

    assert_true(bytes_copy(token, text, sizeof(text)));
    assert_row(tokens->table, text);
    tokens->count++;
}

static void test_irc_document_has_the_tokens(void **state)
{
    struct tokens tokens = {.table = section("\n## ISUPPORT\n")};
    (void)state;

    irc_isupport_visit(&(struct irc_isupport){.network = BYTES("mingle"), .rooms_per_user = 50}, look_for,
                       &tokens);
    assert_int_equal(count_rows(tokens.table), tokens.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_document_has_the_commands),
        cmocka_unit_test(test_irc_document_has_the_numerics),
        cmocka_unit_test(test_irc_document_has_the_capabilities),
        cmocka_unit_test(test_irc_document_has_the_tokens),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
