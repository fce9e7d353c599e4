/* Zones: read once, found in any case, and nothing outside of the folder. */
#include "session/zones.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/task.h"
#include "support/loop_fixture.h"
#include "support/temp_folder.h"

/* Version 1, no changes, one zone an hour east of Greenwich. */
static const char file[] = "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                           "\0\0\x0e\x10\0\0ABC";
static const char list[] = "# names\nFR\t+4852\tTest/Paris\nGB\t+51\tTest/London\tx\nXX\t+0\tTest/Gone\n";

struct ask {
    struct co_frame co;
    struct zones *zones;
    const char *name;
    const char *found, *suggestion;
    bool is_missing;
    struct zones_find find;
};

ASYNC(ask)
{
    AWAIT(CALL(&self->find, zones_find, .zones = self->zones, .name = bytes_of(self->name)));
    assert_int_equal(self->find.is_missing, self->is_missing);
    assert_string_equal(self->find.zone ? self->find.zone->name : "", self->found);
    assert_string_equal(self->find.suggestion, self->suggestion);
    assert_false(self->find.is_out_of_memory);
}
END_ASYNC

struct all {
    struct co_frame co;
    const char *folder;
    struct zones zones;
    struct co_executor *executor;
    size_t next;
    struct ask ask;
};

static const struct {
    const char *name, *found, *suggestion;
} cases[] = {
    {"Test/Paris", "Test/Paris", ""},
    {"test/PARIS", "Test/Paris", ""},
    {"london", "Test/London", ""},
    {"Test/Pari", "", "Test/Paris"},
    {"Tast/Lndon", "", "Test/London"},
    {"Test/Gone", "", "Test/Gone"},
    {"Test", "", ""},
    {"Test/Broken", "", ""},
    {"Test/Large", "", ""},
    {"../Test/Paris", "", ""},
    {"/etc/passwd", "", ""},
    {"", "", ""},
    {"Test/Fifo", "", ""},
};

ASYNC(all)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    zones_init(&self->zones, self->executor, self->folder);
    for (self->next = 0; self->next < ARRAY_LEN(cases); self->next++)
        AWAIT(CALL(&self->ask, ask, .zones = &self->zones, .name = cases[self->next].name,
                   .found = cases[self->next].found, .suggestion = cases[self->next].suggestion));
    assert_int_equal(self->zones.list.count, 2); /* each once */
    zones_done(&self->zones);
    zones_init(&self->zones, self->executor, "/nonexistent/zoneinfo");
    AWAIT(CALL(&self->ask, ask, .zones = &self->zones, .name = "Europe/Paris", .found = "", .suggestion = "",
               .is_missing = true));
    zones_done(&self->zones);
    co_executor_free(self->executor);
}
END_ASYNC

static int make_folder(void **state)
{
    static struct temp_folder folder;
    static char large[TZ_FILE_BYTES_MAX + 1];
    char path[TEMP_FOLDER_PATH_MAX];

    *state = &folder;
    temp_folder_make(&folder);
    temp_folder_path(&folder, "Test", path);
    assert_int_equal(mkdir(path, 0700), 0);
    temp_folder_path(&folder, "Test/Fifo", path);
    assert_int_equal(mkfifo(path, 0600), 0); /* would block for ever */
    temp_folder_put(&folder, "Test/Paris", (struct bytes){file, sizeof(file)});
    temp_folder_put(&folder, "Test/London", (struct bytes){file, sizeof(file)});
    temp_folder_put(&folder, "Test/Broken", (struct bytes){file, sizeof(file) - 8});
    memcpy(large, file, sizeof(file));
    temp_folder_put(&folder, "Test/Large", (struct bytes){large, sizeof(large)});
    temp_folder_put(&folder, "zone1970.tab", bytes_of(list));
    return 0;
}

static int remove_folder(void **state)
{
    temp_folder_remove(*state);
    return 0;
}

static void test_zones_find(void **state)
{
    const struct temp_folder *folder = *state;
    CO_TASK(all) root = {0};

    loop_fixture_run(TASK(&root, all, .folder = folder->path));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_zones_find)};

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
