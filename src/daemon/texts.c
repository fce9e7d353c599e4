/* See texts.h. */
#include "daemon/texts.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "chat/text.h"
#include "daemon/settings.h"

static int read_all(int fd, struct buf *out)
{
    char piece[4096];
    ssize_t got;

    while ((got = read(fd, piece, sizeof(piece))) != 0) {
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0)
            buf_put(out, (struct bytes){piece, (size_t)got});
        if (buf_error(out))
            return buf_error(out);
    }
    return 0;
}

static int read_path(const char *path, struct buf *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return -errno;
    int r = read_all(fd, out);
    close(fd);
    return r;
}

/* Each line by itself: a line end is the one control that stays. Empty lines at the end go. */
static void clean(struct bytes raw, struct buf *out)
{
    size_t end = 0;

    while (raw.len > 0) {
        struct bytes line = bytes_cut(&raw, '\n');
        size_t before = out->len;
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        text_clean(line, out);
        if (out->len > before)
            end = out->len;
        buf_put_char(out, '\n');
    }
    buf_truncate(out, end < out->len ? end : out->len);
}

static int load(const struct settings *settings, const char *key, const char *path, struct buf *out,
                struct buf *error)
{
    struct buf raw;

    if (path[0] == '\0')
        return 0;
    buf_init(&raw, TEXTS_FILE_BYTES_MAX);
    int r = read_path(path, &raw);
    if (r == 0) {
        clean(buf_bytes(&raw), out);
        r = buf_error(out);
    }
    if (r < 0)
        settings_put_origin(settings, key, error);
    if (r == -EMSGSIZE)
        buf_printf(error, "%s = %s: the file is longer than %d bytes", key, path, TEXTS_FILE_BYTES_MAX);
    else if (r < 0)
        buf_printf(error, "%s = %s: cannot be read: %s", key, path, strerror(-r));
    buf_done(&raw);
    return r;
}

int texts_load(const struct settings *settings, struct texts *ret_texts, struct buf *error)
{
    struct texts texts;

    buf_init(&texts.motd, TEXTS_CLEAN_BYTES_MAX);
    buf_init(&texts.rules, TEXTS_CLEAN_BYTES_MAX);
    int r = load(settings, "server.motd", settings->server.motd, &texts.motd, error);
    if (r == 0)
        r = load(settings, "server.rules", settings->server.rules, &texts.rules, error);
    if (r < 0)
        texts_done(&texts);
    else
        *ret_texts = texts;
    return r;
}

void texts_done(struct texts *texts)
{
    buf_done(&texts->motd);
    buf_done(&texts->rules);
}

struct hub_texts texts_for_hub(const struct texts *texts)
{
    return (struct hub_texts){.motd = buf_bytes(&texts->motd), .rules = buf_bytes(&texts->rules)};
}
