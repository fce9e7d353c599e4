/* See hash_password.h. */
#include "daemon/hash_password.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "net/password.h"

#define CTRL_C '\x03'
#define LINE_BYTES_MAX (PASSWORD_BYTES_MAX + 2) /* one too many tells that it is too long */

struct secret {
    char text[LINE_BYTES_MAX];
    size_t len;
};

/* Bytes up to the end of a line, which does not count; more than fit are dropped. */
static int read_line(int fd, struct secret *secret)
{
    char c;

    secret->len = 0;
    for (;;) {
        ssize_t got = read(fd, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0 || c == '\n')
            break;
        if (c == CTRL_C && isatty(fd))
            return -ECANCELED;
        if (secret->len < sizeof(secret->text))
            secret->text[secret->len++] = c;
    }
    if (secret->len > 0 && secret->text[secret->len - 1] == '\r')
        secret->len--;
    return 0;
}

/* ^C comes as a byte meanwhile, so that it cannot leave a terminal behind that shows nothing. */
static int read_hidden(const char *question, struct secret *secret)
{
    struct termios before, hidden;

    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return -errno;
    hidden = before;
    hidden.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ISIG);
    hidden.c_cc[VEOL] = CTRL_C;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
        return -errno;
    fputs(question, stderr); /* not before: what is typed then would show */
    int r = read_line(STDIN_FILENO, secret);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return r;
}

static int read_twice(struct secret *secret, struct buf *error)
{
    struct secret again = {.len = 0};
    int r = read_hidden("Password: ", secret);

    if (r == 0)
        r = read_hidden("The same again: ", &again);
    if (r == 0 &&
        !bytes_eq((struct bytes){secret->text, secret->len}, (struct bytes){again.text, again.len})) {
        buf_put_text(error, "the two are not the same; nothing was made");
        r = -EINVAL;
    } else if (r == -ECANCELED) {
        buf_put_text(error, "cancelled");
    } else if (r < 0) {
        buf_printf(error, "the password cannot be read: %s", strerror(-r));
    }
    password_wipe(&again, sizeof(again));
    return r;
}

static int read_secret(struct secret *secret, struct buf *error)
{
    if (isatty(STDIN_FILENO))
        return read_twice(secret, error);
    int r = read_line(STDIN_FILENO, secret);
    if (r < 0)
        buf_printf(error, "the password cannot be read: %s", strerror(-r));
    return r;
}

static int print_line(const struct password_hash *hash, struct buf *error)
{
    struct buf text;

    buf_init(&text, PASSWORD_TEXT_BYTES_MAX);
    password_hash_format(hash, &text);
    int r = buf_error(&text);
    if (r == 0 && (printf("operator = NAME %.*s\n", BYTES_ARG(text)) < 0 || fflush(stdout) != 0))
        r = -EIO;
    if (r == 0)
        fputs(
            "Put this line under [operators] in the configuration, the operator's name in the place of NAME.\n",
            stderr);
    else
        buf_printf(error, "the line cannot be written: %s", strerror(-r));
    buf_done(&text);
    return r;
}

int hash_password(struct buf *error)
{
    struct password_hash hash;
    struct secret secret = {.len = 0};
    int r = read_secret(&secret, error);

    if (r == 0) {
        struct bytes password = bytes_trim((struct bytes){secret.text, secret.len});
        r = password_hash_make(password, &hash);
        if (r == -EINVAL)
            buf_printf(error, "a password has 1 to %d bytes, blanks at its ends not counted",
                       PASSWORD_BYTES_MAX);
        else if (r < 0)
            buf_put_text(error, "out of memory");
    }
    password_wipe(&secret, sizeof(secret));
    return r == 0 ? print_line(&hash, error) : r;
}
