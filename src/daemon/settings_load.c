/* Settings from files, which may include others, and from the environment; see settings.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/xalloc.h"
#include "daemon/conf_file.h"
#include "daemon/settings_private.h"

/* One reading of a file and of all that it includes. */
struct loader {
    struct settings *settings;
    struct buf *errors;
    unsigned error_count, file_count, depth;
    struct {
        dev_t device;
        ino_t inode;
    } open[SETTINGS_DEPTH_MAX]; /* the files that are being read, outermost first */
};

/* A file that is being read, for messages and for paths. */
struct place {
    const char *name;
    unsigned line;
};

/* Begins a message; end_error() ends it and drops what is too much. */
static size_t begin_error(struct loader *loader, const struct place *at)
{
    size_t mark = loader->errors->len;
    buf_printf(loader->errors, "%s:%u: ", at->name, at->line);
    return mark;
}

static void end_error(struct loader *loader, size_t mark)
{
    if (loader->error_count++ < SETTINGS_ERRORS_MAX)
        buf_put_char(loader->errors, '\n');
    else
        buf_truncate(loader->errors, mark);
}

static void load_text(struct loader *loader, const char *name, struct bytes text);

/* ---- files ---- */

static int read_all(int fd, struct buf *out)
{
    char piece[4096];
    for (;;) {
        ssize_t got = read(fd, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -errno;
        if (got == 0)
            return 0;
        buf_put(out, (struct bytes){piece, (size_t)got});
        if (buf_error(out) != 0)
            return buf_error(out) == -EMSGSIZE ? -EFBIG : buf_error(out);
    }
}

/* Notes the file as being read. -ELOOP: it is already; -EMLINK: too deep; -ENFILE: too many. */
static int enter(struct loader *loader, int fd)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return -errno;
    if (loader->depth > 0 && !S_ISREG(st.st_mode))
        return S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL; /* reading a device or a pipe might never end */
    for (unsigned i = 0; i < loader->depth; i++)
        if (loader->open[i].device == st.st_dev && loader->open[i].inode == st.st_ino)
            return -ELOOP;
    if (loader->depth == SETTINGS_DEPTH_MAX)
        return -EMLINK;
    if (loader->file_count++ == SETTINGS_FILES_MAX)
        return -ENFILE;
    loader->open[loader->depth].device = st.st_dev;
    loader->open[loader->depth++].inode = st.st_ino;
    return 0;
}

/* 0, whatever is in it; -Exxx: it cannot be read. */
static int load_path(struct loader *loader, const char *path)
{
    /* Not blocked by a pipe that nobody writes to; the outermost may be one that somebody does. */
    const int flags = loader->depth > 0 ? O_NONBLOCK : 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | flags);
    if (fd < 0)
        return -errno;
    struct buf text;
    buf_init(&text, SETTINGS_FILE_BYTES);
    int result = enter(loader, fd);
    bool is_entered = result == 0;
    if (is_entered)
        result = read_all(fd, &text);
    close(fd);
    if (result == 0)
        load_text(loader, path, buf_bytes(&text));
    if (is_entered)
        loader->depth--;
    buf_done(&text);
    return result;
}

static const char *why_not(int result)
{
    switch (result) {
    case -ELOOP:
        return "it is being read already; files must not include each other in a circle";
    case -EMLINK:
        return "files include each other more than 8 deep";
    case -ENFILE:
        return "more than 100 files are included";
    case -EINVAL:
        return "it is no file";
    default:
        return strerror(-result);
    }
}

static void include_file(struct loader *loader, const struct place *at, const char *path)
{
    int result = load_path(loader, path);
    if (result == 0)
        return;
    size_t mark = begin_error(loader, at);
    buf_put_text(loader->errors, "cannot include ");
    settings_put_quoted(bytes_of(path), loader->errors);
    buf_printf(loader->errors, ": %s", why_not(result));
    end_error(loader, mark);
}

