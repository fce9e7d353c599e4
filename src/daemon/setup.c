#include "daemon/setup.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/xalloc.h"
#include "chat/name.h"
#include "daemon/listen_option.h"
#include "daemon/operator_list.h"
#include "daemon/options.h"
#include "daemon/settings.h"
#include "daemon/tls_setup.h"
#include "net/addr.h"
#include "net/tls.h"
#include "net/tls_tickets.h"

static int load_tls(struct setup *setup, struct tls_tickets *tickets, struct buf *errors)
{
    size_t mark = errors->len;

    setup->tickets = tickets ? tls_tickets_ref(tickets) : tls_tickets_new(clock_system());
    if (!setup->tickets)
        return -ENOMEM;
    settings_put_origin(setup->settings, "tls.certificate", errors);
    int r = tls_setup_load(setup->settings, setup->tickets, !tickets, errors, &setup->tls);
    if (r < 0)
        buf_put_char(errors, '\n');
    else
        buf_truncate(errors, mark);
    return r;
}

static void check_addresses(const struct settings *settings, struct buf *errors)
{
    const struct setting_list *list = &settings->listen.address;
    struct addr addr;
    const char *why;

    for (size_t i = 0; i < list->count; i++) {
        if (addr_parse(listen_option_address(list->items[i]), &addr, &why) == 0)
            continue;
        settings_put_item_origin(settings, "listen.address", i, errors);
        buf_printf(errors, "listen.address = %s: %s\n", list->items[i], why);
    }
}

static void check_lobby(const struct settings *settings, struct buf *errors)
{
    if (name_is_room(bytes_of(settings->rooms.lobby)))
        return;
    settings_put_origin(settings, "rooms.lobby", errors);
    buf_printf(errors, "rooms.lobby = %s: a room is '#' and letters, digits or -_[]{}|^.\n",
               settings->rooms.lobby);
}

static int load_files(struct setup *setup, struct buf *errors)
{
    size_t mark = errors->len;
    int r = texts_load(setup->settings, &setup->texts, errors);
    if (errors->len > mark && errors->ptr[errors->len - 1] != '\n')
        buf_put_char(errors, '\n');
    return r < 0 ? r : operator_list_load(&setup->settings->operators.operator, & setup->operators);
}

int setup_load(const struct options *options, const char *default_config, struct tls_tickets *tickets,
               struct buf *errors, struct setup **ret_setup)
{
    struct setup *setup = xcalloc(1, sizeof(*setup));
    int r = options_load_settings(options, default_config, errors, &setup->settings);
    if (r == 0) {
        size_t mark = errors->len;
        r = load_tls(setup, tickets, errors);
        check_addresses(setup->settings, errors);
        check_lobby(setup->settings, errors);
        int files_r = load_files(setup, errors);
        if (r == 0)
            r = files_r;
        if (r == 0 && (errors->len > mark || buf_error(errors) != 0))
            r = -EINVAL;
    }
    if (r < 0) {
        if (r == -ENOMEM)
            buf_put_text(errors, "out of memory\n");
        setup_free(setup);
        return r;
    }
    *ret_setup = setup;
    return 0;
}

void setup_free(struct setup *setup)
{
    if (!setup)
        return;
    operator_list_done(&setup->operators);
    texts_done(&setup->texts);
    tls_context_unref(setup->tls);
    tls_tickets_unref(setup->tickets);
    settings_free(setup->settings);
    free(setup);
}
