/* Why something about TLS failed, in words for the administrator. */
#ifndef NET_TLS_WHY_H
#define NET_TLS_WHY_H

#include "base/attr.h"
#include "net/tls.h"

/* Writes the reason, cut to its place. */
void tls_why(char ret_why[TLS_WHY_MAX], const char *format, ...) ATTR_PRINTF(2, 3);

/* OpenSSL's own words for its latest error; a static text. Empties its queue. */
const char *tls_why_openssl(void);

#endif
