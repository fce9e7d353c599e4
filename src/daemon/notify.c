/* Thin wrapper of libsystemd's daemon functions; see notify.h. */
#include "daemon/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/log.h"

#define STATUS_MAX_BYTES 256

static void send_state(const char *state)
{
    int result = sd_notify(0, state);
    if (result < 0)
        log_warning("cannot notify the service manager: %s", strerror(-result));
}

void notify_ready(void)
{
    send_state("READY=1");
}

void notify_reloading(int64_t mono_ms)
{
    char state[64];
    /* Rounded up: a time before the request would look like the answer to an older one. */
    snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64, (mono_ms + 1) * 1000);
    send_state(state);
}

void notify_stopping(void)
{
    send_state("STOPPING=1");
}

void notify_watchdog(void)
{
    send_state("WATCHDOG=1");
}

void notify_status(const char *format, ...)
{
    char state[sizeof("STATUS=") + STATUS_MAX_BYTES] = "STATUS=";
    char *text = state + sizeof("STATUS=") - 1;
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, STATUS_MAX_BYTES + 1, format, args);
    va_end(args);
    if (len < 0)
        return;
    /* A newline would begin another assignment. */
    for (char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    send_state(state);
}

int64_t notify_watchdog_interval_ms(void)
{
    uint64_t limit_us = 0;
    int result = sd_watchdog_enabled(0, &limit_us);
    if (result < 0)
        log_warning("cannot read the watchdog's interval: %s", strerror(-result));
    if (result <= 0)
        return 0;
    int64_t half_ms = (int64_t)(limit_us / 2000);
    return half_ms > 0 ? half_ms : 1;
}

int notify_listen_fds(int **ret_fds, size_t *ret_count)
{
    int count = sd_listen_fds(1);
    if (count < 0)
        return count;
    int *fds = NULL;
    if (count > 0) {
        fds = calloc((size_t)count, sizeof(*fds));
        if (fds == NULL)
            return -ENOMEM;
    }
    for (int i = 0; i < count; i++)
        fds[i] = SD_LISTEN_FDS_START + i;
    *ret_fds = fds;
    *ret_count = (size_t)count;
    return 0;
}
