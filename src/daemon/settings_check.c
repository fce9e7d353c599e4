/* Whether the settings fit each other; see settings.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/listen_option.h"
#include "daemon/operator_list.h"
#include "daemon/settings.h"

static bool is_listen_address(struct bytes address)
{
    return bytes_find(address, ':') < address.len;
}

/* An address alone tells its entries apart; options do not. */
static bool has_twin_before(const struct setting_list *list, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (bytes_eq(listen_option_address(list->items[i]), listen_option_address(list->items[index])))
            return true;
    return false;
}

static void check_options(const struct settings *settings, const char *item, struct buf *errors)
{
    struct listen_option option;

    if (listen_option_parse(item, &option, errors) == 0 && option.port.tls == SESSION_TLS_REQUIRED &&
        settings->tls.certificate.count == 0)
        buf_printf(errors, "listen.address \"%s\" needs tls.certificate and tls.key\n", item);
}

static void check_addresses(const struct settings *settings, struct buf *errors)
{
    const struct setting_list *list = &settings->listen.address;

    for (size_t i = 0; i < list->count; i++) {
        struct bytes address = listen_option_address(list->items[i]);
        if (!is_listen_address(address))
            buf_printf(errors, "listen.address \"%s\" is not HOST:PORT, [IPV6]:PORT or unix:/PATH\n",
                       list->items[i]);
        else if (has_twin_before(list, i))
            buf_printf(errors, "listen.address \"%.*s\" is given twice\n", BYTES_ARG(address));
        else
            check_options(settings, list->items[i], errors);
    }
}

static void check_tls(const struct settings *settings, struct buf *errors)
{
    size_t count = settings->tls.certificate.count, keys = settings->tls.key.count;

    if ((count == 0) != (keys == 0))
        buf_printf(errors, "%s is set but %s is not; TLS needs both\n", count ? "tls.certificate" : "tls.key",
                   count ? "tls.key" : "tls.certificate");
    else if (count != keys)
        buf_printf(errors, "%zu tls.certificate but %zu tls.key: each needs its key, in the same order\n",
                   count, keys);
    if (settings->tls.client_certificates == TLS_CLIENTS_REQUIRED && settings->tls.client_ca[0] == '\0')
        buf_put_text(errors, "tls.client_certificates = required needs tls.client_ca, or any would do\n");
}

int settings_check(const struct settings *settings, struct buf *errors)
{
    size_t mark = errors->len;
    check_tls(settings, errors);
    if (settings->limits.outbox_low_bytes >= settings->limits.outbox_high_bytes)
        buf_printf(errors, "limits.outbox_low (%zu) must be below limits.outbox_high (%zu)\n",
                   settings->limits.outbox_low_bytes, settings->limits.outbox_high_bytes);
    if (settings->rooms.history > settings->rooms.log)
        buf_printf(errors, "rooms.history (%" PRIu32 ") must not be above rooms.log (%" PRIu32 ")\n",
                   settings->rooms.history, settings->rooms.log);
    if (settings->rooms.lobby[0] != '#' || strchr(settings->rooms.lobby, ' ') != NULL)
        buf_printf(errors, "rooms.lobby \"%s\" must begin with # and have no spaces\n",
                   settings->rooms.lobby);
    check_addresses(settings, errors);
    operator_list_check(&settings->operators.operator, errors);
    return errors->len == mark && buf_error(errors) == 0 ? 0 : -EINVAL;
}
