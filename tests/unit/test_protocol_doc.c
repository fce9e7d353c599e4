/* docs/protocol.md lists every refusal and every goodbye, in the words that people get. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "chat/chat_err.h"
#include "proto/plain.h"
#include "support/plain_text.h"

enum { DOCUMENT_BYTES_MAX = 256 * 1024 };

static char *read_document(void)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];
    char *text = calloc(1, DOCUMENT_BYTES_MAX);

    assert_non_null(text);
    snprintf(path, sizeof(path), "%s/docs/protocol.md", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, DOCUMENT_BYTES_MAX - 1, file) > 0);
    fclose(file);
    return text;
}

/* Fails with the whole of what there should be, so that it can be put there. */
static void assert_document_has(struct buf *want)
{
    char *document = read_document(), *rows = plain_text_of(want);

    if (strstr(document, rows) == NULL) {
        fprintf(stderr, "docs/protocol.md should have these lines:\n%s", rows);
        fail();
    }
    free(document);
    free(rows);
}

/* A refusal of X, without a suggestion or with Y. How to use a command depends on the command: one that
 * stands alone, one that does not; and what there is to choose on the option. */
static char *refusal(enum chat_err err, const char *suggestion)
{
    const char *subject = err == CHAT_ERR_OPTION_BAD ? "time" : "X";

    if (err == CHAT_ERR_USAGE)
        subject = suggestion[0] == '\0' ? "ping" : "msg";
    struct chat_event_spec spec = {
        .kind = CHAT_EV_REFUSED, .err = err, .text = bytes_of(subject), .extra = bytes_of(suggestion)};

    return plain_text_render(plain_text_lf, spec, &plain_text_here);
}

static void put_cell(struct buf *out, const char *line)
{
    buf_put_text(out, "- `");
    buf_put(out, (struct bytes){line, strcspn(line, "\n")});
    buf_put_text(out, "`\n");
}

static void test_protocol_doc_has_every_refusal(void **state)
{
    struct buf want;
    (void)state;

    buf_init(&want, DOCUMENT_BYTES_MAX);
    for (int err = CHAT_OK + 1; err < CHAT_ERR_COUNT; err++) {
        char *alone = refusal((enum chat_err)err, ""), *suggesting = refusal((enum chat_err)err, "Y");
        put_cell(&want, alone);
        if (strcmp(alone, suggesting) != 0)
            put_cell(&want, suggesting);
        free(alone);
        free(suggesting);
    }
    assert_document_has(&want);
}

static void test_protocol_doc_has_every_goodbye(void **state)
{
    struct buf want;
    (void)state;

    buf_init(&want, DOCUMENT_BYTES_MAX);
    for (int reason = 0; reason < CLOSE_REASON_COUNT; reason++) {
        struct buf line;
        buf_init(&line, DIALECT_EVENT_BYTES_MAX);
        plain_dialect.goodbye(plain_text_lf, (enum close_reason)reason, &line);
        char *text = plain_text_of(&line);
        buf_printf(&want, "| `%s` | `%.*s` |\n", close_reason_str((enum close_reason)reason),
                   (int)strcspn(text, "\n"), text);
        free(text);
    }
    assert_document_has(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protocol_doc_has_every_refusal),
        cmocka_unit_test(test_protocol_doc_has_every_goodbye),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
