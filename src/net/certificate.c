#include "net/certificate.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "net/tls_why.h"

#define SUBJECT_MAX 128

/* OpenSSL would ask on the terminal, and wait. A server has nobody to ask. */
static int refuse_password(char *buffer, int size, int for_writing, void *arg)
{
    bool *was_asked = arg;
    (void)buffer;
    (void)size;
    (void)for_writing;
    if (was_asked)
        *was_asked = true;
    return -1;
}

static FILE *open_file(const char *what, const char *path, char ret_why[TLS_WHY_MAX])
{
    FILE *file = fopen(path, "re");
    if (!file)
        tls_why(ret_why, "cannot read the %s file %s: %s", what, path, strerror(errno));
    return file;
}

/* ---- the chain ---- */

/* The next certificate of the file. NULL: the end, or a reason is in OpenSSL's queue. */
static X509 *read_next(FILE *file)
{
    return PEM_read_X509_AUX(file, NULL, refuse_password, NULL);
}

/* Whether reading ended because there is no more. */
static bool is_at_end(void)
{
    unsigned long error = ERR_peek_last_error();
    bool is_end = ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
    if (is_end)
        ERR_clear_error();
    return is_end;
}

static bool read_chain(struct certificate *certificate, const char *path, char ret_why[TLS_WHY_MAX])
{
    X509 *next;
    FILE *file = open_file("certificate", path, ret_why);
    if (!file)
        return false;
    certificate->leaf = read_next(file);
    certificate->chain = sk_X509_new_null();
    bool is_ok = certificate->leaf && certificate->chain;
    while (is_ok && (next = read_next(file)) != NULL) {
        is_ok = sk_X509_push(certificate->chain, next) > 0;
        if (!is_ok)
            X509_free(next);
    }
    fclose(file);
    if (is_ok && is_at_end())
        return true;
    tls_why(ret_why, "no usable certificate in %s: %s (expected PEM, \"BEGIN CERTIFICATE\")", path,
            tls_why_openssl());
    return false;
}

static void format_subject(const X509 *x509, char ret_text[SUBJECT_MAX])
{
    if (!X509_NAME_oneline(X509_get_subject_name(x509), ret_text, SUBJECT_MAX))
        snprintf(ret_text, SUBJECT_MAX, "?");
    ERR_clear_error();
}

static bool check_order(const struct certificate *certificate, char ret_why[TLS_WHY_MAX])
{
    X509 *subject = certificate->leaf;
    char below[SUBJECT_MAX], above[SUBJECT_MAX];

    for (int i = 0; i < sk_X509_num(certificate->chain); i++) {
        X509 *issuer = sk_X509_value(certificate->chain, i);
        if (X509_check_issued(issuer, subject) != X509_V_OK) {
            format_subject(subject, below);
            format_subject(issuer, above);
            tls_why(ret_why,
                    "the chain in %s is out of order: certificate %d (%s) was not issued by the next one "
                    "(%s); put the server's own first, then who issued it, and so on up",
                    certificate->path, i + 1, below, above);
            ERR_clear_error();
            return false;
        }
        subject = issuer;
    }
    ERR_clear_error();
    return true;
}

/* ---- dates ---- */

static int64_t unix_seconds(const ASN1_TIME *time)
{
    struct tm when = {0};
    ASN1_TIME_to_tm(time, &when);
    return timegm(&when);
}

/* A date as people write it, "2026-11-21". */
static void format_date(const ASN1_TIME *time, char *ret_text, size_t size)
{
    struct tm when = {0};
    ASN1_TIME_to_tm(time, &when);
    snprintf(ret_text, size, "%04d-%02d-%02d", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday);
}

static bool check_dates_of(const X509 *x509, const char *path, char ret_why[TLS_WHY_MAX])
{
    const ASN1_TIME *begin = X509_get0_notBefore(x509);
    const ASN1_TIME *end = X509_get0_notAfter(x509);
    char date[40];

    if (X509_cmp_current_time(end) < 0) {
        format_date(end, date, sizeof(date));
        tls_why(ret_why, "the certificate in %s has expired on %s: renew it", path, date);
        return false;
    }
    if (X509_cmp_current_time(begin) > 0) {
        format_date(begin, date, sizeof(date));
        tls_why(ret_why, "the certificate in %s is not valid before %s: is the clock of this machine right?",
                path, date);
        return false;
    }
    return true;
}

static bool check_dates(const struct certificate *certificate, char ret_why[TLS_WHY_MAX])
{
    bool is_ok = check_dates_of(certificate->leaf, certificate->path, ret_why);
    for (int i = 0; is_ok && i < sk_X509_num(certificate->chain); i++)
        is_ok = check_dates_of(sk_X509_value(certificate->chain, i), certificate->path, ret_why);
    return is_ok;
}

