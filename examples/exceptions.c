/* Exceptions: errors travel up through awaits by themselves, and blocks are left in order on the way.
 *
 *     async def parse(text):                       async def load(text):
 *         await asyncio.sleep(0.01)                    try:
 *         if not text.isdigit():                           return await parse(text)
 *             raise ValueError("not a number")         finally:
 *         return int(text)                                 print("load: finally")
 *
 *     try:
 *         print(await load("x"))
 *     except ValueError as error:
 *         print("caught", error)
 *
 * An error is a code (an errno value or a CO_E… one), a static text and the place where it arose. */
#include <errno.h>

#include "async/sleep.h"
#include "base/bytes.h"
#include "example.h"

struct parse {
    struct co_frame co;
    const char *text;
    uint64_t number;
    struct co_sleep_op sleep;
};

ASYNC(parse)
{
    AWAIT(co_sleep(&self->sleep, 10));
    if (bytes_parse_u64(bytes_of(self->text), 1000, &self->number) != 0)
        RAISE(EINVAL, "not a number up to 1000");
}
END_ASYNC

/* try … finally: a block with an exit, which is run whatever way the block is left. */
struct load {
    struct co_frame co;
    const char *text;
    struct co_with finally;
    struct parse parse;
};

static void load_finally(struct co_task *task, struct co_with *with)
{
    (void)task;
    printf("  load: finally, %s\n", with->error.code ? with->error.msg : "all went well");
}

ASYNC(load)
{
    co_with_init(&self->finally, NULL, load_finally);
    WITH(&self->finally) {
        AWAIT(CALL(&self->parse, parse, .text = self->text)); /* an error leaves from here */
        printf("  load: got %u\n", (unsigned)self->parse.number);
    }
    END_WITH;
}
END_ASYNC

struct root {
    struct co_frame co;
    const char *text[3];
    int i, code;
    struct load load;
};

ASYNC(root)
{
    self->text[0] = "42";
    self->text[1] = "x";
    self->text[2] = "1001";
    for (self->i = 0; self->i < 3; self->i++) {
        printf("load \"%s\"\n", self->text[self->i]);
        TRY_AWAIT(self->code, CALL(&self->load, load, .text = self->text[self->i])); /* try … except */
        if (self->code)
            printf("caught: %s\n", co_error_str(self->code));
    }

    puts("not caught:");
    AWAIT(CALL(&self->load, load, .text = ""));
    puts("never printed");
}
END_ASYNC

int main(void)
{
    CO_TASK(root) task;
    int status = example_run(TASK(&task, root)); /* says on stderr where the error arose */
    printf("root ended with: %s, exit status %d\n", co_error_str(task.task.error.code), status);
    return task.task.error.code == EINVAL ? 0 : 1;
}
