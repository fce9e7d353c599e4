/* Checks that stay on in release builds.
 *
 * They are for our own mistakes only, never for what a peer sent: wire input is refused by a return
 * value. A failed check prints file, line and a backtrace to stderr and aborts, so that the service
 * manager restarts the daemon and a core file shows the place. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#include "base/attr.h"

#define CHECK(condition) \
    do { \
        if (__builtin_expect(!(condition), 0)) \
            check_failed(__FILE__, __LINE__, "%s", #condition); \
    } while (0)

/* Says what went wrong (printf format) and aborts. */
#define BUG(...) check_failed(__FILE__, __LINE__, __VA_ARGS__)

ATTR_NORETURN void check_failed(const char *file, int line, const char *format, ...) ATTR_PRINTF(3, 4);

#endif
