/* What a person types, made into requests.
 *
 * The guards in here are about one mistake: a line that was meant for the server must not be said to
 * the room. */
#include "proto/plain.h"

#include <stddef.h>
#include <string.h>

#include "base/check.h"

static void refuse(struct chat_request *request, enum chat_err err, struct bytes subject)
{
    *request = (struct chat_request){.err = err, .err_subject = subject};
}

static void say(struct chat_request *request, struct bytes text)
{
    *request = (struct chat_request){.command = command_say(), .text = text};
}

static const struct command *find_help(void)
{
    const struct command *help = command_find(BYTES("help"));

    CHECK(help != NULL);
    return help;
}

/* `rest`: what follows the slash. */
static void parse_command(struct bytes rest, struct chat_request *request)
{
    struct bytes word = bytes_word(&rest);

    if (word.len == 0) {
        command_cut(find_help(), rest, request);
        return;
    }
    const struct command *command = command_find(word);
    if (command == NULL) {
        const struct command *similar = command_suggest(word);
        refuse(request, CHAT_ERR_UNKNOWN_COMMAND, word);
        request->err_suggestion = bytes_of(similar != NULL ? similar->name : NULL);
        return;
    }
    command_cut(command, rest, request);
}

/* The word of a known command that is typed after blanks; empty when the line is nothing like that. */
static struct bytes indented_command(struct bytes line)
{
    struct bytes rest = bytes_trim(line);

    if (line.ptr[0] == '/' || !bytes_starts_with(rest, BYTES("/")))
        return (struct bytes){NULL, 0};
    rest = bytes_slice(rest, 1, rest.len);
    struct bytes word = bytes_word(&rest);
    return command_find(word) != NULL ? word : (struct bytes){NULL, 0};
}

/* "quit", "exit" or "help" when the line is nothing but that, in any case; NULL otherwise. */
static const char *bare_word(struct bytes line)
{
    static const char *const words[] = {"quit", "exit", "help"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (bytes_eq_nocase(bytes_trim(line), bytes_of(words[i])))
            return words[i];
    }
    return NULL;
}

/* Remembers the line's bare word, or that it was none. True when the line before was the same one. */
static bool is_repeated(struct plain_reader *reader, const char *word)
{
    bool is_same = word != NULL && bytes_eq(bytes_of(word), bytes_of(reader->bare_word));

    CHECK(bytes_copy(bytes_of(word), reader->bare_word, sizeof(reader->bare_word)));
    return is_same;
}

bool plain_parse(struct plain_reader *reader, struct bytes line, struct chat_request *ret_request)
{
    const char *word = bare_word(line);
    bool is_wanted = is_repeated(reader, word);

    if (bytes_trim(line).len == 0)
        return false;
    if (bytes_find(line, '\n') < line.len) {
        say(ret_request, line);
        return true;
    }

    struct bytes indented = indented_command(line);
    if (word != NULL && !is_wanted)
        refuse(ret_request, CHAT_ERR_BARE_WORD, bytes_trim(line));
    else if (indented.len > 0)
        refuse(ret_request, CHAT_ERR_LEADING_SPACE, indented);
    else if (bytes_starts_with(line, BYTES("//")))
        say(ret_request, bytes_slice(line, 1, line.len));
    else if (bytes_starts_with(line, BYTES("/")))
        parse_command(bytes_slice(line, 1, line.len), ret_request);
    else
        say(ret_request, line);
    return true;
}

/* A line after the name question that begins with a slash, which `rest` follows. */
static enum plain_answer parse_command_answer(struct bytes rest, struct bytes *ret_name)
{
    struct bytes word = bytes_word(&rest);
    const struct command *command = word.len == 0 ? find_help() : command_find(word);

    if (command == NULL)
        return PLAIN_ANSWER_OTHER;
    if (strcmp(command->name, "help") == 0)
        return PLAIN_ANSWER_HELP;
    if (strcmp(command->name, "quit") == 0)
        return PLAIN_ANSWER_QUIT;
    if (strcmp(command->name, "nick") == 0 && rest.len > 0) {
        *ret_name = rest;
        return PLAIN_ANSWER_NAME;
    }
    return PLAIN_ANSWER_OTHER;
}

enum plain_answer plain_parse_answer(struct bytes line, struct bytes *ret_name)
{
    struct bytes answer = bytes_trim(line);
    const char *word = bare_word(answer);

    if (bytes_starts_with(answer, BYTES("/")))
        return parse_command_answer(bytes_slice(answer, 1, answer.len), ret_name);
    if (bytes_eq(answer, BYTES("?")))
        return PLAIN_ANSWER_HELP;
    if (word != NULL)
        return strcmp(word, "help") == 0 ? PLAIN_ANSWER_HELP : PLAIN_ANSWER_QUIT;
    *ret_name = answer;
    return PLAIN_ANSWER_NAME;
}
