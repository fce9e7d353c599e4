/* minglectl: sends one request to the control socket of mingled and prints the answer.
 *
 * It knows no command: the daemon does, and makes the tables, so that an old minglectl serves a newer
 * daemon. Exit status: 0 done, 1 the command failed, 2 it was not understood, 3 no daemon. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "ctl/answer.h"
#include "ctl/request.h"

#define ANSWER_SECONDS 60
#define READ_BYTES 65536
#define PENDING_BYTES_MAX (16 * 1024 * 1024) /* of a line */

static const char help_text[] =
    "Usage: minglectl [--socket PATH] [--json] COMMAND [ARGUMENT]...\n"
    "Asks and orders a running mingled, by its control socket.\n"
    "\n"
    "  --socket PATH  control.socket of the daemon (default: " MINGLE_CONTROL_SOCKET ")\n"
    "  --json         answer for programs\n"
    "  --version      print the version and exit\n"
    "  --help         print this help and exit\n"
    "\n"
    "Exit status: 0 done, 1 the command failed, 2 it was not understood, 3 the daemon cannot be reached.\n"
    "\n"
    "`minglectl help` lists the commands, `minglectl help COMMAND` explains one.\n";

static void explain(const char *path, int error)
{
    fprintf(stderr, "minglectl: cannot reach mingled on %s: %s\n", path, strerror(error));
    if (error == EACCES || error == EPERM)
        fputs("Try it with sudo, or let control.group of mingled.conf be a group that you are in.\n", stderr);
    else if (error == ENOENT || error == ECONNREFUSED)
        fputs(
            "Is it running? `systemctl status mingled` tells. If its control.socket is another path, say so:"
            " --socket PATH\n",
            stderr);
}

/* The socket, or -1, explained. */
static int reach(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_SECONDS};

    if (!bytes_copy(bytes_of(path), addr.sun_path, sizeof(addr.sun_path))) {
        explain(path, ENAMETOOLONG);
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        (void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
        if (connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0)
            return fd;
    }
    explain(path, errno);
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool send_all(int fd, struct bytes data)
{
    while (data.len > 0) {
        ssize_t sent = send(fd, data.ptr, data.len, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0)
            return false;
        data = bytes_slice(data, (size_t)sent, data.len);
    }
    return true;
}

/* True: the last line was among them. */
static bool take_lines(struct buf *pending, enum answer_status *ret_status)
{
    struct bytes rest = buf_bytes(pending);
    bool is_last = false;

    while (!is_last && bytes_find(rest, '\n') < rest.len)
        is_last = answer_take(bytes_cut(&rest, '\n'), stdout, stderr, ret_status);
    buf_consume(pending, pending->len - rest.len);
    return is_last;
}

static enum answer_status read_answer(int fd)
{
    enum answer_status status = ANSWER_NO_DAEMON;
    char piece[READ_BYTES];
    struct buf pending;
    ssize_t got;

    buf_init(&pending, PENDING_BYTES_MAX);
    for (;;) {
        got = recv(fd, piece, sizeof(piece), 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        buf_put(&pending, (struct bytes){piece, (size_t)got});
        if (buf_error(&pending) != 0 || take_lines(&pending, &status))
            break;
    }
    buf_done(&pending);
    fflush(stdout);
    if (status == ANSWER_NO_DAEMON && got < 0 && errno == EAGAIN)
        fprintf(stderr, "minglectl: no answer for %d seconds\n", ANSWER_SECONDS);
    else if (status == ANSWER_NO_DAEMON)
        fputs("minglectl: the daemon closed the connection before its answer was complete\n", stderr);
    return status;
}

static unsigned terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static enum answer_status ask(const struct request *request)
{
    enum answer_status status = ANSWER_USAGE;
    struct buf line;

    buf_init(&line, REQUEST_BYTES_MAX * 4);
    int r = request_put(request, terminal_width(), &line);
    if (r < 0) {
        fprintf(stderr, "minglectl: %s\n",
                r == -EINVAL ? "a line's end cannot be sent" : "that is too long; 4096 bytes are the most");
    } else {
        int fd = reach(request->socket);
        status = ANSWER_NO_DAEMON;
        if (fd >= 0) {
            /* Who was refused still has an answer to read. */
            (void)send_all(fd, buf_bytes(&line));
            status = read_answer(fd);
            close(fd);
        }
    }
    buf_done(&line);
    return status;
}

/* Without a command: the help, and what the daemon can do, if there is one. */
static int help(struct request *request)
{
    static char word[] = "help";
    static char *words[] = {word, NULL};

    fputs(help_text, stdout);
    if (access(request->socket, W_OK) != 0)
        return ANSWER_OK;
    putchar('\n');
    fflush(stdout);
    request->words = words;
    (void)ask(request);
    return ANSWER_OK;
}

int main(int argc, char **argv)
{
    struct request request;
    struct buf error;

    buf_init(&error, REQUEST_BYTES_MAX);
    if (request_parse(argv + (argc > 0), &error, &request) < 0) {
        fprintf(stderr, "minglectl: %.*s\n", (int)error.len, error.ptr);
        buf_done(&error);
        return ANSWER_USAGE;
    }
    buf_done(&error);
    if (request.is_version)
        return puts("minglectl " PACKAGE_VERSION) < 0;
    if (request.is_help || !*request.words)
        return help(&request);
    return (int)ask(&request);
}
