/* Files on the executor: contents, errors, and that every descriptor is closed whatever happens. */
#include "async/file.h"

#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "async/group.h"
#include "async/loop.h"
#include "async/sleep.h"
#include "support/loop_fixture.h"
#include "support/temp_folder.h"
#include "support/thread_gate.h"

enum { FOREVER_MS = 600000, BIG = 300000 };

/* A folder per test, with one path in it. */
struct place {
    struct temp_folder folder;
    char path[TEMP_FOLDER_PATH_MAX];
};

static int make_place(void **state)
{
    static struct place place;
    temp_folder_make(&place.folder);
    temp_folder_path(&place.folder, "x", place.path);
    *state = &place;
    return 0;
}

static int remove_place(void **state)
{
    const struct place *place = *state;
    temp_folder_remove(&place->folder);
    return 0;
}

/* ---- writing and reading ---- */

struct round_trip {
    struct co_frame co;
    const char *path;
    const char *data;
    char *back;
    size_t size, step;
    struct co_executor *executor;
    struct co_file file;
    struct co_file_open open;
    struct co_file_write write;
    struct co_file_read read;
    size_t got;
};

ASYNC(round_trip)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    ASYNC_WITH(CALL(&self->open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = O_WRONLY | O_CREAT | O_TRUNC, .mode = 0600),
               co_file_with(&self->file)) {
        assert_int_equal(fcntl(self->file.fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
        AWAIT(CALL(&self->write, co_file_write, .file = &self->file, .data = self->data, .size = self->size));
        assert_int_equal(self->write.count, self->size);
    }
    END_WITH;
    assert_int_equal(self->file.fd, -1);
    ASYNC_WITH(CALL(&self->open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = O_RDONLY),
               co_file_with(&self->file)) {
        do {
            AWAIT(CALL(&self->read, co_file_read, .file = &self->file, .data = self->back + self->got,
                       .size = self->step));
            self->got += self->read.count;
        } while (self->read.count > 0);
    }
    END_WITH;
    co_executor_free(self->executor);
    assert_int_equal(self->got, self->size);
    assert_memory_equal(self->data, self->back, self->size);
}
END_ASYNC

static void test_file_reads_what_was_written(void **state)
{
    const struct place *place = *state;
    static const size_t sizes[] = {0, 1, 4095, 4096, 4097, BIG};
    char *data = malloc(BIG), *back = malloc(BIG + 4096);
    assert_true(data && back);
    for (size_t i = 0; i < BIG; i++)
        data[i] = (char)(i * 7 + i / 256);
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        CO_TASK(round_trip) root;
        loop_fixture_run(TASK(&root, round_trip, .path = place->path, .data = data, .back = back,
                              .size = sizes[i], .step = 4096));
    }
    free(data);
    free(back);
}

/* ---- errors ---- */

struct failing {
    struct co_frame co;
    const char *path;
    int flags;
    char data[64];
    size_t write_size, read_size;
    bool is_closed_behind_its_back;
    int error; /* of the block, on its own account */
    struct co_executor *executor;
    struct co_file file;
    struct co_file_open open;
    struct co_file_write write;
    struct co_file_read read;
};

ASYNC(failing)
{
    ASYNC_WITH(CALL(&self->open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = self->flags, .mode = 0600),
               co_file_with(&self->file)) {
        if (self->write_size)
            AWAIT(CALL(&self->write, co_file_write, .file = &self->file, .data = self->data,
                       .size = self->write_size));
        if (self->read_size)
            AWAIT(CALL(&self->read, co_file_read, .file = &self->file, .data = self->data,
                       .size = self->read_size));
        if (self->is_closed_behind_its_back)
            assert_int_equal(close(self->file.fd), 0);
        if (self->error)
            RAISE(self->error, "block");
    }
    END_WITH;
}
END_ASYNC

struct failing_root {
    struct co_frame co;
    struct failing plan, failing;
    struct co_executor *executor;
    int code;
};

ASYNC(failing_root)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    TRY_AWAIT(self->code, CALL(&self->failing, failing, .executor = self->executor, .path = self->plan.path,
                               .flags = self->plan.flags, .write_size = self->plan.write_size,
                               .read_size = self->plan.read_size, .error = self->plan.error,
                               .is_closed_behind_its_back = self->plan.is_closed_behind_its_back));
    co_executor_free(self->executor);
}
END_ASYNC

static struct failing_root fail_with(struct failing plan)
{
    CO_TASK(failing_root) root;
    struct co_task *task = TASK(&root, failing_root);
    root.fn.plan = plan;
    loop_fixture_run(task);
    return root.fn;
}

