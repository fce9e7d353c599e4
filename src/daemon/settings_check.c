/* Whether settings fit each other, and how they are printed; see settings.h. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "daemon/listen_option.h"
#include "daemon/operator_list.h"
#include "daemon/settings_private.h"

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

static void check_options(const struct settings *settings, size_t index, struct buf *errors)
{
    const char *item = settings->listen.address.items[index];
    struct listen_option option;

    size_t mark = errors->len;
    settings_put_item_origin(settings, "listen.address", index, errors);
    const size_t begin = errors->len;
    int r = listen_option_parse(item, &option, errors);
    if (r == 0 && option.port.tls == SESSION_TLS_REQUIRED && settings->tls.certificate.count == 0)
        buf_printf(errors, "listen.address \"%s\" needs tls.certificate and tls.key\n", item);
    if (errors->len == begin)
        buf_truncate(errors, mark);
}

static void check_addresses(const struct settings *settings, struct buf *errors)
{
    const struct setting_list *list = &settings->listen.address;

    for (size_t i = 0; i < list->count; i++) {
        struct bytes address = listen_option_address(list->items[i]);
        if (is_listen_address(address) && !has_twin_before(list, i)) {
            check_options(settings, i, errors);
            continue;
        }
        settings_put_item_origin(settings, "listen.address", i, errors);
        if (!is_listen_address(address))
            buf_printf(errors, "listen.address \"%s\" is not HOST:PORT, [IPV6]:PORT or unix:/PATH\n",
                       list->items[i]);
        else
            buf_printf(errors, "listen.address \"%.*s\" is given twice\n", BYTES_ARG(address));
    }
}

static void check_tls(const struct settings *settings, struct buf *errors)
{
    size_t count = settings->tls.certificate.count, keys = settings->tls.key.count;

    if (count != keys)
        settings_put_origin(settings, count ? "tls.certificate" : "tls.key", errors);
    if ((count == 0) != (keys == 0))
        buf_printf(errors, "%s is set but %s is not; TLS needs both\n", count ? "tls.certificate" : "tls.key",
                   count ? "tls.key" : "tls.certificate");
    else if (count != keys)
        buf_printf(errors, "%zu tls.certificate but %zu tls.key: each needs its key, in the same order\n",
                   count, keys);
    if (settings->tls.client_certificates == TLS_CLIENTS_REQUIRED && settings->tls.client_ca[0] == '\0') {
        settings_put_origin(settings, "tls.client_certificates", errors);
        buf_put_text(errors, "tls.client_certificates = required needs tls.client_ca, or any would do\n");
    }
}

/* Of the first that is no default: the other one may not stand anywhere. */
static void put_origin_of_either(const struct settings *settings, const char *key, const char *other,
                                 struct buf *errors)
{
    size_t mark = errors->len;
    settings_put_origin(settings, key, errors);
    if (errors->len == mark)
        settings_put_origin(settings, other, errors);
}

int settings_check(const struct settings *settings, struct buf *errors)
{
    size_t mark = errors->len;
    check_tls(settings, errors);
    if (settings->limits.outbox_low_bytes >= settings->limits.outbox_high_bytes) {
        put_origin_of_either(settings, "limits.outbox_low", "limits.outbox_high", errors);
        buf_printf(errors, "limits.outbox_low (%zu) must be below limits.outbox_high (%zu)\n",
                   settings->limits.outbox_low_bytes, settings->limits.outbox_high_bytes);
    }
    if (settings->rooms.history > settings->rooms.log) {
        put_origin_of_either(settings, "rooms.history", "rooms.log", errors);
        buf_printf(errors, "rooms.history (%" PRIu32 ") must not be above rooms.log (%" PRIu32 ")\n",
                   settings->rooms.history, settings->rooms.log);
    }
    if (settings->rooms.lobby[0] != '#' || strchr(settings->rooms.lobby, ' ') != NULL) {
        settings_put_origin(settings, "rooms.lobby", errors);
        buf_printf(errors, "rooms.lobby \"%s\" must begin with # and have no spaces\n",
                   settings->rooms.lobby);
    }
    check_addresses(settings, errors);
    operator_list_check(&settings->operators.operator, errors);
    return errors->len == mark && buf_error(errors) == 0 ? 0 : -EINVAL;
}

/* Quoted when the reader would not take it as it is. */
static void put_value(struct bytes value, struct buf *out)
{
    bool has_edge =
        value.len > 0 && (value.ptr[0] == '"' || value.ptr[0] == '\'' || bytes_trim(value).len < value.len);
    const char *quote = has_edge ? "\"" : "";
    buf_printf(out, "%s%.*s%s", quote, BYTES_ARG(value), quote);
}

static void dump_value(const char *mark, const char *name, struct bytes value, struct buf *out)
{
    buf_printf(out, "%s%s =%s", mark, name, value.len > 0 ? " " : "");
    put_value(value, out);
    buf_put_char(out, '\n');
}

static void dump_list(const char *name, const struct setting_list *list, struct buf *out)
{
    for (size_t i = 0; i < list->count; i++)
        dump_value("", name, bytes_of(list->items[i]), out);
}

/* "# From mingled.conf:3." for what is not the default. */
static void put_source(const struct settings *settings, const struct settings_row *row, struct buf *out)
{
    size_t mark = out->len;
    buf_put_text(out, "# From ");
    const size_t begin = out->len;
    settings_put_origin(settings, row->key, out);
    if (out->len == begin) {
        buf_truncate(out, mark);
        return;
    }
    buf_truncate(out, out->len - 2); /* ": " */
    buf_put_text(out, ".\n");
}

static void dump_row(const struct settings *settings, const struct settings_row *row, struct buf *out)
{
    const char *name = strchr(row->key, '.') + 1;
    const void *field = settings_field(settings, row);
    struct buf value;
    buf_init(&value, SETTINGS_DUMP_BYTES);
    setting_type_format(row->type, field, &value);
    bool is_default = bytes_eq(buf_bytes(&value), bytes_of(row->default_text));

    buf_printf(out, "\n# %s.\n# Takes ", row->help);
    setting_type_describe(row->type, row->min, row->max, out);
    buf_printf(out, ".%s\n", row->is_reloadable ? "" : " A change needs a restart.");
    if (!is_default)
        put_source(settings, row, out);
    if (is_default || row->type != SETTING_TYPE_LIST)
        dump_value(is_default ? "#" : "", name, buf_bytes(&value), out);
    else
        dump_list(name, field, out);
    buf_done(&value);
}

void settings_dump(const struct settings *settings, struct buf *out)
{
    struct bytes section = {NULL, 0};
    buf_put_text(out, "# Settings of mingled. What is commented out has its default value.\n");
    const struct settings_row *row;
    for (size_t i = 0; (row = settings_row(i)) != NULL; i++) {
        struct bytes rest = bytes_of(row->key);
        struct bytes own = bytes_cut(&rest, '.');
        if (!bytes_eq(own, section))
            buf_printf(out, "\n[%.*s]\n", BYTES_ARG(own));
        section = own;
        dump_row(settings, row, out);
    }
}
