/* A shutdown that was announced: everybody hears when, several times, and then it comes. */
#include "base/log.h"
#include "chat/chat_event.h"
#include "daemon/control.h"
#include "daemon/server.h"

#include "async/poison.h"

#define SECOND INT64_C(1000)
#define PAUSE_MS 1 /* between two pieces of telling everybody */

/* When so much is left, it is said again. */
static const int64_t marks_ms[] = {3600 * SECOND, 900 * SECOND, 300 * SECOND, 60 * SECOND, 10 * SECOND};

static int64_t left_ms(const struct control *control)
{
    int64_t left = control->shutdown_at_ms - clock_mono_ms(clock_system());
    return left > 0 ? left : 0;
}

/* Until something is to be said or done; -1: until the plan changes. */
static int64_t next_ms(const struct control *control)
{
    int64_t left = left_ms(control);
    if (control->shutdown_at_ms == 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(marks_ms); i++)
        if (marks_ms[i] < left)
            return left - marks_ms[i];
    return left;
}

static void begin_telling(struct control_countdown *self)
{
    struct control *control = self->control;
    struct buf text;

    buf_init(&text, CONTROL_TELL_BYTES_MAX);
    if (control->shutdown_at_ms == 0) {
        buf_put_text(&text, "The shutdown is called off.");
    } else {
        buf_put_text(&text, "The server shuts down in ");
        table_put_ms(&text, (left_ms(control) + SECOND / 2) / SECOND * SECOND);
        buf_printf(&text, "%s%s", control->shutdown_why[0] ? ": " : ".", control->shutdown_why);
    }
    control_tell_begin(&self->tell, control->server, 0, buf_bytes(&text));
    buf_done(&text);
}

static void tell_finish(struct co_task *task, struct co_with *with)
{
    (void)task;
    control_tell_end(&container_of(with, struct control_countdown, with)->tell);
}

static struct co_with *tell_open(struct control_countdown *self)
{
    co_with_init(&self->with, NULL, tell_finish);
    begin_telling(self);
    return &self->with;
}

ASYNC(control_countdown)
{
    for (;;) {
        WITH(co_timeout_open(co, &self->timeout, next_ms(self->control), false)) {
            AWAIT(co_event_wait(&self->control->shutdown_changed, &self->u.wait));
        }
        END_WITH;
        co_event_clear(&self->control->shutdown_changed);
        if (self->control->shutdown_at_ms != 0 && left_ms(self->control) == 0) {
            log_notice("the announced shutdown: stopping");
            server_stop(self->control->server);
            return;
        }
        WITH(tell_open(self)) {
            do {
                AWAIT(co_sleep(&self->u.pause, PAUSE_MS));
                AWAIT(delivery_room(&self->control->server->delivery, &self->u.room));
            } while (control_tell_step(&self->tell));
        }
        END_WITH;
    }
}
END_ASYNC
