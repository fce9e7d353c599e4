/* Log records as journal entries; see journal.h. */
#include "daemon/journal.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/ascii.h"
#include "base/buf.h"
#include "base/utf8.h"

#define ENTRY_BYTES_MAX (16 * 1024)
#define VALUE_BYTES_MAX 1024

/* syslog(3)'s, which the journal uses. */
static const int priorities[LOG_LEVEL_COUNT] = {
    [LOG_LEVEL_ERROR] = 3, [LOG_LEVEL_WARNING] = 4, [LOG_LEVEL_NOTICE] = 5,
    [LOG_LEVEL_INFO] = 6,  [LOG_LEVEL_DEBUG] = 7,
};

int journal_open(struct journal *journal, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!bytes_copy(bytes_of(path), address.sun_path, sizeof(address.sun_path)))
        return -ENAMETOOLONG;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    journal->fd = fd;
    return 0;
}

void journal_close(struct journal *journal)
{
    if (journal->fd >= 0)
        close(journal->fd);
    journal->fd = -1;
}

/* Control characters, a newline above all, would end the value: they stand as \xNN. */
static void put_harmless(struct bytes value, struct buf *out)
{
    value = bytes_slice(value, 0, VALUE_BYTES_MAX);
    while (value.len > 0) {
        uint32_t c;
        bool is_valid;
        size_t n = utf8_next(value, &c, &is_valid);
        bool is_harmless = is_valid && c >= 0x20 && (c < 0x7F || c > 0x9F);
        if (is_harmless)
            buf_put(out, bytes_slice(value, 0, n));
        for (size_t i = 0; !is_harmless && i < n; i++)
            buf_printf(out, "\\x%02x", (unsigned)(uint8_t)value.ptr[i]);
        value = bytes_slice(value, n, value.len);
    }
}

static void put_field(const struct log_field *field, struct buf *out)
{
    if (field->type == LOG_FIELD_SAY)
        return;
    buf_put_text(out, "MINGLE_");
    for (const char *c = field->key; *c; c++)
        buf_put_char(out, ascii_upper(*c));
    buf_put_char(out, '=');
    if (field->type == LOG_FIELD_TEXT)
        put_harmless(field->text, out);
    else if (field->type == LOG_FIELD_INT)
        buf_printf(out, "%" PRId64, field->number);
    else
        buf_printf(out, "%" PRIu64, (uint64_t)field->number);
    buf_put_char(out, '\n');
}

static void put_entry(const struct log_record *record, struct buf *out)
{
    buf_printf(out, "MESSAGE=%.*s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=mingled\n", BYTES_ARG(record->message),
               priorities[record->level]);
    if (record->kind)
        buf_printf(out, "MESSAGE_ID=%s\nMINGLE_EVENT=%s\n", record->kind->id, record->kind->name);
    if (record->file)
        buf_printf(out, "CODE_FILE=%s\nCODE_LINE=%d\n", record->file, record->line);
    for (size_t i = 0; i < record->field_count; i++)
        put_field(&record->fields[i], out);
}

bool journal_take(void *arg, const struct log_record *record)
{
    const struct journal *journal = arg;
    char memory[ENTRY_BYTES_MAX + 1];
    struct buf entry;

    buf_init_fixed(&entry, memory, sizeof(memory));
    put_entry(record, &entry);
    if (buf_error(&entry))
        return false;
    return send(journal->fd, entry.ptr, entry.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)entry.len;
}
