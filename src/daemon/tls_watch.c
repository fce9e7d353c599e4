#include "daemon/tls_watch.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log_event.h"
#include "daemon/server.h"
#include "daemon/settings.h"
#include "daemon/setup.h"
#include "net/tls.h"
#include "net/tls_tickets.h"

#include "async/poison.h"

#define HOUR_S INT64_C(3600)
#define DAY_S (24 * HOUR_S)

/* How often it looks; the settings may have changed, and the clock may have been set. */
#define LOOK_MS (60 * 1000)

/* From here on it is urgent. */
#define LAST_DAYS 2
#define URGENT_S (6 * HOUR_S)

int64_t tls_watch_interval_s(int64_t left_s, unsigned warn_days, enum log_level *ret_level)
{
    bool is_urgent = left_s < 0 || (warn_days > 0 && left_s < LAST_DAYS * DAY_S);

    *ret_level = is_urgent ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING;
    if (is_urgent)
        return URGENT_S;
    return left_s < warn_days * DAY_S ? DAY_S : TLS_WATCH_NEVER;
}

static void report(const char *path, int64_t end_s, int64_t left_s, enum log_level level)
{
    struct tm when = {0};
    time_t end = (time_t)end_s;
    char date[48], text[512];

    gmtime_r(&end, &when);
    strftime(date, sizeof(date), "%Y-%m-%d %H:%M UTC", &when);
    if (left_s < 0)
        snprintf(text, sizeof(text),
                 "the certificate in %s has expired (%s): clients refuse it; renew it and reload", path,
                 date);
    else
        snprintf(text, sizeof(text),
                 "the certificate in %s expires in %" PRId64 " %s (%s): renew it and reload", path,
                 left_s / (left_s < LAST_DAYS * DAY_S ? HOUR_S : DAY_S),
                 left_s < LAST_DAYS * DAY_S ? "hours" : "days", date);
    log_event(LOG_KIND_CERTIFICATE_ENDS, level, LOG_STR("path", path), LOG_STR("date", date),
              LOG_INT("left_s", left_s), LOG_SAY(bytes_of(text)));
}

/* Logs each certificate that is to be told of. Returns after how many seconds to do it again. */
static int64_t report_all(const struct tls_context *context, int64_t now_s, unsigned warn_days)
{
    int64_t soonest_s = TLS_WATCH_NEVER;

    for (size_t i = 0; i < tls_context_certificate_count(context); i++) {
        enum log_level level;
        int64_t end_s = tls_context_certificate_end_s(context, i);
        int64_t interval_s = tls_watch_interval_s(end_s - now_s, warn_days, &level);
        if (interval_s == TLS_WATCH_NEVER)
            continue;
        report(tls_context_certificate_path(context, i), end_s, end_s - now_s, level);
        soonest_s = interval_s < soonest_s ? interval_s : soonest_s;
    }
    return soonest_s;
}

/* Whether to look at all certificates now: when told lately, not before the interval is over. */
static bool is_due(const struct tls_watch *self, int64_t now_s)
{
    int64_t since_s = now_s - self->told_s;
    return self->server->setup->tls != self->seen || self->interval_s == TLS_WATCH_NEVER ||
           since_s >= self->interval_s || since_s < 0;
}

static void look(struct tls_watch *self)
{
    struct server *server = self->server;
    int64_t now_s = clock_wall_ms(clock_system()) / 1000;

    tls_tickets_rotate(server->setup->tickets);
    if (server->setup->tls && is_due(self, now_s)) {
        self->interval_s = report_all(server->setup->tls, now_s, server->settings->tls.warn_days);
        self->told_s = now_s;
    }
    self->seen = server->setup->tls;
}

ASYNC(tls_watch)
{
    for (;;) {
        look(self);
        AWAIT(co_sleep(&self->sleep, LOOK_MS));
    }
}
END_ASYNC
