#include "net/tls.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "support/tls_cert.h"

static void assert_refused(const char *certificate_path, const char *key_path, const char *file,
                           const char *what)
{
    char why[TLS_WHY_MAX] = "";
    const struct tls_pair pair = {certificate_path, key_path};
    assert_null(tls_context_new(&(struct tls_config){.pairs = &pair, .pair_count = 1}, why));
    if (!strstr(why, file) || !strstr(why, what))
        fail_msg("expected \"%s\" and \"%s\" in: %s", file, what, why);
    assert_int_equal(ERR_peek_error(), 0); /* the next call of OpenSSL would take it for its own */
}

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_tls_context_loads_certificate_and_key(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    struct tls_context *context = tls_cert_context(&cert);
    assert_ptr_equal(tls_context_ref(context), context);
    SSL *ssl = tls_context_accept(context);
    assert_non_null(ssl);
    assert_true(SSL_is_server(ssl));
    SSL_free(ssl);
    tls_context_unref(context);
    tls_context_unref(context);
    tls_context_unref(NULL);
    tls_cert_remove(&cert);
}

static void test_tls_context_makes_safe_choices(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    struct tls_context *context = tls_cert_context(&cert);
    SSL *ssl = tls_context_accept(context);
    SSL_CTX *ctx = SSL_get_SSL_CTX(ssl);
    assert_int_equal(SSL_CTX_get_min_proto_version(ctx), TLS1_2_VERSION);
    assert_int_equal(SSL_CTX_get_session_cache_mode(ctx), SSL_SESS_CACHE_OFF);
    assert_true(SSL_CTX_get_options(ctx) & SSL_OP_NO_RENEGOTIATION);
    assert_true(SSL_CTX_get_options(ctx) & SSL_OP_NO_COMPRESSION);
    assert_true(SSL_CTX_get_mode(ctx) & SSL_MODE_RELEASE_BUFFERS);
    STACK_OF(SSL_CIPHER) *ciphers = SSL_get_ciphers(ssl);
    assert_int_equal(sk_SSL_CIPHER_num(ciphers), 9);
    for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); i++) {
        const SSL_CIPHER *cipher = sk_SSL_CIPHER_value(ciphers, i);
        assert_true(SSL_CIPHER_is_aead(cipher));
        int exchange = SSL_CIPHER_get_kx_nid(cipher);
        assert_true(exchange == NID_kx_ecdhe || exchange == NID_kx_any); /* any: TLS 1.3, always ephemeral */
    }
    SSL_free(ssl);
    tls_context_unref(context);
    tls_cert_remove(&cert);
}

static void test_tls_context_says_which_file_is_missing(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    assert_refused("/nonexistent/cert.pem", cert.key_path, "/nonexistent/cert.pem", "No such file");
    assert_refused(cert.certificate_path, "/nonexistent/key.pem", "/nonexistent/key.pem", "No such file");
    assert_refused(cert.dir, cert.key_path, cert.dir, "no usable certificate");
    assert_refused(cert.certificate_path, cert.dir, cert.dir, "no usable private key");
    tls_cert_remove(&cert);
}

static void test_tls_context_refuses_files_of_another_kind(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    assert_refused(cert.key_path, cert.key_path, cert.key_path, "no usable certificate");
    assert_refused(cert.certificate_path, cert.certificate_path, cert.certificate_path,
                   "no usable private key");
    write_file(cert.key_path, "");
    assert_refused(cert.certificate_path, cert.key_path, cert.key_path, "no usable private key");
    write_file(cert.certificate_path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    assert_refused(cert.certificate_path, cert.key_path, cert.certificate_path, "no usable certificate");
    tls_cert_remove(&cert);
}

static void test_tls_context_refuses_a_key_of_another_certificate(void **state)
{
    struct tls_cert cert, other;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    tls_cert_make(&other, -1, 1);
    assert_refused(cert.certificate_path, other.key_path, other.key_path, "does not belong to");
    /* Of another type, too. */
    EVP_PKEY *key = EVP_RSA_gen(2048);
    FILE *file = fopen(other.key_path, "w");
    assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    EVP_PKEY_free(key);
    assert_refused(cert.certificate_path, other.key_path, other.key_path, "does not belong to");
    tls_cert_remove(&cert);
    tls_cert_remove(&other);
}

static void test_tls_context_refuses_an_encrypted_key_without_asking(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 1);
    FILE *file = fopen(cert.key_path, "r");
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    file = fopen(cert.key_path, "w");
    assert_int_equal(
        PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), (const unsigned char *)"secret", 6, NULL, NULL),
        1);
    fclose(file);
    EVP_PKEY_free(key);
    assert_refused(cert.certificate_path, cert.key_path, cert.key_path, "is encrypted");
    tls_cert_remove(&cert);
}

static void test_tls_context_refuses_dates_outside_today(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -3, -1);
    assert_refused(cert.certificate_path, cert.key_path, cert.certificate_path, "has expired on 20");
    tls_cert_remove(&cert);
    tls_cert_make(&cert, 1, 3);
    assert_refused(cert.certificate_path, cert.key_path, cert.certificate_path, "is not valid before 20");
    tls_cert_remove(&cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tls_context_loads_certificate_and_key),
        cmocka_unit_test(test_tls_context_makes_safe_choices),
        cmocka_unit_test(test_tls_context_says_which_file_is_missing),
        cmocka_unit_test(test_tls_context_refuses_files_of_another_kind),
        cmocka_unit_test(test_tls_context_refuses_a_key_of_another_certificate),
        cmocka_unit_test(test_tls_context_refuses_an_encrypted_key_without_asking),
        cmocka_unit_test(test_tls_context_refuses_dates_outside_today),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
