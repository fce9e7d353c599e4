/* What is shown of a session's lines, and what is not; see trace.h. */
#include "session/trace.h"

#include "base/buf.h"
#include "base/log_event.h"
#include "chat/command.h"
#include "session/session.h"

/* Commands with secrets among their arguments. */
static const struct secret {
    const char *name;
    const char *first;   /* only when this is the first argument; NULL: always */
    bool is_slash_only;  /* without a slash the word is just a word */
    bool is_asking;      /* without the secret, the next line is one */
    uint8_t shown_words; /* arguments that may be seen */
} secrets[] = {
    {.name = "oper", .is_asking = true},
    {.name = "login", .is_slash_only = true, .is_asking = true, .shown_words = 1},
    {.name = "register", .is_asking = true, .shown_words = 1},
    {.name = "password", .is_slash_only = true, .is_asking = true},
    {.name = "passwd", .is_slash_only = true, .is_asking = true},
    {.name = "pass"},
    {.name = "authenticate"},
    {.name = "auth"},
    {.name = "webirc"},
    {.name = "identify"},
    {.name = "key", .is_slash_only = true},
    {.name = "join", .shown_words = 1},
    {.name = "mode", .shown_words = 1},
    {.name = "msg", .first = "nickserv", .is_slash_only = true, .shown_words = 1},
    {.name = "privmsg", .first = "nickserv", .shown_words = 1},
    {.name = "nickserv"},
    {.name = "ns"},
    {.name = "authorization:"},
    {.name = "proxy-authorization:"},
    {.name = "cookie:"},
};

static struct bytes skip_blank(struct bytes text)
{
    size_t n = 0;
    while (n < text.len && ((unsigned char)text.ptr[n] <= ' ' || (unsigned char)text.ptr[n] == 0x7F))
        n++;
    text = bytes_slice(text, n, text.len);
    return bytes_starts_with(text, BYTES("\xEF\xBB\xBF")) ? bytes_slice(text, 3, text.len) : text;
}

/* An IRC line may begin with tags and a source. */
static struct bytes skip_prefixes(struct bytes text)
{
    text = skip_blank(text);
    while (bytes_starts_with(text, BYTES("@")) || bytes_starts_with(text, BYTES(":"))) {
        (void)bytes_word(&text);
        text = skip_blank(text);
    }
    return text;
}

static const struct secret *find_secret(struct bytes name, struct bytes rest, bool has_slash)
{
    struct bytes first = bytes_word(&rest);
    for (size_t i = 0; i < ARRAY_LEN(secrets); i++) {
        const struct secret *secret = &secrets[i];
        if (bytes_eq_nocase(name, bytes_of(secret->name)) && (has_slash || !secret->is_slash_only) &&
            (!secret->first || bytes_eq_nocase(first, bytes_of(secret->first))))
            return secret;
    }
    return NULL;
}

/* The line up to where `rest`, a slice at its end, begins. */
static struct bytes before(struct bytes line, struct bytes rest)
{
    return bytes_slice(line, 0, line.len - rest.len);
}

struct bytes trace_mask(struct bytes line, bool is_secret, bool *ret_is_next_secret)
{
    *ret_is_next_secret = false;
    if (is_secret)
        return (struct bytes){line.ptr, 0};
    struct bytes rest = skip_prefixes(line);
    bool has_slash = bytes_starts_with(rest, BYTES("/"));
    if (has_slash)
        rest = bytes_slice(rest, 1, rest.len);
    if (has_slash && bytes_starts_with(rest, BYTES("/")))
        return line; /* "//" says a line that begins with a slash */
    struct bytes name = bytes_word(&rest);
    const struct command *command = has_slash ? command_find(name) : NULL;
    const struct secret *secret = find_secret(command ? bytes_of(command->name) : name, rest, has_slash);
    if (!secret)
        return has_slash && !command ? before(line, rest) : line;
    struct bytes after = rest;
    (void)bytes_word(&after); /* whose password it is */
    *ret_is_next_secret = secret->is_asking && has_slash && bytes_trim(after).len == 0;
    for (unsigned i = 0; i < secret->shown_words; i++)
        (void)bytes_word(&rest);
    return before(line, rest);
}

