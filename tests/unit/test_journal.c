/* Log records as entries of the journal, as a socket in its place gets them. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "support/temp_folder.h"

struct fixture {
    struct temp_folder folder;
    char path[TEMP_FOLDER_PATH_MAX];
    int fd;
    struct journal journal;
    char entry[32 * 1024];
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!fixture)
        return -1;
    *state = fixture;
    temp_folder_make(&fixture->folder);
    temp_folder_path(&fixture->folder, "socket", fixture->path);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", fixture->path);
    fixture->fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (bind(fixture->fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -1;
    if (journal_open(&fixture->journal, fixture->path) < 0)
        return -1;
    log_set_taker(journal_take, &fixture->journal);
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    log_set_taker(NULL, NULL);
    journal_close(&fixture->journal);
    close(fixture->fd);
    temp_folder_remove(&fixture->folder);
    free(fixture);
    return 0;
}

static const char *receive(struct fixture *fixture)
{
    ssize_t n = recv(fixture->fd, fixture->entry, sizeof(fixture->entry) - 1, MSG_DONTWAIT);
    assert_true(n > 0);
    fixture->entry[n] = '\0';
    return fixture->entry;
}

static void assert_has(const char *entry, const char *line)
{
    char whole[2048];
    snprintf(whole, sizeof(whole), "\n%s\n", line);
    if (!strstr(entry, whole))
        fail_msg("no %s in %s", line, entry);
}

static void test_journal_entry_has_a_field_for_everything(void **state)
{
    struct fixture *fixture = *state;
    char id[64];
    log_event(LOG_KIND_SESSION_CLOSED, LOG_LEVEL_INFO, LOG_UINT("session", 12), LOG_STR("reason", "quit"),
              LOG_INT("ms", -1));
    const char *entry = receive(fixture);
    assert_int_equal(strncmp(entry, "MESSAGE=session=12 closed reason=quit ms=-1\n", 44), 0);
    snprintf(id, sizeof(id), "MESSAGE_ID=%s", log_kind_row(LOG_KIND_SESSION_CLOSED)->id);
    assert_has(entry, id);
    assert_has(entry, "PRIORITY=6");
    assert_has(entry, "SYSLOG_IDENTIFIER=mingled");
    assert_has(entry, "MINGLE_EVENT=session-closed");
    assert_has(entry, "MINGLE_SESSION=12");
    assert_has(entry, "MINGLE_REASON=quit");
    assert_has(entry, "MINGLE_MS=-1");
    assert_non_null(strstr(entry, "CODE_FILE="));
    assert_non_null(strstr(entry, "CODE_LINE="));
}

static void test_journal_priorities(void **state)
{
    struct fixture *fixture = *state;
    static const char *const expected[] = {"PRIORITY=3", "PRIORITY=4", "PRIORITY=5", "PRIORITY=6",
                                           "PRIORITY=7"};
    log_set_level(LOG_LEVEL_DEBUG);
    for (unsigned i = 0; i < LOG_LEVEL_COUNT; i++) {
        log_msg((enum log_level)i, "x");
        assert_has(receive(fixture), expected[i]);
    }
    log_set_level(LOG_LEVEL_INFO);
}

static void test_journal_values_cannot_forge_a_field(void **state)
{
    struct fixture *fixture = *state;
    log_event(LOG_KIND_SESSION_NAMED, LOG_LEVEL_INFO, LOG_UINT("session", 1),
              LOG_STR("name", "x\nPRIORITY=0\n\x1B\xFF"));
    const char *entry = receive(fixture);
    assert_has(entry, "MINGLE_NAME=x\\x0aPRIORITY=0\\x0a\\x1b\\xff");
    assert_null(strstr(entry, "\nPRIORITY=0"));
    log_warning("a\nPRIORITY=0");
    entry = receive(fixture);
    assert_int_equal(strncmp(entry, "MESSAGE=a\\x0aPRIORITY=0\n", 24), 0);
    assert_null(strstr(entry, "\nPRIORITY=0"));
}

static void test_journal_that_is_gone_leaves_the_line_to_stderr(void **state)
{
    struct fixture *fixture = *state;
    const struct log_record record = {.level = LOG_LEVEL_INFO, .message = BYTES("x")};
    assert_true(journal_take(&fixture->journal, &record));
    close(fixture->fd);
    assert_false(journal_take(&fixture->journal, &record));
    fixture->fd = -1;
}

static void test_journal_open_says_why_not(void **state)
{
    (void)state;
    struct journal journal;
    char path[300];
    assert_int_equal(journal_open(&journal, "/nowhere/socket"), -ENOENT);
    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_int_equal(journal_open(&journal, path), -ENAMETOOLONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_journal_entry_has_a_field_for_everything, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journal_priorities, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journal_values_cannot_forge_a_field, setup, teardown),
        cmocka_unit_test_setup_teardown(test_journal_that_is_gone_leaves_the_line_to_stderr, setup, teardown),
        cmocka_unit_test(test_journal_open_says_why_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
