/* Certificates for tests, made on the spot. */
#ifndef SUPPORT_TLS_CERT_H
#define SUPPORT_TLS_CERT_H

struct tls_cert {
    char dir[48], certificate_path[64], key_path[64];
};

/* A self-signed certificate for an EC key, valid from and to so many days from now, in a temporary
 * folder. Fails the test when it cannot be made. */
void tls_cert_make(struct tls_cert *cert, int from_days, int to_days);
void tls_cert_remove(const struct tls_cert *cert);

#endif
