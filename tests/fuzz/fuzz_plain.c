/* Lines of the plain dialect: every one becomes a request that the hub can take, out of its own bytes. */
#include "base/check.h"
#include "fuzz/fuzz.h"
#include "proto/plain.h"

static void check_request(const struct chat_request *request, struct bytes line)
{
    const struct command *command = request->command;

    CHECK(request->word_count <= COMMAND_WORDS_MAX);
    for (size_t i = 0; i < request->word_count; i++)
        CHECK(request->words[i].len > 0 && fuzz_is_inside(request->words[i], line));
    CHECK(fuzz_is_inside(request->text, line));
    if (!command) {
        CHECK(request->err != 0);
        return;
    }
    CHECK(request->word_count >= command->words_min && request->word_count <= command->words_max);
    CHECK(request->text.len == 0 || (command->flags & (COMMAND_F_TEXT | COMMAND_F_TEXT_REQUIRED)));
    CHECK(request->text.len > 0 || !(command->flags & COMMAND_F_TEXT_REQUIRED));
}

/* The line as the arguments of every command. */
static void check_cuts(struct bytes line)
{

    for (size_t i = 0; command_row(i) != NULL; i++) {
        struct chat_request request;
        command_cut(command_row(i), line, &request);
        check_request(&request, line);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plain_reader reader = {0};
    struct bytes rest = fuzz_bytes(data, size);

    while (rest.len > 0) {
        struct bytes line = bytes_cut(&rest, '\n'), name = {NULL, 0};
        struct chat_request request;
        if (plain_parse(&reader, line, &request))
            check_request(&request, line);
        else
            CHECK(bytes_trim(line).len == 0);
        (void)plain_parse_answer(line, &name);
        CHECK(fuzz_is_inside(name, line));
        check_cuts(line);
    }
    return 0;
}
