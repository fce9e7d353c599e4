/* See telnet.h. The byte parser first, then the options. */
#include "proto/telnet.h"

#include "base/check.h"

enum { /* commands */
       CMD_EOF = 236,
       CMD_EOR = 239,
       CMD_SE = 240,
       CMD_NOP = 241,
       CMD_BREAK = 243,
       CMD_IP = 244,
       CMD_AO = 245,
       CMD_AYT = 246,
       CMD_EC = 247,
       CMD_EL = 248,
       CMD_GA = 249,
       CMD_SB = 250,
       CMD_WILL = 251,
       CMD_WONT = 252,
       CMD_DO = 253,
       CMD_DONT = 254,
       CMD_IAC = 255,
};

#define TIMING_MARK 6

static const unsigned char option_codes[TELNET_OPTION_COUNT] = {
    [TELNET_BINARY] = 0, [TELNET_ECHO] = 1,  [TELNET_SGA] = 3,          [TELNET_TTYPE] = 24,
    [TELNET_EOR] = 25,   [TELNET_NAWS] = 31, [TELNET_NEW_ENVIRON] = 39,
};

enum { /* inside subnegotiations */
       SUB_IS = 0,
       SUB_SEND = 1,
       SUB_INFO = 2,
       ENV_VAR = 0,
       ENV_VALUE = 1,
       ENV_ESC = 2,
       ENV_USERVAR = 3,
};

enum { ST_DATA, ST_CR, ST_IAC, ST_OPTION, ST_SUB, ST_SUB_IAC };

void telnet_init(struct telnet *telnet)
{
    *telnet = (struct telnet){.state = ST_DATA};
    buf_init(&telnet->sub, TELNET_SUB_BYTES_MAX);
}

void telnet_done(struct telnet *telnet)
{
    buf_done(&telnet->sub);
}

/* ---- options: RFC 1143, section 7 ---- */

/* What distinguishes the two sides of an option. */
struct side {
    enum telnet_state *state;
    bool *opposite;
    unsigned char yes, no; /* what we say: WILL and WONT of ours, DO and DONT of theirs */
    bool may_accept;       /* when they begin */
};

static void put_command(struct buf *reply, unsigned char command, unsigned char option)
{
    const char bytes[] = {(char)CMD_IAC, (char)command, (char)option};
    buf_put(reply, (struct bytes){bytes, sizeof(bytes)});
}

static struct side side_of(struct telnet *telnet, enum telnet_option option, bool is_local)
{
    if (is_local)
        return (struct side){&telnet->local[option], &telnet->local_opposite[option], CMD_WILL, CMD_WONT,
                             option == TELNET_SGA || option == TELNET_BINARY || option == TELNET_EOR};
    return (struct side){&telnet->remote[option], &telnet->remote_opposite[option], CMD_DO, CMD_DONT,
                         option != TELNET_ECHO && option != TELNET_EOR};
}

static void ask(struct side side, unsigned char code, bool on, struct buf *reply)
{
    switch (*side.state) {
    case TELNET_NO:
    case TELNET_YES:
        if ((*side.state == TELNET_YES) == on)
            return;
        *side.state = on ? TELNET_WANT_YES : TELNET_WANT_NO;
        put_command(reply, on ? side.yes : side.no, code);
        break;
    case TELNET_WANT_NO:
        *side.opposite = on;
        break;
    case TELNET_WANT_YES:
        *side.opposite = !on;
        break;
    }
}

/* They say that the option is to be, or is, on. */
static void hear_yes(struct side side, unsigned char code, struct buf *reply)
{
    switch (*side.state) {
    case TELNET_NO:
        *side.state = side.may_accept ? TELNET_YES : TELNET_NO;
        put_command(reply, side.may_accept ? side.yes : side.no, code);
        break;
    case TELNET_YES:
        break;
    case TELNET_WANT_NO: /* a refusal of ours was answered by a request: an error of theirs */
        *side.state = *side.opposite ? TELNET_YES : TELNET_NO;
        *side.opposite = false;
        break;
    case TELNET_WANT_YES:
        *side.state = *side.opposite ? TELNET_WANT_NO : TELNET_YES;
        if (*side.opposite)
            put_command(reply, side.no, code);
        *side.opposite = false;
        break;
    }
}

