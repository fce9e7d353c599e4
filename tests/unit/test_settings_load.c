/* Settings from files, and files that include others: what wins, and what is refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "daemon/settings.h"
#include "support/temp_folder.h"

struct fixture {
    struct settings *settings;
    struct buf errors;
    struct temp_folder folder;
};

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    fixture->settings = settings_new();
    buf_init(&fixture->errors, SETTINGS_ERRORS_BYTES);
    temp_folder_make(&fixture->folder);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    temp_folder_remove(&fixture->folder);
    settings_free(fixture->settings);
    buf_done(&fixture->errors);
    free(fixture);
    return 0;
}

static void put_file(struct fixture *fixture, const char *name, const char *text)
{
    temp_folder_put(&fixture->folder, name, bytes_of(text));
}

static void put_folder(struct fixture *fixture, const char *name)
{
    char path[TEMP_FOLDER_PATH_MAX];
    temp_folder_path(&fixture->folder, name, path);
    assert_int_equal(mkdir(path, 0700), 0);
}

static int load(struct fixture *fixture, const char *name)
{
    char path[TEMP_FOLDER_PATH_MAX];
    temp_folder_path(&fixture->folder, name, path);
    return settings_load_file(fixture->settings, path, &fixture->errors);
}

/* `expected` stands with % for the folder. */
static void assert_errors(struct fixture *fixture, const char *expected)
{
    struct buf text;
    buf_init(&text, SETTINGS_ERRORS_BYTES);
    for (; *expected != '\0'; expected++) {
        if (*expected == '%')
            buf_put_text(&text, fixture->folder.path);
        else
            buf_put_char(&text, *expected);
    }
    buf_put_char(&text, '\0');
    buf_put_char(&fixture->errors, '\0');
    assert_string_equal(fixture->errors.ptr, text.ptr);
    buf_done(&text);
}

static void test_settings_load_names_the_file(void **state)
{
    struct fixture *fixture = *state;
    char expected[TEMP_FOLDER_PATH_MAX + 64];
    put_file(fixture, "main", "[rooms]\nhistory = 20\nlog = x\n");
    assert_int_equal(load(fixture, "main"), -EINVAL);
    (void)snprintf(expected, sizeof(expected),
                   "%s/main:3: bad value \"x\" for rooms.log: ", fixture->folder.path);
    assert_true(bytes_starts_with(buf_bytes(&fixture->errors), bytes_of(expected)));
    assert_int_equal(fixture->settings->rooms.history, 20);
}

static void assert_cannot_be_read(struct fixture *fixture, const char *path, int error, const char *expected)
{
    buf_reset(&fixture->errors);
    assert_int_equal(settings_load_file(fixture->settings, path, &fixture->errors), error);
    assert_errors(fixture, expected);
}

static void test_settings_load_says_why_it_cannot_read(void **state)
{
    assert_cannot_be_read(*state, "/nonexistent/x", -ENOENT,
                          "/nonexistent/x: cannot be read: No such file or directory\n");
    assert_cannot_be_read(*state, "/", -EISDIR, "/: cannot be read: Is a directory\n");
    assert_cannot_be_read(*state, "/dev/zero", -EFBIG, "/dev/zero: cannot be read: File too large\n");
}

static void test_settings_load_the_later_file_wins(void **state)
{
    struct fixture *fixture = *state;
    put_file(fixture, "main",
             "[rooms]\nhistory = 1\nlog = 100\n[listen]\naddress = a:1\naddress = b:2\n"
             "include = other\nbacklog = 7\n[rooms]\nquiet_above = 9\n");
    put_file(fixture, "other",
             "[rooms]\nhistory = 2\nquiet_above = 3\n[listen]\naddress = c:3\nbacklog = 5\n");
    assert_int_equal(load(fixture, "main"), 0);
    assert_errors(fixture, "");
    assert_int_equal(fixture->settings->rooms.history, 2);
    assert_int_equal(fixture->settings->rooms.log, 100);
    assert_int_equal(fixture->settings->rooms.quiet_above, 9);
    assert_int_equal(fixture->settings->listen.backlog, 7);
    assert_int_equal(fixture->settings->listen.address.count, 1);
    assert_string_equal(fixture->settings->listen.address.items[0], "c:3");
}

static void test_settings_load_a_folder_in_the_order_of_bytes(void **state)
{
    struct fixture *fixture = *state;
    put_folder(fixture, "d");
    put_file(fixture, "main", "include_directory = d\n");
    put_file(fixture, "d/b.conf", "[rooms]\nhistory = 2\n");
    put_file(fixture, "d/B.conf", "[rooms]\nhistory = 3\nlog = 33\n");
    put_file(fixture, "d/.c.conf", "nonsense\n");
    put_file(fixture, "d/d.conf~", "nonsense\n");
    put_file(fixture, "d/.conf", "nonsense\n");
    assert_int_equal(load(fixture, "main"), 0);
    assert_errors(fixture, "");
    assert_int_equal(fixture->settings->rooms.history, 2);
    assert_int_equal(fixture->settings->rooms.log, 33);
}

