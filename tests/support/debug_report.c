#include "support/debug_report.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

void debug_report_take(void *arg, struct bytes line)
{
    struct debug_report *report = arg;
    pthread_mutex_lock(&report->mutex);
    assert_true(report->len + line.len + 2 < sizeof(report->text));
    memcpy(report->text + report->len, line.ptr, line.len);
    report->len += line.len;
    report->text[report->len++] = '\n';
    report->text[report->len] = '\0';
    pthread_mutex_unlock(&report->mutex);
}

unsigned debug_report_times(struct debug_report *report, const char *text)
{
    unsigned count = 0;
    pthread_mutex_lock(&report->mutex);
    for (const char *at = report->text; (at = strstr(at, text)) != NULL; at += strlen(text))
        count++;
    pthread_mutex_unlock(&report->mutex);
    return count;
}

void debug_report_init(struct debug_report *report)
{
    memset(report, 0, sizeof(*report));
    pthread_mutex_init(&report->mutex, NULL);
}

struct co_loop *debug_report_loop(struct debug_report *report, int64_t slow_step_ms, int64_t hang_ms)
{
    struct co_debug_config config = {slow_step_ms, hang_ms, debug_report_take, report};
    struct co_loop *loop = co_loop_new();
    assert_non_null(loop);
    debug_report_init(report);
    assert_int_equal(co_loop_set_debug(loop, &config), 0);
    return loop;
}

void debug_report_run(struct co_loop *loop, struct co_task *root)
{
    assert_int_equal(co_loop_run(loop, root).code, 0);
    assert_int_equal(co_loop_free(loop), 0);
}
