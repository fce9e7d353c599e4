#include "daemon/log_output.h"

#include <string.h>

#include "daemon/settings.h"

static struct log_output in_force = {.journal = {.fd = -1}};

int log_output_prepare(const struct settings *settings, struct log_output *ret_output, struct buf *errors)
{
    const enum setting_log_format format = settings->log.format;
    struct log_output output = {.journal = {.fd = -1},
                                .format = format == SETTING_LOG_JSON ? LOG_FORMAT_JSON : LOG_FORMAT_TEXT};

    if (format == SETTING_LOG_JOURNAL || (format == SETTING_LOG_AUTO && log_is_journal())) {
        int r = journal_open(&output.journal, JOURNAL_PATH);
        if (r < 0 && format == SETTING_LOG_JOURNAL) {
            settings_put_origin(settings, "log.format", errors);
            buf_printf(errors,
                       "log.format = journal: cannot connect to " JOURNAL_PATH
                       ": %s; use log.format = auto\n",
                       strerror(-r));
            return r;
        }
    }
    *ret_output = output;
    return 0;
}

void log_output_commit(struct log_output *output)
{
    log_set_taker(NULL, NULL);
    journal_close(&in_force.journal);
    in_force = *output;
    output->journal.fd = -1;
    log_set_format(in_force.format);
    if (in_force.journal.fd >= 0)
        log_set_taker(journal_take, &in_force.journal);
}

void log_output_abandon(struct log_output *output)
{
    journal_close(&output->journal);
}

void log_output_close(void)
{
    log_flush();
    log_set_taker(NULL, NULL);
    journal_close(&in_force.journal);
}
