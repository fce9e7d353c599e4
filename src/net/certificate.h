/* A server's certificate: the chain that clients get, and its private key.
 *
 * Whatever is wrong with the files is read by the person who set the server up, so each text names the
 * file, says what is wrong and what to do. */
#ifndef NET_CERTIFICATE_H
#define NET_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "net/tls.h"

struct evp_pkey_st;
struct stack_st_X509;
struct x509_st;

struct certificate {
    struct x509_st *leaf;
    struct stack_st_X509 *chain; /* who issued it, nearest first; may be empty */
    struct evp_pkey_st *key;
    char *path; /* of the chain; what messages call it */
};

/* Reads both files (PEM) and checks that they fit: the key belongs to the first certificate, each certificate
 * was issued by the one behind it, and, unless `is_any_date`, today is between its dates. False: the reason
 * is in ret_why, and nothing is held. Blocks while it reads. */
MUST_CHECK bool certificate_load(struct certificate *certificate, const struct tls_pair *pair,
                                 bool is_any_date, char ret_why[TLS_WHY_MAX]);
void certificate_done(struct certificate *certificate); /* also when zeroed */

enum certificate_match { CERTIFICATE_NO_MATCH, CERTIFICATE_WILDCARD, CERTIFICATE_EXACT };

/* How it names a host: by a subjectAltName, and by its common name only when it has none (RFC 6125). */
enum certificate_match certificate_match(const struct certificate *certificate, const char *host);

/* Whether `other` is for the same host with another kind of key (RSA, EC): a client that cannot check the one
 * gets the other. */
bool certificate_is_alternative(const struct certificate *certificate, const struct certificate *other);

/* Seconds since 1970 when the first one of the chain ends. */
int64_t certificate_end_s(const struct certificate *certificate);

#endif