static void hear_no(struct side side, unsigned char code, struct buf *reply)
{
    switch (*side.state) {
    case TELNET_NO:
        break;
    case TELNET_YES:
        *side.state = TELNET_NO;
        put_command(reply, side.no, code);
        break;
    case TELNET_WANT_NO:
        *side.state = *side.opposite ? TELNET_WANT_YES : TELNET_NO;
        if (*side.opposite)
            put_command(reply, side.yes, code);
        *side.opposite = false;
        break;
    case TELNET_WANT_YES:
        *side.state = TELNET_NO;
        *side.opposite = false;
        break;
    }
}

void telnet_set_local(struct telnet *telnet, enum telnet_option option, bool on, struct buf *reply)
{
    ask(side_of(telnet, option, true), option_codes[option], on, reply);
}

void telnet_set_remote(struct telnet *telnet, enum telnet_option option, bool on, struct buf *reply)
{
    ask(side_of(telnet, option, false), option_codes[option], on, reply);
}

/* Whether our side of an option is agreed on. */
static bool is_local(const struct telnet *telnet, enum telnet_option option)
{
    return telnet->local[option] == TELNET_YES;
}

/* Asks for what an option that is on now has to tell. */
static void ask_for_value(enum telnet_option option, struct buf *reply)
{
    if (option == TELNET_TTYPE)
        buf_put(reply, BYTES("\xff\xfa\x18\x01\xff\xf0"));
    else if (option == TELNET_NEW_ENVIRON)
        buf_put(reply, BYTES("\xff\xfa\x27\x01\x00USER\xff\xf0"));
}

/* An option that we know nothing of; TIMING-MARK has no state, it is an answer to be given at once. */
static void refuse(unsigned char command, unsigned char code, struct buf *reply)
{
    if (command == CMD_DO)
        put_command(reply, code == TIMING_MARK ? CMD_WILL : CMD_WONT, code);
    else if (command == CMD_WILL)
        put_command(reply, CMD_DONT, code);
}

/* True when the option is settled another way than before. */
static bool negotiate(struct telnet *telnet, unsigned char command, unsigned char code,
                      struct telnet_event *event, struct buf *reply)
{
    bool is_local = command == CMD_DO || command == CMD_DONT;
    unsigned option = 0;

    if (telnet->change_count == TELNET_CHANGES_MAX)
        return false;
    telnet->change_count++;
    while (option < TELNET_OPTION_COUNT && option_codes[option] != code)
        option++;
    if (option == TELNET_OPTION_COUNT) {
        refuse(command, code, reply);
        return false;
    }
    struct side side = side_of(telnet, option, is_local);
    enum telnet_state before = *side.state;
    if (command == CMD_DO || command == CMD_WILL)
        hear_yes(side, code, reply);
    else
        hear_no(side, code, reply);
    bool is_on = *side.state == TELNET_YES;
    if (*side.state == before || (!is_on && *side.state != TELNET_NO))
        return false;
    if (is_on && !is_local)
        ask_for_value(option, reply);
    *event = (struct telnet_event){
        .kind = TELNET_EV_OPTION, .option = option, .is_local = is_local, .is_on = is_on};
    return true;
}

/* ---- subnegotiations ---- */

/* Printable ASCII only: it comes from anywhere. */
static void put_name(struct telnet_event *event, struct bytes name)
{
    size_t len = 0;

    for (size_t i = 0; i < name.len && len < TELNET_NAME_BYTES_MAX; i++) {
        if (name.ptr[i] > ' ' && name.ptr[i] < 0x7f)
            event->name[len++] = name.ptr[i];
    }
    event->name[len] = '\0';
}

