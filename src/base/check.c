/* What a failed check does: say where, show the way there, abort.
 *
 * It runs when the state is known to be wrong, so it uses the stack and file descriptor 2 only. */
#include "base/check.h"

#include <execinfo.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BACKTRACE_DEPTH 64

void check_failed(const char *file, int line, const char *format, ...)
{
    char text[1024];
    va_list args;
    va_start(args, format);
    if (vsnprintf(text, sizeof(text), format, args) < 0)
        text[0] = '\0';
    va_end(args);
    dprintf(STDERR_FILENO, "mingled: BUG %s:%d: %s\n", file, line, text);

    /* After the message: the first backtrace loads a library and may itself fail on a broken heap. */
    void *frames[BACKTRACE_DEPTH];
    int count = backtrace(frames, BACKTRACE_DEPTH);
    backtrace_symbols_fd(frames, count, STDERR_FILENO);
    abort();
}
