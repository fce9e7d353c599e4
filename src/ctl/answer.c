/* Lines of an answer, see docs/control.md. */
#include "ctl/answer.h"

static void print(struct bytes line, const char *before, FILE *file)
{
    struct bytes text = bytes_slice(line, 1, line.len);
    fprintf(file, "%s%.*s\n", before, BYTES_ARG(text));
}

bool answer_take(struct bytes line, FILE *out, FILE *err, enum answer_status *ret_status)
{
    if (bytes_starts_with(line, BYTES(" "))) {
        print(line, "", out);
    } else if (bytes_starts_with(line, BYTES("-"))) {
        print(line, "minglectl: ", err);
    } else {
        *ret_status = bytes_eq(line, BYTES("ok"))      ? ANSWER_OK
                      : bytes_eq(line, BYTES("usage")) ? ANSWER_USAGE
                                                       : ANSWER_FAILED;
        return true;
    }
    return false;
}
