/* docs/commands.md has one line for each row of the command table, and the same words. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/buf.h"
#include "chat/command.h"

/* A '|' would end the table's cell. */
static void put_cell(struct buf *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|')
            buf_put_char(out, '\\');
        buf_put_char(out, *text);
    }
}

static const char *who_may(const struct command *row)
{
    if (row->role == POLICY_ANYONE)
        return "everybody";
    if (row->role == POLICY_SERVER_OPERATOR)
        return "server operators";
    if (row->operator_if_mode == ROOM_MODE_TOPIC_LOCK)
        return "everybody; with topic-lock operators";
    if (row->operator_if_mode == ROOM_MODE_INVITE_ONLY)
        return "members; with invite-only operators";
    return (row->flags & COMMAND_F_SHOWS_ALONE) != 0 ? "operators; alone everybody" : "operators";
}

static void put_row(struct buf *out, const struct command *row)
{
    buf_printf(out, "| `/%s%s", row->name, row->arguments[0] != '\0' ? " " : "");
    put_cell(out, row->arguments);
    buf_put_text(out, "` |");
    for (size_t i = 0; i < COMMAND_ALIASES_MAX && row->aliases[i] != NULL; i++)
        buf_printf(out, "%s `/%s`", i > 0 ? "," : "", row->aliases[i]);
    buf_printf(out, " | %s | ", who_may(row));
    put_cell(out, row->summary);
    buf_put_text(out, " |\n");
}

static char *read_document(void)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];
    char *text = calloc(1, 65536);

    assert_non_null(text);
    snprintf(path, sizeof(path), "%s/docs/commands.md", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

static void test_commands_doc_has_the_table(void **state)
{
    char *text = read_document();
    struct buf want;
    (void)state;

    buf_init(&want, 65536);
    for (size_t i = 0; command_row(i) != NULL; i++)
        put_row(&want, command_row(i));
    buf_put_char(&want, '\0');
    assert_int_equal(buf_error(&want), 0);
    const char *have = strstr(text, "| `/");
    if (have == NULL || strncmp(have, want.ptr, want.len - 1) != 0) {
        fprintf(stderr, "docs/commands.md should have these lines and no others:\n%s", want.ptr);
        fail();
    }
    assert_null(strstr(have + want.len - 1, "| `/")); /* nothing that is no command */
    buf_done(&want);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_doc_has_the_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