static void test_file_open_errors(void **state)
{
    const struct place *place = *state;
    assert_int_equal(fail_with((struct failing){.path = place->path, .flags = O_RDONLY}).code, ENOENT);
    assert_int_equal(fail_with((struct failing){.path = place->folder.path, .flags = O_WRONLY}).code, EISDIR);
    assert_int_equal(fail_with((struct failing){.path = place->path, .flags = O_RDWR | O_CREAT}).code, 0);
    assert_int_equal(
        fail_with((struct failing){.path = place->path, .flags = O_RDWR | O_CREAT | O_EXCL}).code, EEXIST);
}

static void test_file_read_and_write_errors(void **state)
{
    const struct place *place = *state;
    assert_int_equal(
        fail_with((struct failing){.path = place->folder.path, .flags = O_RDONLY, .read_size = 1}).code,
        EISDIR);
    assert_int_equal(
        fail_with((struct failing){.path = place->path, .flags = O_WRONLY | O_CREAT, .read_size = 1}).code,
        EBADF);
    assert_int_equal(
        fail_with((struct failing){.path = place->path, .flags = O_RDONLY, .write_size = 1}).code, EBADF);
    struct failing_root full =
        fail_with((struct failing){.path = "/dev/full", .flags = O_WRONLY, .write_size = 9});
    assert_int_equal(full.code, ENOSPC);
    assert_int_equal(full.failing.write.count, 0);
}

/* A write that is cut short goes on where it stopped, and says how far it came. */
static void test_file_write_that_is_cut_short(void **state)
{
    const struct place *place = *state;
    struct rlimit old, low;
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
    low = (struct rlimit){.rlim_cur = 10, .rlim_max = old.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
    struct failing_root cut =
        fail_with((struct failing){.path = place->path, .flags = O_WRONLY | O_CREAT, .write_size = 24});
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
    assert_int_equal(cut.code, EFBIG);
    assert_int_equal(cut.failing.write.count, 10);
}

static void test_file_close_error_is_the_blocks(void **state)
{
    const struct place *place = *state;
    struct failing plan = {
        .path = place->path, .flags = O_WRONLY | O_CREAT, .is_closed_behind_its_back = true};
    assert_int_equal(fail_with(plan).code, EBADF);
    plan.error = EPERM; /* the first error wins */
    assert_int_equal(fail_with(plan).code, EPERM);
}

/* ---- cancelled and killed ---- */

struct holder {
    struct co_frame co;
    const char *path;
    int flags;
    char byte;
    struct co_executor *executor;
    struct co_file file;
    struct co_file_open open;
    struct co_file_read read;
    struct co_sleep_op nap;
    int fd;
    bool has_read, is_through;
};

/* Opens; reads a byte when there is a reader's flag; stays. */
ASYNC(holder)
{
    self->fd = -1;
    ASYNC_WITH(CALL(&self->open, co_file_open, .file = &self->file, .executor = self->executor,
                    .path = self->path, .flags = self->flags, .mode = 0600),
               co_file_with(&self->file)) {
        self->fd = self->file.fd;
        if (self->flags == O_RDONLY) {
            AWAIT(CALL(&self->read, co_file_read, .file = &self->file, .data = &self->byte, .size = 1));
            self->has_read = true;
        }
        AWAIT(co_sleep(&self->nap, FOREVER_MS));
        self->is_through = true;
    }
    END_WITH;
}
END_ASYNC

static bool is_open(int fd)
{
    return fcntl(fd, F_GETFD) >= 0;
}

struct blocker {
    struct co_frame co;
    struct co_executor *executor;
    struct thread_gate *gate;
    struct co_job job;
};

ASYNC(blocker)
{
    AWAIT(co_run_in_executor(self->executor, &self->job, thread_gate_pass, self->gate));
}
END_ASYNC

struct ending {
    struct co_frame co;
    const char *path;
    int kill_ms;     /* -1: is only cancelled */
    bool is_blocked; /* the one thread is busy while the file should be closed */
    struct thread_gate gate;
    struct co_executor *executor;
    struct co_group group, other;
    CO_TASK(holder) holder;
    CO_TASK(blocker) blocker;
    struct co_sleep_op nap;
};

ASYNC(ending)
{
    thread_gate_init(&self->gate);
    if (!self->is_blocked)
        sem_post(&self->gate.may_end);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->other, -1)) {
        WITH(co_group_open(co, &self->group, self->kill_ms)) {
            SPAWN(&self->group, &self->holder, holder, .executor = self->executor, .path = self->path,
                  .flags = O_WRONLY | O_CREAT);
            while (self->holder.fn.fd <= 0)
                AWAIT(co_sleep(&self->nap, 1));
            assert_true(is_open(self->holder.fn.fd));
            SPAWN(&self->other, &self->blocker, blocker, .executor = self->executor, .gate = &self->gate);
            AWAIT(co_yield(&self->nap.op));
            sem_wait(&self->gate.begun);
            co_group_cancel(&self->group);
        }
        END_WITH;
        assert_false(is_open(self->holder.fn.fd));
        sem_post(&self->gate.may_end);
    }
    END_WITH;
    co_executor_free(self->executor);
    thread_gate_done(&self->gate);
    assert_false(self->holder.fn.is_through);
    assert_int_equal(self->holder.task.error.code, ECANCELED);
}
END_ASYNC

