#include "net/tls_why.h"

#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>

void tls_why(char ret_why[TLS_WHY_MAX], const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(ret_why, TLS_WHY_MAX, format, args);
    va_end(args);
}

const char *tls_why_openssl(void)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    return reason ? reason : "unknown error";
}