static int is_config(const struct dirent *entry)
{
    struct bytes name = bytes_of(entry->d_name);
    return name.len > 5 && name.ptr[0] != '.' &&
           bytes_eq(bytes_slice(name, name.len - 5, name.len), BYTES(".conf"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void include_directory(struct loader *loader, const struct place *at, const char *path)
{
    struct dirent **entries;
    char file[PATH_MAX];
    int count = scandir(path, &entries, is_config, by_bytes);
    if (count < 0) {
        size_t mark = begin_error(loader, at);
        buf_put_text(loader->errors, "cannot include the files in ");
        settings_put_quoted(bytes_of(path), loader->errors);
        buf_printf(loader->errors, ": %s", strerror(errno));
        end_error(loader, mark);
        return;
    }
    bool is_over = false; /* one word about too many files is enough */
    for (int i = 0; i < count; i++) {
        int len = snprintf(file, sizeof(file), "%s/%s", path, entries[i]->d_name);
        if (!is_over && len > 0 && (size_t)len < sizeof(file))
            include_file(loader, at, file);
        is_over = is_over || loader->file_count > SETTINGS_FILES_MAX;
        free(entries[i]);
    }
    free(entries);
}

/* Relative to the folder of the file that includes. */
static bool resolve(const char *from, struct bytes path, char ret_path[PATH_MAX])
{
    const char *slash = strrchr(from, '/');
    bool is_relative = path.len > 0 && path.ptr[0] != '/' && slash != NULL;
    int folder = is_relative ? (int)(slash - from) + 1 : 0;
    int len = snprintf(ret_path, PATH_MAX, "%.*s%.*s", folder, from, BYTES_ARG(path));
    return len > 0 && len < PATH_MAX;
}

static void include(struct loader *loader, const struct place *at, const struct conf_file_item *item)
{
    char path[PATH_MAX];
    const char *problem = loader->depth == 0                      ? "only a file can include others"
                          : item->value.len == 0                  ? "what is to be included has no name"
                          : !resolve(at->name, item->value, path) ? "the path is too long"
                                                                  : NULL;
    if (problem != NULL) {
        size_t mark = begin_error(loader, at);
        buf_put_text(loader->errors, problem);
        end_error(loader, mark);
    } else if (bytes_eq(item->key, BYTES("include"))) {
        include_file(loader, at, path);
    } else {
        include_directory(loader, at, path);
    }
}

/* ---- text ---- */

/* "section.name" of an item, cut to what a message shows; no setting has a name that long. */
static struct bytes join_key(const struct conf_file_item *item, char *key, size_t size)
{
    int len = snprintf(key, size, "%.*s.%.*s", BYTES_ARG(item->section), BYTES_ARG(item->key));
    CHECK(len >= 0);
    return (struct bytes){key, (size_t)len < size ? (size_t)len : size - 1};
}

static void load_setting(struct loader *loader, const struct place *at, const struct conf_file_item *item)
{
    const struct settings_origin from = {.source = SETTINGS_SOURCE_FILE, .file = at->name, .line = at->line};
    char key[2 * SETTINGS_QUOTED_MAX];
    size_t mark = begin_error(loader, at);
    if (settings_set_from(loader->settings, &from, join_key(item, key, sizeof(key)), item->value,
                          loader->errors) == 0)
        buf_truncate(loader->errors, mark);
    else
        end_error(loader, mark);
}

static void load_text(struct loader *loader, const char *name, struct bytes text)
{
    const char *kept_name = settings_add_file(loader->settings, name);
    struct conf_file file;
    struct conf_file_item item;
    conf_file_init(&file, text);
    while (conf_file_next(&file, &item)) {
        const struct place at = {kept_name, item.line};
        if (item.problem != NULL) {
            size_t mark = begin_error(loader, &at);
            buf_put_text(loader->errors, item.problem);
            end_error(loader, mark);
        } else if (item.is_include) {
            include(loader, &at, &item);
        } else {
            load_setting(loader, &at, &item);
        }
    }
}

static int conclude(struct loader *loader, const char *name)
{
    if (loader->error_count > SETTINGS_ERRORS_MAX)
        buf_printf(loader->errors, "%s: %u more errors\n", name, loader->error_count - SETTINGS_ERRORS_MAX);
    return loader->error_count == 0 ? 0 : -EINVAL;
}

int settings_load_text(struct settings *settings, const char *name, struct bytes text, struct buf *errors)
{
    struct loader loader = {.settings = settings, .errors = errors};
    load_text(&loader, name, text);
    return conclude(&loader, name);
}

int settings_load_file(struct settings *settings, const char *path, struct buf *errors)
{
    struct loader loader = {.settings = settings, .errors = errors};
    int result = load_path(&loader, path);
    if (result == 0)
        return conclude(&loader, path);
    buf_printf(errors, "%s: cannot be read: %s\n", path, strerror(-result));
    return result;
}

/* ---- the environment ---- */

static const struct settings_row *find_variable(struct bytes name)
{
    char variable[SETTINGS_VARIABLE_MAX];
    const struct settings_row *row;
    for (size_t i = 0; (row = settings_row(i)) != NULL; i++) {
        settings_row_variable(row, variable);
        if (bytes_eq(name, bytes_of(variable)))
            break;
    }
    return row;
}

static void put_unknown(struct bytes name, struct buf *errors)
{
    char variable[SETTINGS_VARIABLE_MAX], best[SETTINGS_VARIABLE_MAX];
    unsigned best_distance = 4; /* one more than what is still a help */
    const size_t prefix = strlen(SETTINGS_VARIABLE_PREFIX);

    for (size_t i = 0; settings_row(i) != NULL; i++) {
        settings_row_variable(settings_row(i), variable);
        unsigned distance = bytes_distance(bytes_slice(name, prefix, name.len), bytes_of(variable + prefix));
        if (distance >= best_distance)
            continue;
        best_distance = distance;
        memcpy(best, variable, sizeof(best));
    }
    buf_put_text(errors, "unknown variable ");
    settings_put_quoted(name, errors);
    buf_put_text(errors, " in the environment");
    if (best_distance < 4)
        buf_printf(errors, "; did you mean \"%s\"?", best);
    buf_put_char(errors, '\n');
}

static int load_variable(struct settings *settings, struct bytes name, struct bytes value, struct buf *errors)
{
    const struct settings_origin from = {.source = SETTINGS_SOURCE_ENVIRONMENT};
    const struct settings_row *row = find_variable(name);
    int result = 0;

    if (row == NULL) {
        put_unknown(name, errors);
        return -ENOENT;
    }
    do {
        struct bytes one = value;
        if (row->type == SETTING_TYPE_LIST)
            one = bytes_cut(&value, ';');
        else
            value.len = 0;
        size_t mark = errors->len;
        buf_printf(errors, "%.*s: ", BYTES_ARG(name));
        result = settings_set_from(settings, &from, bytes_of(row->key), bytes_trim(one), errors);
        if (result == 0)
            buf_truncate(errors, mark);
        else
            buf_put_char(errors, '\n');
    } while (result == 0 && value.len > 0);
    return result;
}

int settings_load_environment(struct settings *settings, char *const *environment, struct buf *errors)
{
    int first = 0;
    for (; environment != NULL && *environment != NULL; environment++) {
        struct bytes value = bytes_of(*environment);
        struct bytes name = bytes_cut(&value, '=');
        if (!bytes_starts_with(name, BYTES(SETTINGS_VARIABLE_PREFIX)))
            continue;
        int result = load_variable(settings, name, value, errors);
        if (first == 0)
            first = result;
    }
    return first;
}