static void test_file_is_closed_when_cancelled(void **state)
{
    const struct place *place = *state;
    CO_TASK(ending) root;
    loop_fixture_run(TASK(&root, ending, .path = place->path, .kill_ms = -1));
}

/* At once, so that the close may not be awaited any more; or while the close is in line for the thread. */
static void test_file_is_closed_when_killed(void **state)
{
    const struct place *place = *state;
    CO_TASK(ending) root;
    loop_fixture_run(TASK(&root, ending, .path = place->path, .kill_ms = 0, .is_blocked = true));
    loop_fixture_run(TASK(&root, ending, .path = place->path, .kill_ms = 5, .is_blocked = true));
    loop_fixture_run(TASK(&root, ending, .path = place->path, .kill_ms = 0));
}

struct at_once {
    struct co_frame co;
    const char *path;
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(holder) holder;
    struct co_sleep_op nap;
};

ASYNC(at_once)
{
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->holder, holder, .executor = self->executor, .path = self->path,
              .flags = O_WRONLY | O_CREAT);
        while (self->holder.fn.fd <= 0)
            AWAIT(co_sleep(&self->nap, 1));
        co_kill(&self->group.scope);
    }
    END_WITH;
    assert_false(is_open(self->holder.fn.fd));
    co_executor_free(self->executor);
}
END_ASYNC

static void test_file_is_closed_when_killed_at_once(void **state)
{
    const struct place *place = *state;
    CO_TASK(at_once) root;
    loop_fixture_run(TASK(&root, at_once, .path = place->path));
}

/* ---- cancelled while the thread is in the call: a FIFO blocks in open(2) and in read(2) ---- */

struct fifo {
    struct co_frame co;
    const char *path;
    bool is_killing, is_reading; /* reading: cancelled in read, else in open */
    struct co_executor *executor;
    struct co_group group;
    CO_TASK(holder) holder;
    struct co_sleep_op nap;
    int fd;
    bool is_opened;
};

ASYNC(fifo)
{
    assert_int_equal(mkfifo(self->path, 0600), 0);
    self->executor = co_executor_new(co_loop_of(co), 1);
    assert_non_null(self->executor);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->holder, holder, .executor = self->executor, .path = self->path,
              .flags = O_RDONLY);
        /* A writer lets the open succeed, so that the thread gets stuck in read(2). */
        self->fd = -1;
        if (self->is_reading)
            self->fd = open(self->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        while (self->is_reading && self->holder.fn.fd < 0)
            AWAIT(co_sleep(&self->nap, 1));
        AWAIT(co_sleep(&self->nap, 50)); /* ample for a thread to take a job */
        self->is_opened = self->holder.fn.fd >= 0;
        if (self->is_killing)
            co_kill(&self->group.scope);
        else
            co_cancel(&self->group.scope);
        assert_false(self->holder.task.is_done);
        if (self->fd < 0)
            self->fd = open(self->path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
        assert_int_equal(write(self->fd, "x", 1), 1);
    }
    END_WITH;
    assert_int_equal(close(self->fd), 0);
    co_executor_free(self->executor);
    assert_int_equal(self->is_opened, self->is_reading);
    assert_true(self->holder.fn.fd >= 0); /* the open did succeed */
    assert_false(is_open(self->holder.fn.fd));
    assert_int_equal(self->holder.fn.has_read, self->is_reading);
    assert_int_equal(self->holder.fn.byte, self->is_reading ? 'x' : 0);
    assert_int_equal(unlink(self->path), 0);
}
END_ASYNC

static void test_file_cancelled_in_open_or_read_waits_for_it(void **state)
{
    const struct place *place = *state;
    for (int i = 0; i < 4; i++) {
        CO_TASK(fifo) root;
        loop_fixture_run(TASK(&root, fifo, .path = place->path, .is_killing = i & 1, .is_reading = i & 2));
    }
}

#define file_test(name) cmocka_unit_test_setup_teardown(name, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        file_test(test_file_reads_what_was_written),
        file_test(test_file_open_errors),
        file_test(test_file_read_and_write_errors),
        file_test(test_file_write_that_is_cut_short),
        file_test(test_file_close_error_is_the_blocks),
        file_test(test_file_is_closed_when_cancelled),
        file_test(test_file_is_closed_when_killed),
        file_test(test_file_is_closed_when_killed_at_once),
        file_test(test_file_cancelled_in_open_or_read_waits_for_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
