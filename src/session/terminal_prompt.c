/* See terminal_prompt.h. An editor draws its prompt by itself. Clients for MUDs edit by themselves and keep a
 * place for the prompt, if they are told where it ends. All others in line mode get none: what comes next
 * would stand behind it. */
#include "session/terminal_prompt.h"

#include "chat/room.h"
#include "chat/user.h"
#include "session/session.h"

#include "async/poison.h"

bool terminal_prompt(const struct terminal *terminal, struct buf *out)
{
    const struct session *session = terminal->session;
    const struct user *user = session->outbox.user;

    if (terminal->is_secret || (session->paste && session->paste->is_on)) {
        buf_put_text(out, terminal->is_secret ? "password> " : "paste> ");
        return true;
    }
    if (user && user->current) {
        buf_put_char(out, '[');
        buf_put(out, room_name(user->current->room));
        buf_put_text(out, "] ");
    }
    if (user)
        buf_put(out, user_name(user));
    buf_put_text(out, "> ");
    return false;
}

void terminal_prompt_leave(struct terminal *terminal, struct buf *out)
{
    if (terminal->is_at_prompt)
        buf_put_text(out, "\r\n");
    terminal->is_at_prompt = false;
}

/* What reads JSON, or wants nothing but lines, takes a prompt for the beginning of one. */
static bool shows_prompts(const struct terminal *terminal)
{
    const uint16_t *options = terminal->session->outbox.reader.options;

    return terminal->has_prompts && options[OPTION_PLAIN] == OPTION_PLAIN_OFF &&
           options[OPTION_FORMAT] == OPTION_FORMAT_TEXT;
}

void terminal_prompt_behind(struct terminal *terminal, struct bytes text, struct buf *out)
{
    terminal_prompt_leave(terminal, out);
    buf_put(out, text);
    if (!shows_prompts(terminal))
        return;
    (void)terminal_prompt(terminal, out);
    telnet_end_prompt(&terminal->telnet, out);
    terminal->is_at_prompt = true;
}