/* The value of USER in the variables; RFC 1572: type, name [, VALUE, value] … */
static struct bytes find_user(struct bytes rest)
{
    while (rest.len > 0) {
        size_t end = 1;
        while (end < rest.len && (unsigned char)rest.ptr[end] > ENV_USERVAR)
            end++;
        bool is_user = (rest.ptr[0] == ENV_VAR || rest.ptr[0] == ENV_USERVAR) &&
                       bytes_eq(bytes_slice(rest, 1, end), BYTES("USER"));
        rest = bytes_slice(rest, end, rest.len);
        if (!is_user || rest.len == 0 || rest.ptr[0] != ENV_VALUE)
            continue;
        end = 1;
        while (end < rest.len && (unsigned char)rest.ptr[end] > ENV_USERVAR)
            end++;
        return bytes_slice(rest, 1, end);
    }
    return (struct bytes){NULL, 0};
}

static unsigned two_bytes(struct bytes from, size_t at)
{
    return (unsigned)(unsigned char)from.ptr[at] << 8 | (unsigned char)from.ptr[at + 1];
}

/* A whole subnegotiation; true when it tells something. */
static bool end_sub(struct telnet *telnet, struct telnet_event *event)
{
    struct bytes sub = buf_bytes(&telnet->sub);
    unsigned char code = sub.len > 0 ? (unsigned char)sub.ptr[0] : 0;

    if (telnet->is_sub_too_long || sub.len < 2)
        return false;
    *event = (struct telnet_event){0};
    if (code == option_codes[TELNET_NAWS] && sub.len == 5) {
        event->kind = TELNET_EV_NAWS;
        event->width = two_bytes(sub, 1);
        event->height = two_bytes(sub, 3);
    } else if (code == option_codes[TELNET_TTYPE] && sub.ptr[1] == SUB_IS) {
        event->kind = TELNET_EV_TTYPE;
        put_name(event, bytes_slice(sub, 2, sub.len));
    } else if (code == option_codes[TELNET_NEW_ENVIRON] && (sub.ptr[1] == SUB_IS || sub.ptr[1] == SUB_INFO)) {
        put_name(event, find_user(bytes_slice(sub, 2, sub.len)));
        if (event->name[0] == '\0')
            return false;
        event->kind = TELNET_EV_USER;
    }
    return event->kind != TELNET_EV_NONE;
}

static void put_sub(struct telnet *telnet, char c)
{
    buf_put_char(&telnet->sub, c);
    telnet->is_sub_too_long |= buf_error(&telnet->sub) != 0;
}

/* ---- the byte parser ---- */

static enum telnet_event_kind command_event(unsigned char c)
{
    switch (c) {
    case CMD_EOF:
        return TELNET_EV_EOF;
    case CMD_BREAK:
        return TELNET_EV_BREAK;
    case CMD_IP:
        return TELNET_EV_IP;
    case CMD_AO:
        return TELNET_EV_AO;
    case CMD_AYT:
        return TELNET_EV_AYT;
    case CMD_EC:
        return TELNET_EV_EC;
    case CMD_EL:
        return TELNET_EV_EL;
    default: /* NOP, GA, DM, SE out of place, unknown: nothing to do */
        return TELNET_EV_NONE;
    }
}

/* The byte after IAC. */
static void take_command(struct telnet *telnet, const char *at, struct telnet_event *event)
{
    unsigned char c = (unsigned char)*at;

    telnet->state = ST_DATA;
    if (c == CMD_IAC) {
        *event = (struct telnet_event){.kind = TELNET_EV_DATA, .data = {at, 1}};
    } else if (c == CMD_SB) {
        telnet->state = ST_SUB;
        telnet->is_sub_too_long = false;
        buf_reset(&telnet->sub);
    } else if (c >= CMD_WILL && c <= CMD_DONT) {
        telnet->state = ST_OPTION;
        telnet->command = c;
    } else {
        *event = (struct telnet_event){.kind = command_event(c)};
    }
}

/* Data up to an IAC, up to and with a CR, whose NUL is not to be seen, or to the end. */
static size_t take_data(struct telnet *telnet, struct bytes in, struct telnet_event *event)
{
    size_t end = 0;

    telnet->state = ST_DATA;
    while (end < in.len && (unsigned char)in.ptr[end] != CMD_IAC && telnet->state == ST_DATA) {
        if (in.ptr[end++] == '\r')
            telnet->state = ST_CR;
    }
    *event = (struct telnet_event){.kind = TELNET_EV_DATA, .data = bytes_slice(in, 0, end)};
    return end;
}

