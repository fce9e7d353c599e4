#include "daemon/tls_setup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "daemon/settings.h"
#include "net/tls.h"

#define CREDENTIAL "credential:"

int tls_setup_path(const char *text, char *ret_path, size_t size, struct buf *error)
{
    struct bytes name = bytes_of(text);
    const char *folder = "", *slash = "";

    if (bytes_starts_with(name, BYTES(CREDENTIAL))) {
        name = bytes_slice(name, strlen(CREDENTIAL), name.len);
        folder = getenv("CREDENTIALS_DIRECTORY");
        slash = "/";
        if (!folder) {
            buf_printf(error,
                       "%s: there are no credentials ($CREDENTIALS_DIRECTORY is not set): start mingled by "
                       "systemd, with LoadCredential=%.*s:PATH in its unit, or write a path",
                       text, BYTES_ARG(name));
            return -EINVAL;
        }
        if (name.len == 0 || bytes_find(name, '/') < name.len) {
            buf_printf(error, "%s: the name of a credential is one word without /, as in LoadCredential",
                       text);
            return -EINVAL;
        }
    }
    if (strlen(folder) + strlen(slash) + name.len >= size) {
        buf_printf(error, "%s: the path is too long", text);
        return -EINVAL;
    }
    snprintf(ret_path, size, "%s%s%.*s", folder, slash, BYTES_ARG(name));
    return 0;
}

/* Of the n-th certificate, of its key, and at the end of the client CA. */
static int make_paths(const struct settings *settings, char **paths, struct buf *error)
{
    size_t count = settings->tls.certificate.count;
    char path[PATH_MAX];

    for (size_t i = 0; i <= 2 * count; i++) {
        const struct setting_list *list = i % 2 == 0 ? &settings->tls.certificate : &settings->tls.key;
        const char *text = i < 2 * count ? list->items[i / 2] : settings->tls.client_ca;
        int r = tls_setup_path(text, path, sizeof(path), error);
        if (r < 0)
            return r;
        paths[i] = xstrdup(path);
    }
    return 0;
}

static int load(const struct tls_config *config, struct buf *error, struct tls_context **ret_context)
{
    char why[TLS_WHY_MAX];
    struct tls_context *context = tls_context_new(config, why);

    if (!context) {
        buf_put_text(error, why);
        return -EINVAL;
    }
    *ret_context = context;
    return 0;
}

int tls_setup_load(const struct settings *settings, struct tls_tickets *tickets, bool is_any_date,
                   struct buf *error, struct tls_context **ret_context)
{
    size_t count = settings->tls.certificate.count;

    if (count == 0) {
        *ret_context = NULL;
        return 0;
    }
    char **paths = xcalloc(2 * count + 1, sizeof(*paths));
    struct tls_pair *pairs = xcalloc(count, sizeof(*pairs));
    int r = make_paths(settings, paths, error);
    if (r == 0) {
        for (size_t i = 0; i < count; i++)
            pairs[i] = (struct tls_pair){paths[2 * i], paths[2 * i + 1]};
        const struct tls_config config = {.pairs = pairs,
                                          .pair_count = count,
                                          .is_any_date = is_any_date,
                                          .clients = settings->tls.client_certificates,
                                          .client_ca_path = paths[2 * count][0] ? paths[2 * count] : NULL,
                                          .tickets = tickets};
        r = load(&config, error, ret_context);
    }
    for (size_t i = 0; i <= 2 * count; i++)
        free(paths[i]);
    free(paths);
    free(pairs);
    return r;
}
