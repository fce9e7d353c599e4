/* Ten exercises. async_practice.py is the same program in Python's asyncio and prints the same text: read
 * them side by side. */
#include <errno.h>

#include "async/generator.h"
#include "async/group.h"
#include "async/sleep.h"
#include "async/wait.h"
#include "base/attr.h"
#include "base/bytes.h"
#include "example.h"

static void title(int number, const char *text)
{
    printf("%d. %s\n", number, text);
}

/* ---- 1. hello ---- */

struct hello {
    struct co_frame co;
    struct co_sleep_op sleep;
};

ASYNC(hello)
{
    puts("  Hello ...");
    AWAIT(co_sleep(&self->sleep, 100));
    puts("  ... world!");
}
END_ASYNC

/* ---- 2. sequential awaits ---- */

struct say_after {
    struct co_frame co;
    int delay_ms;
    const char *what;
    struct co_sleep_op sleep;
};

ASYNC(say_after)
{
    AWAIT(co_sleep(&self->sleep, self->delay_ms));
    printf("  %s\n", self->what);
}
END_ASYNC

struct sequential_awaits {
    struct co_frame co;
    int64_t start_ms;
    struct say_after say;
};

ASYNC(sequential_awaits)
{
    self->start_ms = example_now_ms(co);
    AWAIT(CALL(&self->say, say_after, .delay_ms = 200, .what = "first"));
    AWAIT(CALL(&self->say, say_after, .delay_ms = 100, .what = "second"));
    printf("  in turn: %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

/* ---- 3. tasks ---- */

struct tasks {
    struct co_frame co;
    int64_t start_ms;
    struct co_group group;
    CO_TASK(say_after) first, second;
};

ASYNC(tasks)
{
    self->start_ms = example_now_ms(co);
    WITH(co_group_open(co, &self->group, -1)) {
        SPAWN(&self->group, &self->first, say_after, .delay_ms = 200, .what = "first");
        SPAWN(&self->group, &self->second, say_after, .delay_ms = 100, .what = "second");
        puts("  both started");
    }
    END_WITH;
    printf("  at the same time: %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

/* ---- 4. gather ---- */

struct square {
    struct co_frame co;
    int n;
    int result;
    struct co_sleep_op sleep;
};

ASYNC(square)
{
    AWAIT(co_sleep(&self->sleep, 100 * self->n));
    self->result = self->n * self->n;
}
END_ASYNC

struct gather {
    struct co_frame co;
    int64_t start_ms;
    CO_TASK(square) squares[3];
    struct co_task *tasks[3];
    struct co_gather all;
};

ASYNC(gather)
{
    self->start_ms = example_now_ms(co);
    for (int i = 0; i < 3; i++)
        self->tasks[i] = TASK(&self->squares[i], square, .n = 3 - i);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3));
    printf("  results: %d %d %d\n", self->squares[0].fn.result, self->squares[1].fn.result,
           self->squares[2].fn.result);
    printf("  took %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

/* ---- 5. wait ---- */

struct wait_for_tasks {
    struct co_frame co;
    struct co_group group;
    CO_TASK(square) squares[3];
    struct co_task *tasks[3];
    struct co_joiner joiners[3];
    struct co_wait_op wait;
};

static void print_done(const struct wait_for_tasks *self, const char *mode)
{
    printf("  %s: %zu done:", mode, self->wait.done_count);
    for (int i = 0; i < 3; i++)
        if (self->tasks[i]->is_done)
            printf(" square(%d)", self->squares[i].fn.n);
    putchar('\n');
}

ASYNC(wait_for_tasks)
{
    WITH(co_group_open(co, &self->group, -1)) {
        for (int i = 0; i < 3; i++) {
            self->tasks[i] = TASK(&self->squares[i], square, .n = i + 1);
            co_group_start(&self->group, self->tasks[i]);
        }
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, 3, CO_FIRST_COMPLETED));
        print_done(self, "FIRST_COMPLETED");
        AWAIT(co_wait(&self->wait, self->tasks, self->joiners, 3, CO_ALL_COMPLETED));
        print_done(self, "ALL_COMPLETED");
    }
    END_WITH;
}
END_ASYNC

/* ---- 6. chaining ---- */

struct fetch_data {
    struct co_frame co;
    int n;
    char result[32];
    struct co_sleep_op sleep;
};

ASYNC(fetch_data)
{
    AWAIT(co_sleep(&self->sleep, 100));
    snprintf(self->result, sizeof(self->result), "data %d", self->n);
}
END_ASYNC

struct process {
    struct co_frame co;
    const char *data;
    char result[40];
    struct co_sleep_op sleep;
};

ASYNC(process)
{
    AWAIT(co_sleep(&self->sleep, 100));
    snprintf(self->result, sizeof(self->result), "<%s>", self->data);
}
END_ASYNC

struct chain {
    struct co_frame co;
    int n;
    struct fetch_data fetch;
    struct process process;
};

ASYNC(chain)
{
    AWAIT(CALL(&self->fetch, fetch_data, .n = self->n));
    printf("  fetched %s\n", self->fetch.result);
    AWAIT(CALL(&self->process, process, .data = self->fetch.result));
    printf("  processed %s\n", self->process.result);
}
END_ASYNC

struct chaining {
    struct co_frame co;
    int64_t start_ms;
    CO_TASK(chain) chains[2];
    struct co_task *tasks[2];
    struct co_gather all;
};

ASYNC(chaining)
{
    self->start_ms = example_now_ms(co);
    for (int i = 0; i < 2; i++)
        self->tasks[i] = TASK(&self->chains[i], chain, .n = i + 1);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 2));
    printf("  two chains took %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

/* ---- 7. exceptions ---- */

struct parse {
    struct co_frame co;
    const char *text;
    uint64_t number;
    struct co_sleep_op sleep;
};

ASYNC(parse)
{
    AWAIT(co_sleep(&self->sleep, 50));
    if (bytes_parse_u64(bytes_of(self->text), UINT64_MAX, &self->number) != 0)
        RAISE(EINVAL, "not a number");
}
END_ASYNC

struct exceptions {
    struct co_frame co;
    const char *text[2];
    int i, code;
    struct parse parse;
    struct co_with finally;
};

static void print_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    (void)with;
    puts("  finally");
}

ASYNC(exceptions)
{
    self->text[0] = "42";
    self->text[1] = "forty-two";
    for (self->i = 0; self->i < 2; self->i++) {
        co_with_init(&self->finally, NULL, print_finally);
        WITH(&self->finally) {
            TRY_AWAIT(self->code, CALL(&self->parse, parse, .text = self->text[self->i]));
            if (self->code == 0)
                printf("  parsed %u\n", (unsigned)self->parse.number);
            else
                printf("  not a number: %s\n", self->text[self->i]);
        }
        END_WITH;
    }
}
END_ASYNC

/* ---- 8. async generator ---- */

struct countdown {
    struct co_frame co;
    int n; /* the argument, and the value handed out */
    struct co_sleep_op sleep;
};

ASYNC(countdown)
{
    for (; self->n > 0; self->n--) {
        YIELD;
        AWAIT(co_sleep(&self->sleep, 100));
    }
}
END_ASYNC

struct generator {
    struct co_frame co;
    struct countdown countdown;
    struct co_iter iter;
};

ASYNC(generator)
{
    ASYNC_FOR(&self->iter, CALL(&self->countdown, countdown, .n = 3)) {
        printf("  %d ...\n", self->countdown.n);
    }
    END_FOR;
    puts("  liftoff");
}
END_ASYNC

/* ---- 9. context manager ---- */

struct connection {
    const char *name;
    struct co_with with;
    struct co_sleep_op sleep;
};

struct connection_open {
    struct co_frame co;
    struct connection *connection;
    const char *name;
    struct co_sleep_op sleep;
};

ASYNC(connection_open)
{
    self->connection->name = self->name;
    AWAIT(co_sleep(&self->sleep, 50));
    printf("  %s: open\n", self->name);
}
END_ASYNC

/* The exit may be any call; a single operation needs no coroutine. */
static struct co_call connection_exit(struct co_task *task, struct co_with *with)
{
    (void)task;
    return co_sleep(&container_of(with, struct connection, with)->sleep, 50);
}

static void connection_finish(struct co_task *task, struct co_with *with)
{
    const struct connection *connection = container_of(with, struct connection, with);
    (void)task;
    printf("  %s: closed %s\n", connection->name, with->error.code ? "after an error" : "in peace");
}

static struct co_with *connection_with(struct connection *connection)
{
    co_with_init(&connection->with, connection_exit, connection_finish);
    return &connection->with;
}

struct use_connection {
    struct co_frame co;
    const char *name;
    bool is_broken;
    struct connection connection;
    struct connection_open open;
};

ASYNC(use_connection)
{
    ASYNC_WITH(CALL(&self->open, connection_open, .connection = &self->connection, .name = self->name),
               connection_with(&self->connection)) {
        if (self->is_broken)
            RAISE(EIO, "broken");
        printf("  %s: in use\n", self->connection.name);
    }
    END_WITH;
}
END_ASYNC

struct context_manager {
    struct co_frame co;
    int code;
    struct use_connection use;
};

ASYNC(context_manager)
{
    AWAIT(CALL(&self->use, use_connection, .name = "a"));
    TRY_AWAIT(self->code, CALL(&self->use, use_connection, .name = "b", .is_broken = true));
    if (self->code)
        puts("  caught");
}
END_ASYNC

/* ---- 10. concurrent fetch ---- */

struct fetch {
    struct co_frame co;
    const char *what;
    int count, delay_ms;
    struct co_sleep_op sleep;
};

ASYNC(fetch)
{
    printf("  fetching %s\n", self->what);
    AWAIT(co_sleep(&self->sleep, self->delay_ms));
    printf("  got %s\n", self->what);
}
END_ASYNC

struct fetch_all {
    struct co_frame co;
    int64_t start_ms;
    CO_TASK(fetch) users, posts, comments;
    struct co_task *tasks[3];
    struct co_gather all;
};

ASYNC(fetch_all)
{
    self->start_ms = example_now_ms(co);
    self->tasks[0] = TASK(&self->users, fetch, .what = "users", .count = 3, .delay_ms = 300);
    self->tasks[1] = TASK(&self->posts, fetch, .what = "posts", .count = 5, .delay_ms = 200);
    self->tasks[2] = TASK(&self->comments, fetch, .what = "comments", .count = 7, .delay_ms = 100);
    AWAIT(CALL(&self->all, co_gather, .tasks = self->tasks, .count = 3));
    printf("  %d users, %d posts, %d comments in %.1f s\n", self->users.fn.count, self->posts.fn.count,
           self->comments.fn.count, example_seconds(co, self->start_ms));
}
END_ASYNC

/* ---- all ten ---- */

struct root {
    struct co_frame co;
    int64_t start_ms;
    union { /* one at a time: the frame is as large as the largest */
        struct hello hello;
        struct sequential_awaits sequential_awaits;
        struct tasks tasks;
        struct gather gather;
        struct wait_for_tasks wait;
        struct chaining chaining;
        struct exceptions exceptions;
        struct generator generator;
        struct context_manager context_manager;
        struct fetch_all fetch_all;
    } u;
};

ASYNC(root)
{
    self->start_ms = example_now_ms(co);
    title(1, "Hello");
    AWAIT(CALL(&self->u.hello, hello));
    title(2, "Sequential awaits");
    AWAIT(CALL(&self->u.sequential_awaits, sequential_awaits));
    title(3, "Tasks");
    AWAIT(CALL(&self->u.tasks, tasks));
    title(4, "Gather");
    AWAIT(CALL(&self->u.gather, gather));
    title(5, "Wait");
    AWAIT(CALL(&self->u.wait, wait_for_tasks));
    title(6, "Chaining");
    AWAIT(CALL(&self->u.chaining, chaining));
    title(7, "Exceptions");
    AWAIT(CALL(&self->u.exceptions, exceptions));
    title(8, "Async generator");
    AWAIT(CALL(&self->u.generator, generator));
    title(9, "Context manager");
    AWAIT(CALL(&self->u.context_manager, context_manager));
    title(10, "Concurrent fetch");
    AWAIT(CALL(&self->u.fetch_all, fetch_all));
    printf("all took %.1f s\n", example_seconds(co, self->start_ms));
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    return example_run(TASK(&task, root));
}
