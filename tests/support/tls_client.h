/* OpenSSL's client on a thread of its own, for tests of connections over TLS. What it does runs on the thread: it
 * notes, and the test looks after pthread_join(). */
#ifndef SUPPORT_TLS_CLIENT_H
#define SUPPORT_TLS_CLIENT_H

#include <openssl/ssl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct tls_client {
    void (*act)(struct tls_client *client);
    int max_version;
    int fd;
    SSL *ssl;
    pthread_t thread;
    bool is_connected, has_close_notify;
    size_t received;
    char text[64]; /* the beginning of it */
};

/* Connects over `fd`, which it closes at the end, with TLS 1.0 to max_version, and acts when it has got through. */
void tls_client_start(struct tls_client *client, int fd, void (*act)(struct tls_client *client),
                      int max_version);

/* ---- for what it does ---- */

void tls_client_send(struct tls_client *client, const char *text);
/* Reads to the end of the stream, or until so many bytes are there. */
void tls_client_receive(struct tls_client *client, size_t want);

#endif
