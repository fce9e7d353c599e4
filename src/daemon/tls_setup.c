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

/* The paths of the config are on the heap, as the settings' entries are any number. */
static int make_pairs(const struct settings *settings, struct tls_pair *pairs, struct buf *error)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < settings->tls.certificate.count; i++) {
        int r = tls_setup_path(settings->tls.certificate.items[i], path, sizeof(path), error);
        if (r < 0)
            return r;
        pairs[i].certificate_path = xstrdup(path);
        r = tls_setup_path(settings->tls.key.items[i], path, sizeof(path), error);
        if (r < 0)
            return r;
        pairs[i].key_path = xstrdup(path);
    }
    return 0;
}

static void free_pairs(struct tls_pair *pairs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free((char *)(uintptr_t)pairs[i].certificate_path);
        free((char *)(uintptr_t)pairs[i].key_path);
    }
    free(pairs);
}

static int load(const struct settings *settings, struct tls_config *config, struct buf *error,
                struct tls_context **ret_context)
{
    char ca_path[PATH_MAX], why[TLS_WHY_MAX];
    int r = tls_setup_path(settings->tls.client_ca, ca_path, sizeof(ca_path), error);

    if (r < 0)
        return r;
    config->client_ca_path = ca_path[0] ? ca_path : NULL;
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
    struct tls_pair *pairs = xcalloc(count, sizeof(*pairs));
    struct tls_config config = {.pairs = pairs,
                                .pair_count = count,
                                .is_any_date = is_any_date,
                                .clients = settings->tls.client_certificates,
                                .tickets = tickets};
    int r = make_pairs(settings, pairs, error);
    if (r == 0)
        r = load(settings, &config, error, ret_context);
    free_pairs(pairs, count);
    return r;
}
