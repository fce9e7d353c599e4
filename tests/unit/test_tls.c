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

#include <cmocka.h>

#include "base/clock.h"
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
    assert_refused(cert.folder.path, cert.key_path, cert.folder.path, "no usable certificate");
    assert_refused(cert.certificate_path, cert.folder.path, cert.folder.path, "no usable private key");
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

/* The reason for which this config is refused. */
static const char *refusal(const struct tls_config *config)
{
    static char why[TLS_WHY_MAX];
    why[0] = '\0';
    assert_null(tls_context_new(config, why));
    assert_int_equal(ERR_peek_error(), 0);
    return why;
}

static void append_file(const char *path, const char *source)
{
    char text[8192];
    FILE *from = fopen(source, "r"), *to = fopen(path, "a");
    assert_true(from && to);
    size_t len = fread(text, 1, sizeof(text), from);
    assert_int_equal(fwrite(text, 1, len, to), len);
    fclose(from);
    fclose(to);
}

static void test_tls_context_takes_old_certificates_when_told_so(void **state)
{
    struct tls_cert old, good;
    char why[TLS_WHY_MAX] = "";
    (void)state;
    tls_cert_make(&old, -3, -1);
    tls_cert_make(&good, -1, 10);
    const struct tls_pair pairs[] = {{good.certificate_path, good.key_path},
                                     {old.certificate_path, old.key_path}};
    struct tls_config config = {.pairs = pairs, .pair_count = 2};
    assert_non_null(strstr(refusal(&config), "has expired on 20"));
    config.is_any_date = true;
    struct tls_context *context = tls_context_new(&config, why);
    assert_non_null(context);
    assert_int_equal(tls_context_certificate_count(context), 2);
    assert_string_equal(tls_context_certificate_path(context, 1), old.certificate_path);
    assert_int_equal(tls_context_end_s(context), tls_context_certificate_end_s(context, 1));
    int64_t now_s = clock_wall_ms(clock_system()) / 1000;
    assert_in_range(now_s - tls_context_end_s(context), 86400 - 60, 86400 + 600);
    assert_in_range(tls_context_certificate_end_s(context, 0) - now_s, 864000 - 600, 864000 + 60);
    tls_context_unref(context);
    tls_cert_remove(&old);
    tls_cert_remove(&good);
}

static void test_tls_context_checks_the_chain(void **state)
{
    struct tls_cert ca, leaf, stranger;
    const struct tls_cert_spec ca_spec = {.alt_names = "DNS:ca.test", .from_days = -1, .to_days = 5};
    (void)state;
    tls_cert_make_with(&ca, &ca_spec);
    tls_cert_make_with(&leaf, &(struct tls_cert_spec){
                                  .alt_names = "DNS:a.test", .from_days = -1, .to_days = 10, .issuer = &ca});
    tls_cert_make_with(&stranger, &ca_spec);
    struct tls_context *context = tls_cert_context(&leaf);
    /* What ends first of the chain is the end of it. */
    assert_in_range(tls_context_end_s(context), 1, clock_wall_ms(clock_system()) / 1000 + 6 * 86400);
    tls_context_unref(context);
    append_file(leaf.certificate_path, stranger.certificate_path);
    assert_refused(leaf.certificate_path, leaf.key_path, leaf.certificate_path,
                   "out of order: certificate 2");
    append_file(ca.certificate_path, leaf.certificate_path);
    assert_refused(ca.certificate_path, leaf.key_path, ca.certificate_path, "belongs to certificate 2 in");
    tls_cert_remove(&ca);
    tls_cert_remove(&leaf);
    tls_cert_remove(&stranger);
}

static void test_tls_context_refuses_a_weak_key_of_any_pair(void **state)
{
    struct tls_cert good, weak;
    (void)state;
    tls_cert_make(&good, -1, 10);
    tls_cert_make_with(&weak,
                       &(struct tls_cert_spec){
                           .alt_names = "DNS:weak.test", .rsa_bits = 1024, .from_days = -1, .to_days = 1});
    const struct tls_pair pairs[] = {{good.certificate_path, good.key_path},
                                     {weak.certificate_path, weak.key_path}};
    const char *why = refusal(&(struct tls_config){.pairs = pairs, .pair_count = 2});
    assert_non_null(strstr(why, weak.certificate_path));
    assert_non_null(strstr(why, "too small"));
    tls_cert_remove(&good);
    tls_cert_remove(&weak);
}

static void test_tls_context_names_a_bad_client_ca(void **state)
{
    struct tls_cert cert;
    (void)state;
    tls_cert_make(&cert, -1, 10);
    const struct tls_pair pair = {cert.certificate_path, cert.key_path};
    struct tls_config config = {
        .pairs = &pair, .pair_count = 1, .clients = TLS_CLIENTS_REQUIRED, .client_ca_path = cert.key_path};
    assert_non_null(strstr(refusal(&config), cert.key_path));
    config.client_ca_path = "/nowhere/ca.pem";
    assert_non_null(strstr(refusal(&config), "/nowhere/ca.pem"));
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
        cmocka_unit_test(test_tls_context_takes_old_certificates_when_told_so),
        cmocka_unit_test(test_tls_context_checks_the_chain),
        cmocka_unit_test(test_tls_context_refuses_a_weak_key_of_any_pair),
        cmocka_unit_test(test_tls_context_names_a_bad_client_ca),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