int64_t certificate_end_s(const struct certificate *certificate)
{
    int64_t end_s = unix_seconds(X509_get0_notAfter(certificate->leaf));
    for (int i = 0; i < sk_X509_num(certificate->chain); i++) {
        int64_t other_s = unix_seconds(X509_get0_notAfter(sk_X509_value(certificate->chain, i)));
        if (other_s < end_s)
            end_s = other_s;
    }
    return end_s;
}

/* ---- the key ---- */

static bool read_key(struct certificate *certificate, const char *path, char ret_why[TLS_WHY_MAX])
{
    bool was_asked = false;
    FILE *file = open_file("key", path, ret_why);
    if (!file)
        return false;
    certificate->key = PEM_read_PrivateKey(file, NULL, refuse_password, &was_asked);
    fclose(file);
    if (certificate->key)
        return true;
    if (was_asked)
        tls_why(ret_why,
                "the key in %s is encrypted: store it without a password (openssl pkey -in … -out …)", path);
    else
        tls_why(ret_why, "no usable private key in %s: %s (expected PEM, \"BEGIN PRIVATE KEY\")", path,
                tls_why_openssl());
    ERR_clear_error();
    return false;
}

static bool check_key(const struct certificate *certificate, const char *path, char ret_why[TLS_WHY_MAX])
{
    if (X509_check_private_key(certificate->leaf, certificate->key) == 1)
        return true;
    tls_why(ret_why, "the key in %s does not belong to the certificate in %s", path, certificate->path);
    for (int i = 0; i < sk_X509_num(certificate->chain); i++)
        if (X509_check_private_key(sk_X509_value(certificate->chain, i), certificate->key) == 1)
            tls_why(ret_why, "the key in %s belongs to certificate %d in %s: put that one first", path, i + 2,
                    certificate->path);
    ERR_clear_error();
    return false;
}

/* ---- the whole ---- */

bool certificate_load(struct certificate *certificate, const struct tls_pair *pair, bool is_any_date,
                      char ret_why[TLS_WHY_MAX])
{
    ERR_clear_error();
    *certificate = (struct certificate){.path = strdup(pair->certificate_path)};
    bool is_ok = certificate->path != NULL;
    if (!is_ok)
        tls_why(ret_why, "out of memory");
    is_ok = is_ok && read_chain(certificate, pair->certificate_path, ret_why) &&
            read_key(certificate, pair->key_path, ret_why) &&
            check_key(certificate, pair->key_path, ret_why) && check_order(certificate, ret_why) &&
            (is_any_date || check_dates(certificate, ret_why));
    if (!is_ok)
        certificate_done(certificate);
    ERR_clear_error();
    return is_ok;
}

void certificate_done(struct certificate *certificate)
{
    X509_free(certificate->leaf);
    sk_X509_pop_free(certificate->chain, X509_free);
    EVP_PKEY_free(certificate->key); /* wiped by OpenSSL */
    free(certificate->path);
    *certificate = (struct certificate){0};
}

enum certificate_match certificate_match(const struct certificate *certificate, const char *host)
{
    enum certificate_match match = CERTIFICATE_NO_MATCH;
    if (X509_check_host(certificate->leaf, host, 0, X509_CHECK_FLAG_NO_WILDCARDS, NULL) == 1)
        match = CERTIFICATE_EXACT;
    else if (X509_check_host(certificate->leaf, host, 0, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS, NULL) == 1)
        match = CERTIFICATE_WILDCARD;
    ERR_clear_error();
    return match;
}

/* Whether it names one of these hosts, literally: "*.example.org" is a name like others here. */
static bool has_name_of(const struct certificate *certificate, const GENERAL_NAMES *names)
{
    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (name->type == GEN_DNS &&
            X509_check_host(certificate->leaf, (const char *)ASN1_STRING_get0_data(name->d.dNSName),
                            (size_t)ASN1_STRING_length(name->d.dNSName), X509_CHECK_FLAG_NO_WILDCARDS,
                            NULL) == 1)
            return true;
    }
    return false;
}

bool certificate_is_alternative(const struct certificate *certificate, const struct certificate *other)
{
    if (EVP_PKEY_get_base_id(certificate->key) == EVP_PKEY_get_base_id(other->key))
        return false;
    GENERAL_NAMES *names = X509_get_ext_d2i(certificate->leaf, NID_subject_alt_name, NULL, NULL);
    bool is_same_host = has_name_of(other, names);
    GENERAL_NAMES_free(names);
    ERR_clear_error();
    return is_same_host;
}
