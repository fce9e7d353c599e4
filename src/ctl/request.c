/* Words of a command line become words of a request. */
#include "ctl/request.h"

#include <errno.h>
#include <string.h>

#define HINT "; see `minglectl --help`"

static bool is_flag(struct request *request, const char *word)
{
    if (strcmp(word, "--json") == 0)
        request->is_json = true;
    else if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        request->is_help = true;
    else if (strcmp(word, "--version") == 0)
        request->is_version = true;
    else
        return false;
    return true;
}

int request_parse(char **argv, struct buf *error, struct request *ret_request)
{
    struct request request = {.socket = MINGLE_CONTROL_SOCKET};
    struct bytes with_value = BYTES("--socket=");

    for (; *argv && (*argv)[0] == '-'; argv++) {
        const char *word = *argv;
        if (is_flag(&request, word))
            continue;
        if (bytes_starts_with(bytes_of(word), with_value)) {
            request.socket = word + with_value.len;
        } else if (strcmp(word, "--socket") != 0) {
            buf_printf(error, "there is no option %s" HINT, word);
            return -EINVAL;
        } else if (!argv[1]) {
            buf_put_text(error, "--socket needs a path" HINT);
            return -EINVAL;
        } else {
            request.socket = *++argv;
        }
    }
    request.words = argv;
    *ret_request = request;
    return 0;
}

static int put_word(const char *word, struct buf *out)
{
    if (strpbrk(word, "\r\n"))
        return -EINVAL;
    buf_put_text(out, "\"");
    for (; *word; word++) {
        if (*word == '"' || *word == '\\')
            buf_put_char(out, '\\');
        buf_put_char(out, *word);
    }
    buf_put_text(out, "\"");
    return 0;
}

int request_put(const struct request *request, unsigned width, struct buf *out)
{
    size_t start = out->len;

    if (request->is_json)
        buf_put_text(out, "--json ");
    if (width > 0)
        buf_printf(out, "--width %u ", width);
    for (char **word = request->words; *word; word++) {
        int r = put_word(*word, out);
        if (r < 0)
            return r;
        buf_put_text(out, word[1] ? " " : "");
    }
    if (out->len - start > REQUEST_BYTES_MAX)
        return -EMSGSIZE;
    buf_put_char(out, '\n');
    return buf_error(out);
}