/* What follows the text, or all of the line when that is not there. */
static struct bytes behind(struct bytes line, struct bytes text)
{
    for (size_t i = 0; i + text.len <= line.len; i++) {
        if (bytes_starts_with(bytes_slice(line, i, line.len), text))
            return bytes_slice(line, i + text.len, line.len);
    }
    return line;
}

struct bytes trace_mask_told(struct bytes line)
{
    struct bytes rest;

    if (bytes_starts_with(line, BYTES("*** "))) {
        rest = behind(line, BYTES(". To enter: /join "));
        if (rest.len == line.len)
            return line;
        (void)bytes_word(&rest);
        return before(line, rest);
    }
    if (bytes_starts_with(line, BYTES("{"))) {
        rest = behind(line, BYTES("\"change\":\"key\""));
        return rest.len == line.len ? line : before(line, behind(rest, BYTES("\"key\":\"")));
    }
    rest = skip_prefixes(line);
    if (!bytes_eq(bytes_word(&rest), BYTES("MODE")))
        return line;
    (void)bytes_word(&rest); /* the room */
    struct bytes letters = bytes_word(&rest);
    return bytes_find(letters, 'k') < letters.len ? before(line, rest) : line;
}

/* ---- switching ---- */

void session_trace_set(struct session *session, bool is_on)
{
    if (session->trace.is_on == is_on)
        return;
    session->trace.is_on = is_on;
    log_event(LOG_KIND_TRACE_SET, LOG_LEVEL_NOTICE, LOG_UINT("session", session->id),
              LOG_STR("state", is_on ? "on" : "off"));
}

struct session *session_trace_find(const struct session_env *env, uint64_t id)
{
    LIST_FOREACH(entry, &env->registry->entries, struct registry_entry, link) {
        struct session *session = container_of(entry, struct session, place);
        if (session->id == id)
            return session;
    }
    return NULL;
}

void session_trace_next(struct session_env *env, const struct addr *peer)
{
    env->trace_watch.is_set = peer != NULL;
    if (peer)
        env->trace_watch.key_len = addr_host_key(peer, env->trace_watch.key);
}

void session_trace_begin(struct session *session)
{
    struct trace_watch *watch = &session->env->trace_watch;
    char key[ADDR_KEY_MAX];

    if (!watch->is_set)
        return;
    struct addr peer = session_peer(session);
    size_t len = addr_host_key(&peer, key);
    if (!bytes_eq((struct bytes){key, len}, (struct bytes){watch->key, watch->key_len}))
        return;
    watch->is_set = false;
    session_trace_set(session, true);
}

/* ---- telling ---- */

static void tell(const struct session *session, const char *direction, struct bytes line, bool is_masked)
{
    const char *mark = is_masked ? "***" : line.len > TRACE_LINE_BYTES_MAX ? "..." : "";
    char text[TRACE_LINE_BYTES_MAX + sizeof("***")];
    struct buf shown;

    buf_init_fixed(&shown, text, sizeof(text));
    buf_put(&shown, bytes_slice(line, 0, TRACE_LINE_BYTES_MAX));
    buf_put_text(&shown, mark);
    log_event(LOG_KIND_SESSION_TRACE, LOG_LEVEL_NOTICE, LOG_UINT("session", session->id),
              LOG_STR("direction", direction), LOG_TEXT("line", buf_bytes(&shown)));
}

void session_trace_in(struct session *session, struct bytes line)
{
    if (!session->trace.is_on && bytes_find(line, '/') == line.len) {
        session->trace.is_next_secret = false; /* only commands ask for one */
        return;
    }
    /* Also when off: it may be switched on between a question for a password and its answer. */
    struct bytes shown = trace_mask(line, session->trace.is_next_secret, &session->trace.is_next_secret);
    if (session->trace.is_on)
        tell(session, "in", shown, shown.len < line.len);
}

void session_trace_out(struct session *session, struct bytes text)
{
    if (!session->trace.is_on)
        return;
    for (unsigned count = 0; text.len > 0; count++) {
        struct bytes line = bytes_cut(&text, '\n');
        if (count >= TRACE_LINES_MAX) {
            tell(session, "out", BYTES("(more lines)"), false);
            return;
        }
        if (line.len > 0 && line.ptr[line.len - 1] == '\r')
            line.len--;
        struct bytes shown = trace_mask_told(line);
        tell(session, "out", shown, shown.len < line.len);
    }
}
