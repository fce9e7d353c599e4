/* Zones: read once, found in any case, and nothing outside of the folder. */
#include "session/zones.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/task.h"
#include "support/loop_fixture.h"

/* Version 1, no changes, one zone an hour east of Greenwich. */
static const char file[] = "TZif\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
                           "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4"
                           "\0\0\x0e\x10\0\0ABC";
static const char list[] = "# names\nFR\t+4852\tTest/Paris\nGB\t+51\tTest/London\tx\nXX\t+0\tTest/Gone\n";

static char folder[] = "/tmp/mingle-zones-XXXXXX";

static void put_file(const char *name, const char *data, size_t size)
{
    char path[200];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(data, 1, size, out), size);
    fclose(out);
}

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
    zones_init(&self->zones, self->executor, folder);
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
    char path[200];
    static char large[TZ_FILE_BYTES_MAX + 1];

    (void)state;
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/Test", folder);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/Test/Fifo", folder);
    assert_int_equal(mkfifo(path, 0600), 0); /* would block for ever */
    put_file("Test/Paris", file, sizeof(file));
    put_file("Test/London", file, sizeof(file));
    put_file("Test/Broken", file, sizeof(file) - 8);
    memcpy(large, file, sizeof(file));
    put_file("Test/Large", large, sizeof(large));
    put_file("zone1970.tab", list, sizeof(list) - 1);
    return 0;
}

static int remove_folder(void **state)
{
    static const char *const names[] = {"Test/Paris", "Test/London", "Test/Broken",  "Test/Large",
                                        "Test/Fifo",  "Test",        "zone1970.tab", ""};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char path[200];
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
    return 0;
}

static void test_zones_find(void **state)
{
    CO_TASK(all) root = {0};

    (void)state;
    loop_fixture_run(TASK(&root, all));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_zones_find)};

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
