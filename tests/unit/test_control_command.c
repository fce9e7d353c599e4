/* The table of the administrator's commands: what holds for every row, and what a wrong call is told. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "daemon/control_command.h"
#include "daemon/server.h"

static void test_control_command_rows_are_complete(void **state)
{
    size_t count;
    const struct control_command *table = control_command_table(&count);
    (void)state;

    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const struct control_command *row = &table[i];
        struct bytes usage = bytes_of(row->usage);
        assert_true(bytes_eq(bytes_word(&usage), bytes_of(row->name)));
        assert_true(strlen(row->help) > 10 && row->help[strlen(row->help) - 1] != '.');
        assert_null(strchr(row->help, '\n'));
        assert_true(row->long_help[0] == '\0' || row->long_help[strlen(row->long_help) - 1] == '\n');
        assert_true(row->words_min <= row->words_max && row->words_max <= CONTROL_LINE_WORDS_MAX);
        assert_ptr_equal(control_command_find(bytes_of(row->name)), row); /* no two of a name */
    }
    assert_null(control_command_find(BYTES("")));
    assert_null(control_command_find(BYTES("hel")));
}

/* A call of a server of which only the registry is there: it must not be needed. */
static void assert_call(const char *text, enum control_status status, const char *part)
{
    struct server *server = calloc(1, sizeof(*server));
    struct control_line line;
    struct control_call call;
    const char *why;
    struct buf out;

    assert_non_null(server);
    registry_init(&server->registry, &(struct registry_config){0});
    ban_list_init(&server->bans);
    assert_int_equal(control_line_parse(bytes_of(text), &line, &why), 0);
    buf_init(&out, 65536);
    control_call_begin(&call, server, &line);
    while (control_call_step(&call, &out))
        ;
    assert_int_equal(call.status, status);
    buf_put(&out, buf_bytes(&call.complaint));
    buf_put_char(&out, '\0');
    if (!strstr(out.ptr, part))
        fail_msg("%s: %s", text, out.ptr);
    control_call_done(&call);
    buf_done(&out);
    ban_list_done(&server->bans);
    registry_done(&server->registry);
    free(server);
}

static void test_control_command_wrong_calls_say_what_to_do(void **state)
{
    (void)state;
    assert_call("statu", CONTROL_USAGE, "did you mean status?");
    assert_call("xyzzyxyzzy", CONTROL_USAGE, "`help` lists them");
    assert_call("\"a\033b\"", CONTROL_USAGE, "no command a?b");
    assert_call("status now", CONTROL_USAGE, "usage: status");
    assert_call("kick", CONTROL_USAGE, "usage: kick SESSION|NAME [WHY]");
    assert_call("log levle", CONTROL_USAGE, "usage: log level");
    assert_call("log level loud", CONTROL_USAGE, "loud is no level");
    assert_call("kick nobody", CONTROL_FAILED, "no session or name nobody");
    assert_call("kick 17", CONTROL_FAILED, "no session or name 17");
    assert_call("ban 192.0.2.7.1", CONTROL_USAGE, "is no mask");
    assert_call("ban 192.0.2.7/8", CONTROL_USAGE, "write 10.0.0.0/8");
    assert_call("unban x", CONTROL_FAILED, "there is no ban x");
    assert_call("why somewhere", CONTROL_USAGE, "is no address");
    assert_call("drain on", CONTROL_USAGE, "usage: drain [off]");
    assert_call("shutdown --in soon", CONTROL_USAGE, "--in needs a time");
    assert_call("shutdown --in", CONTROL_USAGE, "--in needs a time");
    assert_call("shutdown cancel", CONTROL_FAILED, "no shutdown is announced");
}

static void test_control_command_help(void **state)
{
    (void)state;
    assert_call("help", CONTROL_OK, "kick SESSION|NAME [WHY]");
    assert_call("help ban", CONTROL_OK, "DURATION is a number");
    assert_call("--json help", CONTROL_OK, "{\"usage\":\"status\"");
    assert_call("--json help ban", CONTROL_OK, "{\"message\":\"ban MASK");
    assert_call("help nothing-at-all", CONTROL_USAGE, "there is no command");
}

static void test_control_command_bans(void **state)
{
    (void)state;
    assert_call("ban troll* 2h be good", CONTROL_OK, "troll* is banned");
    assert_call("bans", CONTROL_OK, "MASK");
    assert_call("why 192.0.2.7", CONTROL_OK, "Admitted: 192.0.2.7 has 0 connections");
    assert_call("why 2001:db8::1", CONTROL_OK, "Admitted");
    assert_call("why unix", CONTROL_OK, "Admitted");
    assert_call("sessions", CONTROL_OK, "ID  NAME");
    assert_call("--json sessions", CONTROL_OK, "[\n]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_control_command_rows_are_complete),
        cmocka_unit_test(test_control_command_wrong_calls_say_what_to_do),
        cmocka_unit_test(test_control_command_help),
        cmocka_unit_test(test_control_command_bans),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