/* The byte after IAC inside a subnegotiation. IAC SE ends it; so does any other command, of which the
 * IAC has been seen (RFC 855 leaves this open; a lost SE must not swallow the rest of the stream). */
static void take_sub_command(struct telnet *telnet, const char *at, struct telnet_event *event)
{
    if ((unsigned char)*at == CMD_IAC) {
        put_sub(telnet, *at);
        telnet->state = ST_SUB;
        return;
    }
    if ((unsigned char)*at == CMD_SE) {
        telnet->state = ST_DATA;
        (void)end_sub(telnet, event);
        return;
    }
    take_command(telnet, at, event);
}

/* One byte that is not data. */
static void take_byte(struct telnet *telnet, const char *at, struct telnet_event *event, struct buf *reply)
{
    unsigned char c = (unsigned char)*at;

    switch (telnet->state) {
    case ST_IAC:
        take_command(telnet, at, event);
        break;
    case ST_OPTION:
        telnet->state = ST_DATA;
        (void)negotiate(telnet, telnet->command, c, event, reply);
        break;
    case ST_SUB:
        if (c == CMD_IAC)
            telnet->state = ST_SUB_IAC;
        else
            put_sub(telnet, *at);
        break;
    case ST_SUB_IAC:
        take_sub_command(telnet, at, event);
        break;
    case ST_CR: /* its NUL */
        telnet->state = ST_DATA;
        break;
    default:
        BUG("telnet state %d", telnet->state);
    }
}

size_t telnet_step(struct telnet *telnet, struct bytes in, struct telnet_event *ret_event, struct buf *reply)
{
    size_t used = 0;

    *ret_event = (struct telnet_event){.kind = TELNET_EV_NONE};
    while (used < in.len && ret_event->kind == TELNET_EV_NONE) {
        const char *at = &in.ptr[used];
        if (telnet->state == ST_CR && *at != '\0')
            telnet->state = ST_DATA;
        if (telnet->state != ST_DATA) {
            take_byte(telnet, at, ret_event, reply);
            used++;
        } else if ((unsigned char)*at == CMD_IAC) {
            telnet->state = ST_IAC;
            used++;
        } else {
            used += take_data(telnet, bytes_slice(in, used, in.len), ret_event);
        }
    }
    return used;
}

/* ---- what is sent ---- */

static void put_plain_command(struct buf *out, unsigned char command)
{
    const char bytes[] = {(char)CMD_IAC, (char)command};
    buf_put(out, (struct bytes){bytes, sizeof(bytes)});
}

void telnet_end_prompt(const struct telnet *telnet, struct buf *out)
{
    if (is_local(telnet, TELNET_EOR))
        put_plain_command(out, CMD_EOR);
    else if (!is_local(telnet, TELNET_SGA))
        put_plain_command(out, CMD_GA);
}

void telnet_keep_alive(struct buf *out)
{
    put_plain_command(out, CMD_NOP);
}

/* ---- terminals ---- */

static bool is_of(struct bytes name, const char *const *families, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bytes family = bytes_of(families[i]);
        if (bytes_eq_nocase(bytes_slice(name, 0, family.len), family))
            return true;
    }
    return false;
}

bool telnet_wants_prompts(struct bytes name)
{
    static const char *const families[] = {"tintin",     "tinyfugue", "tf",  "mudlet",
                                           "mushclient", "zmud",      "cmud"};

    return is_of(name, families, ARRAY_LEN(families));
}

bool telnet_is_terminal(struct bytes name)
{
    static const char *const families[] = {"xterm", "screen", "tmux", "rxvt",      "linux", "vt",
                                           "ansi",  "putty",  "foot", "alacritty", "kitty", "st-"};

    return is_of(name, families, ARRAY_LEN(families));
}

bool telnet_has_256_colours(struct bytes name)
{
    const struct bytes ending = BYTES("256color");

    return name.len >= ending.len &&
           bytes_eq_nocase(bytes_slice(name, name.len - ending.len, name.len), ending);
}
