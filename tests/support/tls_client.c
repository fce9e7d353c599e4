/* See tls_client.h. */
#include "support/tls_client.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

void tls_client_send(struct tls_client *client, const char *text)
{
    SSL_write(client->ssl, text, (int)strlen(text));
}

void tls_client_receive(struct tls_client *client, size_t want)
{
    char bytes[4096];
    int n = 1;
    while (n > 0 && client->received < want) {
        n = SSL_read(client->ssl, bytes, sizeof(bytes));
        for (int i = 0; i < n; i++, client->received++)
            if (client->received < sizeof(client->text) - 1)
                client->text[client->received] = bytes[i];
    }
    if (n <= 0)
        client->has_close_notify = SSL_get_error(client->ssl, n) == SSL_ERROR_ZERO_RETURN;
}

static void *run(void *arg)
{
    struct tls_client *client = arg;
    SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_security_level(ctx, 0);
    SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
    SSL_CTX_set_max_proto_version(ctx, client->max_version);
    client->ssl = SSL_new(ctx);
    SSL_set_fd(client->ssl, client->fd);
    client->is_connected = SSL_connect(client->ssl) == 1;
    if (client->is_connected)
        client->act(client);
    close(client->fd);
    SSL_free(client->ssl);
    SSL_CTX_free(ctx);
    return NULL;
}

void tls_client_start(struct tls_client *client, int fd, void (*act)(struct tls_client *client),
                      int max_version)
{
    *client = (struct tls_client){.act = act, .fd = fd, .max_version = max_version};
    assert_int_equal(pthread_create(&client->thread, NULL, run, client), 0);
}