static void test_settings_load_refuses_circles_and_what_is_no_file(void **state)
{
    struct fixture *fixture = *state;
    put_folder(fixture, "d");
    put_file(fixture, "main",
             "include = other\ninclude = none\ninclude = d\ninclude = /dev/null\ninclude =\n"
             "include_directory = none\n[rooms]\nlog = x\n");
    put_file(fixture, "other", "\ninclude = ./main\n");
    assert_int_equal(load(fixture, "main"), -EINVAL);
    assert_errors(fixture,
                  "%/other:2: cannot include \"%/./main\": it is being read already; files must not include "
                  "each other in a circle\n"
                  "%/main:2: cannot include \"%/none\": No such file or directory\n"
                  "%/main:3: cannot include \"%/d\": Is a directory\n"
                  "%/main:4: cannot include \"/dev/null\": it is no file\n"
                  "%/main:5: what is to be included has no name\n"
                  "%/main:6: cannot include the files in \"%/none\": No such file or directory\n"
                  "%/main:8: bad value \"x\" for rooms.log: expected a whole number from 16 to 65536\n");
}

static void chain(struct fixture *fixture, int count)
{
    for (int i = 0; i < count; i++) {
        char name[16], text[32];
        (void)snprintf(name, sizeof(name), "%d", i);
        (void)snprintf(text, sizeof(text), "include = %d\n", i + 1);
        put_file(fixture, name, i + 1 < count ? text : "");
    }
}

static void test_settings_load_bounds_the_depth(void **state)
{
    struct fixture *fixture = *state;
    chain(fixture, SETTINGS_DEPTH_MAX);
    assert_int_equal(load(fixture, "0"), 0);
    chain(fixture, SETTINGS_DEPTH_MAX + 1);
    assert_int_equal(load(fixture, "0"), -EINVAL);
    assert_errors(fixture, "%/7:1: cannot include \"%/8\": files include each other more than 8 deep\n");
}

static void test_settings_load_bounds_the_number_of_files(void **state)
{
    struct fixture *fixture = *state;
    put_folder(fixture, "d");
    put_file(fixture, "main", "include_directory = d\n");
    for (int i = 1; i < SETTINGS_FILES_MAX; i++) {
        char name[32];
        (void)snprintf(name, sizeof(name), "d/%03d.conf", i);
        put_file(fixture, name, "");
    }
    assert_int_equal(load(fixture, "main"), 0);
    put_file(fixture, "d/500.conf", "");
    put_file(fixture, "d/600.conf", "");
    assert_int_equal(load(fixture, "main"), -EINVAL);
    assert_errors(fixture, "%/main:1: cannot include \"%/d/500.conf\": more than 100 files are included\n");
}

static void test_settings_load_text_cannot_include(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        settings_load_text(fixture->settings, "t", BYTES("include = /etc/passwd\n"), &fixture->errors),
        -EINVAL);
    assert_errors(fixture, "t:1: only a file can include others\n");
}

static void test_settings_copy_takes_value_and_origin(void **state)
{
    struct fixture *fixture = *state;
    struct settings *other = settings_new();
    put_file(fixture, "main", "[listen]\naddress = a:1\naddress = b:2\n[server]\nname = x\n");
    assert_int_equal(load(fixture, "main"), 0);
    const struct settings_row *row;
    for (size_t i = 0; (row = settings_row(i)) != NULL; i++) {
        bool is_set = strcmp(row->key, "listen.address") == 0 || strcmp(row->key, "server.name") == 0;
        assert_int_equal(settings_is_same(fixture->settings, other, row), !is_set);
        settings_copy(other, fixture->settings, row);
        assert_true(settings_is_same(fixture->settings, other, row));
    }
    settings_free(fixture->settings);
    fixture->settings = other;
    settings_put_item_origin(other, "listen.address", 1, &fixture->errors);
    settings_put_origin(other, "server.name", &fixture->errors);
    settings_put_origin(other, "rooms.log", &fixture->errors);
    assert_errors(fixture, "%/main:3: %/main:5: ");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_settings_load_names_the_file),
        TEST(test_settings_load_says_why_it_cannot_read),
        TEST(test_settings_load_the_later_file_wins),
        TEST(test_settings_load_a_folder_in_the_order_of_bytes),
        TEST(test_settings_load_refuses_circles_and_what_is_no_file),
        TEST(test_settings_load_bounds_the_depth),
        TEST(test_settings_load_bounds_the_number_of_files),
        TEST(test_settings_load_text_cannot_include),
        TEST(test_settings_copy_takes_value_and_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
