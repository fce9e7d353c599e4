/* Line by line reader of the INI-like configuration; see conf_file.h. */
#include "daemon/conf_file.h"

#include <stddef.h>

void conf_file_init(struct conf_file *file, struct bytes text)
{
    struct bytes mark = BYTES("\xef\xbb\xbf");
    if (bytes_starts_with(text, mark))
        text = bytes_slice(text, mark.len, text.len);
    *file = (struct conf_file){.rest = text};
}

static struct bytes next_line(struct conf_file *file)
{
    struct bytes line = bytes_cut(&file->rest, '\n');
    file->line++;
    if (line.len > 0 && line.ptr[line.len - 1] == '\r')
        line.len--;
    return line;
}

/* `line` is trimmed and begins with '['. Returns what is wrong, or NULL. */
static const char *read_section(struct conf_file *file, struct bytes line)
{
    size_t end = bytes_find(line, ']');
    file->is_section_broken = true;
    if (end == line.len)
        return "the ] after the section is missing";
    if (end + 1 < line.len)
        return "nothing may follow [section] on its line";
    struct bytes name = bytes_trim(bytes_slice(line, 1, end));
    if (name.len == 0)
        return "the section has no name";
    file->section = name;
    file->is_section_broken = false;
    return NULL;
}

static const char *unquote(struct bytes *value)
{
    if (value->len == 0 || (value->ptr[0] != '"' && value->ptr[0] != '\''))
        return NULL;
    if (value->len < 2 || value->ptr[value->len - 1] != value->ptr[0])
        return "the closing quote is missing";
    *value = bytes_slice(*value, 1, value->len - 1);
    return NULL;
}

static const char *read_setting(const struct conf_file *file, struct bytes line, struct conf_file_item *item)
{
    if (bytes_find(line, '=') == line.len)
        return "expected key = value, [section] or a comment";
    struct bytes value = line;
    struct bytes key = bytes_trim(bytes_cut(&value, '='));
    value = bytes_trim(value);
    if (key.len == 0)
        return "there is no name before the =";
    item->is_include = bytes_eq(key, BYTES("include")) || bytes_eq(key, BYTES("include_directory"));
    if (file->section.len == 0 && !item->is_include)
        return "a setting needs a [section] above it";
    const char *problem = unquote(&value);
    if (problem != NULL)
        return problem;
    if (!item->is_include)
        item->section = file->section;
    item->key = key;
    item->value = value;
    return NULL;
}

/* Whether the line is an item; what the item is stands in it. */
static bool read_line(struct conf_file *file, struct bytes line, struct conf_file_item *item)
{
    if (line.len > CONF_FILE_LINE_BYTES) {
        item->problem = "the line is longer than 4096 bytes";
        return true;
    }
    if (bytes_find(line, '\0') < line.len) {
        item->problem = "there is a NUL byte in the line";
        return true;
    }
    line = bytes_trim(line);
    if (line.len == 0 || line.ptr[0] == '#' || line.ptr[0] == ';')
        return false;
    if (line.ptr[0] == '[') {
        item->problem = read_section(file, line);
        return item->problem != NULL;
    }
    if (file->is_section_broken)
        return false;
    item->problem = read_setting(file, line, item);
    return true;
}

bool conf_file_next(struct conf_file *file, struct conf_file_item *ret_item)
{
    while (file->rest.len > 0) {
        struct bytes line = next_line(file);
        struct conf_file_item item = {.line = file->line};
        if (read_line(file, line, &item)) {
            *ret_item = item;
            return true;
        }
    }
    return false;
}
