#include "support/tls_cert.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

static X509 *make_x509(EVP_PKEY *key, int from_days, int to_days)
{
    X509 *x509 = X509_new();
    X509_NAME *name = X509_NAME_new();
    assert_true(x509 && name);
    assert_int_equal(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"localhost", -1, -1, 0),
        1);
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_set_subject_name(x509, name);
    X509_set_issuer_name(x509, name);
    X509_time_adj_ex(X509_getm_notBefore(x509), from_days, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(x509), to_days, 0, NULL);
    X509_set_pubkey(x509, key);
    assert_true(X509_sign(x509, key, EVP_sha256()) > 0);
    X509_NAME_free(name);
    return x509;
}

void tls_cert_make(struct tls_cert *cert, int from_days, int to_days)
{
    snprintf(cert->dir, sizeof(cert->dir), "/tmp/tls_cert.XXXXXX");
    assert_non_null(mkdtemp(cert->dir));
    snprintf(cert->certificate_path, sizeof(cert->certificate_path), "%s/cert.pem", cert->dir);
    snprintf(cert->key_path, sizeof(cert->key_path), "%s/key.pem", cert->dir);
    EVP_PKEY *key = EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *x509 = make_x509(key, from_days, to_days);
    FILE *file = create(cert->certificate_path);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    fclose(file);
    file = create(cert->key_path);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    X509_free(x509);
    EVP_PKEY_free(key);
}

void tls_cert_remove(const struct tls_cert *cert)
{
    unlink(cert->certificate_path);
    unlink(cert->key_path);
    rmdir(cert->dir);
}
