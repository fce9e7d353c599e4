#include "support/tls_cert.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/tls.h"

static FILE *create(const char *path)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    return file;
}

static void set_name(X509_NAME *name, const char *text)
{
    assert_int_equal(
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)text, -1, -1, 0), 1);
}

static void add_extension(X509 *x509, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    assert_non_null(extension);
    assert_int_equal(X509_add_ext(x509, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static X509 *read_x509(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(x509);
    return x509;
}

static EVP_PKEY *read_key(const char *path)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(key);
    return key;
}

/* Its name is its folder's, so that each has another; without an alternative name it is "localhost". */
static X509 *make_x509(const struct tls_cert *cert, EVP_PKEY *key, const struct tls_cert_spec *spec,
                       X509 *issuer, EVP_PKEY *issuer_key)
{
    X509 *x509 = X509_new();
    assert_non_null(x509);
    X509_set_version(x509, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    set_name(X509_get_subject_name(x509),
             spec->alt_names ? strrchr(cert->folder.path, '/') + 1 : "localhost");
    X509_set_issuer_name(x509, X509_get_subject_name(issuer ? issuer : x509));
    X509_time_adj_ex(X509_getm_notBefore(x509), spec->from_days, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(x509), spec->to_days, 0, NULL);
    X509_set_pubkey(x509, key);
    if (spec->alt_names)
        add_extension(x509, NID_subject_alt_name, spec->alt_names);
    assert_true(X509_sign(x509, issuer_key ? issuer_key : key, EVP_sha256()) > 0);
    return x509;
}

static void write_files(const struct tls_cert *cert, X509 *x509, EVP_PKEY *key, X509 *issuer)
{
    FILE *file = create(cert->certificate_path);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    if (issuer)
        assert_int_equal(PEM_write_X509(file, issuer), 1);
    fclose(file);
    file = create(cert->key_path);
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
}

void tls_cert_make_with(struct tls_cert *cert, const struct tls_cert_spec *spec)
{
    temp_folder_make(&cert->folder);
    temp_folder_path(&cert->folder, "cert.pem", cert->certificate_path);
    temp_folder_path(&cert->folder, "key.pem", cert->key_path);
    EVP_PKEY *key = spec->rsa_bits ? EVP_RSA_gen((unsigned)spec->rsa_bits) : EVP_EC_gen("P-256");
    assert_non_null(key);
    X509 *issuer = spec->issuer ? read_x509(spec->issuer->certificate_path) : NULL;
    EVP_PKEY *issuer_key = spec->issuer ? read_key(spec->issuer->key_path) : NULL;
    X509 *x509 = make_x509(cert, key, spec, issuer, issuer_key);
    write_files(cert, x509, key, issuer);
    X509_free(x509);
    X509_free(issuer);
    EVP_PKEY_free(key);
    EVP_PKEY_free(issuer_key);
}

void tls_cert_make(struct tls_cert *cert, int from_days, int to_days)
{
    tls_cert_make_with(cert, &(struct tls_cert_spec){.from_days = from_days, .to_days = to_days});
}

struct tls_context *tls_cert_context(const struct tls_cert *cert)
{
    const struct tls_pair pair = {cert->certificate_path, cert->key_path};
    char why[TLS_WHY_MAX] = "";
    struct tls_context *context = tls_context_new(&(struct tls_config){.pairs = &pair, .pair_count = 1}, why);
    if (!context)
        fail_msg("%s", why);
    return context;
}

void tls_cert_remove(const struct tls_cert *cert)
{
    temp_folder_remove(&cert->folder);
}
