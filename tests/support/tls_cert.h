/* Certificates for tests, made on the spot. */
#ifndef SUPPORT_TLS_CERT_H
#define SUPPORT_TLS_CERT_H

#include "support/temp_folder.h"

struct tls_context;

struct tls_cert {
    struct temp_folder folder;
    char certificate_path[TEMP_FOLDER_PATH_MAX], key_path[TEMP_FOLDER_PATH_MAX];
};

/* A self-signed certificate for an EC key, valid from and to so many days from now, in a temporary
 * folder. Fails the test when it cannot be made. */
void tls_cert_make(struct tls_cert *cert, int from_days, int to_days);

struct tls_cert_spec {
    const char *alt_names;         /* "DNS:a.example,DNS:*.b.example"; NULL: none */
    int rsa_bits;                  /* 0: an EC key */
    int from_days, to_days;        /* of its life, from now */
    const struct tls_cert *issuer; /* NULL: self-signed; otherwise its certificate follows in the file */
};
void tls_cert_make_with(struct tls_cert *cert, const struct tls_cert_spec *spec);

/* A server's context with this certificate and nothing else set. */
struct tls_context *tls_cert_context(const struct tls_cert *cert);

void tls_cert_remove(const struct tls_cert *cert);

#endif
