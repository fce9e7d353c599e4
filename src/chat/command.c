/* How a typed line is held against the command table, which is in command_table.c. */
#include "chat/command.h"

#include "base/check.h"

#define SUGGEST_DISTANCE_MAX 2
#define SUGGEST_SHORT_BYTES 3 /* for words up to this length the distance is at most 1 */

/* Each line of a client is held against all names: most differ in the first letter, of which 0x20 is the case. */
static bool is_name(const char *name, struct bytes word)
{
    return (name[0] | 0x20) == (word.ptr[0] | 0x20) && bytes_eq_nocase(bytes_of(name), word);
}

static bool has_name(const struct command *command, struct bytes word)
{
    if (is_name(command->name, word))
        return true;
    for (size_t i = 0; i < COMMAND_ALIASES_MAX && command->aliases[i] != NULL; i++) {
        if (is_name(command->aliases[i], word))
            return true;
    }
    return false;
}

const struct command *command_find(struct bytes word)
{
    const struct command *command;

    if (word.len == 0)
        return NULL;
    for (size_t i = 0; (command = command_row(i)) != NULL; i++) {
        if (has_name(command, word))
            return command;
    }
    return NULL;
}

struct nearest {
    const struct command *command;
    unsigned distance; /* only what is less far is taken */
};

static void offer(struct nearest *nearest, struct bytes word, const struct command *command, const char *name)
{
    struct bytes candidate = bytes_of(name);
    if (candidate.len < 2)
        return; /* A single letter is near to everything short. */
    bool is_beginning =
        word.len < candidate.len && bytes_eq_nocase(bytes_slice(candidate, 0, word.len), word);
    unsigned distance = is_beginning ? 1 : bytes_distance(word, candidate);
    if (distance < nearest->distance)
        *nearest = (struct nearest){command, distance};
}

const struct command *command_suggest(struct bytes word)
{
    if (word.len < 2)
        return NULL;
    struct nearest nearest = {NULL, word.len <= SUGGEST_SHORT_BYTES ? 2 : SUGGEST_DISTANCE_MAX + 1};
    for (size_t i = 0; command_row(i) != NULL; i++)
        offer(&nearest, word, command_row(i), command_row(i)->name);
    for (size_t i = 0; command_row(i) != NULL; i++) {
        for (size_t k = 0; k < COMMAND_ALIASES_MAX && command_row(i)->aliases[k] != NULL; k++)
            offer(&nearest, word, command_row(i), command_row(i)->aliases[k]);
    }
    return nearest.command;
}

/* The next word, unless the row says that what comes is text. */
static struct bytes cut_word(const struct command *command, size_t word_count, struct bytes *rest)
{
    struct bytes after = *rest;
    struct bytes word = bytes_word(&after);
    bool is_optional = word_count >= command->words_min;
    if (is_optional && (command->flags & COMMAND_F_ROOM_WORD) != 0 && !bytes_starts_with(word, BYTES("#")))
        return (struct bytes){NULL, 0};
    *rest = after;
    return word;
}

void command_cut(const struct command *command, struct bytes rest, struct chat_request *ret_request)
{
    CHECK(command->words_max <= COMMAND_WORDS_MAX);
    struct chat_request request = {.command = command};
    while (request.word_count < command->words_max) {
        struct bytes word = cut_word(command, request.word_count, &rest);
        if (word.len == 0)
            break;
        request.words[request.word_count++] = word;
    }
    bool has_rest = bytes_trim(rest).len > 0;
    bool takes_text = (command->flags & COMMAND_F_TEXT) != 0;
    bool needs_text = (command->flags & COMMAND_F_TEXT_REQUIRED) != 0;
    if (takes_text)
        request.text = rest;
    if (request.word_count < command->words_min || (needs_text && !has_rest) || (has_rest && !takes_text))
        request = (struct chat_request){.err = CHAT_ERR_USAGE, .err_subject = bytes_of(command->name)};
    *ret_request = request;
}
