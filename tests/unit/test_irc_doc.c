/* docs/irc.md names every command, numeric, capability and token that there is, and no other; and of those of the
 * specifications each that is not there, with the reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/irc_cap.h"
#include "proto/irc_isupport.h"
#include "proto/irc_request.h"

static char document[65536];

static int set_up(void **state)
{
    const char *top = getenv("TOP_SRCDIR");
    char path[4096];
    (void)state;

    snprintf(path, sizeof(path), "%s/docs/irc.md", top != NULL ? top : ".");
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t bytes = fread(document, 1, sizeof(document) - 1, file);
    fclose(file);
    assert_true(bytes > 0 && bytes < sizeof(document) - 1);
    return 0;
}

/* The table under this heading: up to the next one. */
static struct bytes section(const char *heading)
{
    const char *start = strstr(document, heading);

    if (start == NULL)
        fail_msg("docs/irc.md has no section \"%s\"", heading);
    start += strlen(heading);
    const char *end = strstr(start, "\n## ");
    return (struct bytes){start, end != NULL ? (size_t)(end - start) : strlen(start)};
}

/* Rows that begin with "| `". */
static size_t count_rows(struct bytes table)
{
    size_t count = 0;

    while (table.len > 0) {
        struct bytes line = bytes_cut(&table, '\n');
        count += bytes_starts_with(line, BYTES("| `")) ? 1 : 0;
    }
    return count;
}

static void assert_row(struct bytes table, const char *first_cell)
{
    char start[300];

    snprintf(start, sizeof(start), "| `%s` |", first_cell);
    while (table.len > 0) {
        if (bytes_starts_with(bytes_cut(&table, '\n'), bytes_of(start)))
            return;
    }
    fail_msg("docs/irc.md has no row %s", start);
}

static const char *const others[] = {"BATCH", "CAP", "MARKREAD"}; /* which the dialect answers itself */

static void test_irc_document_has_the_commands(void **state)
{
    struct bytes table = section("\n## Commands\n");
    size_t count = 0;
    (void)state;

    for (; irc_request_row(count) != NULL; count++)
        assert_row(table, irc_request_row(count)->name);
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        assert_row(table, others[i]);
    assert_int_equal(count_rows(table), count + ARRAY_LEN(others));
}

static void test_irc_document_has_the_numerics(void **state)
{
    struct bytes table = section("\n## Numerics\n");
    size_t count = 0;
    (void)state;

    for (; irc_numeric_row(count) != NULL; count++) {
        char cell[64];
        snprintf(cell, sizeof(cell), "%03d %s", (int)irc_numeric_row(count)->numeric,
                 irc_numeric_row(count)->name);
        assert_row(table, cell);
    }
    assert_int_equal(count_rows(table), count);
}

static void test_irc_document_has_the_capabilities(void **state)
{
    struct bytes table = section("\n## Capabilities\n");
    size_t count = 0;
    (void)state;

    for (; irc_cap_row(count) != NULL; count++)
        assert_row(table, irc_cap_row(count)->name);
    assert_int_equal(count_rows(table), count);
}

struct tokens {
    struct bytes table;
    size_t count;
};

static void look_for(void *arg, struct bytes token)
{
    struct tokens *tokens = arg;
    char text[300];

    assert_true(bytes_copy(token, text, sizeof(text)));
    assert_row(tokens->table, text);
    tokens->count++;
}

static void test_irc_document_has_the_tokens(void **state)
{
    struct tokens tokens = {.table = section("\n## ISUPPORT\n")};
    (void)state;

    irc_isupport_visit(&(struct irc_isupport){.network = BYTES("mingle"), .rooms_per_user = 50}, look_for,
                       &tokens);
    assert_int_equal(count_rows(tokens.table), tokens.count);
}

/* ---- what is not there ---- */

enum kind { COMMAND, CAPABILITY, TOKEN, NUMERIC, KIND_COUNT };

static const char *const kind_words[KIND_COUNT] = {"command", "capability", "token", "numeric"};

/* Those of modern.ircdocs.horse, of RFC 2812 and of IRCv3, without those that only servers send. */
static const char *const specified[KIND_COUNT] = {
    "ADMIN AUTHENTICATE AWAY BATCH CAP CHATHISTORY CONNECT DIE HELP INFO INVITE ISON JOIN KICK KILL KNOCK LINKS LIST "
    "LUSERS MARKREAD METADATA MODE MONITOR MOTD NAMES NICK NOTICE OPER PART PASS PING PONG PRIVMSG QUIT REDACT REGISTER "
    "REHASH RENAME RESTART SERVICE SERVLIST SETNAME SQUERY SQUIT STARTTLS STATS SUMMON TAGMSG TIME TOPIC TRACE USER "
    "USERHOST USERS VERIFY VERSION WALLOPS WEBIRC WHO WHOIS WHOWAS",
    "account-notify account-tag away-notify batch cap-notify chghost draft/account-registration draft/channel-rename "
    "draft/chathistory draft/event-playback draft/message-redaction draft/metadata-2 draft/multiline "
    "draft/no-implicit-names draft/pre-away draft/read-marker echo-message extended-join extended-monitor invite-notify "
    "labeled-response message-tags multi-prefix sasl server-time setname standard-replies sts tls userhost-in-names",
    "ACCOUNTEXTBAN AWAYLEN BOT CASEMAPPING CHANLIMIT CHANMODES CHANNELLEN CHANTYPES CHATHISTORY CLIENTTAGDENY CNOTICE "
    "CPRIVMSG ELIST EXCEPTS EXTBAN HOSTLEN ICON INVEX KEYLEN KICKLEN KNOCK LINELEN MAXBANS MAXCHANNELS MAXLIST MAXNICKLEN "
    "MAXTARGETS METADATA MODES MONITOR MSGREFTYPES NAMELEN NAMESX NETWORK NICKLEN PREFIX SAFELIST SILENCE STATUSMSG "
    "TARGMAX TOPICLEN UHNAMES USERIP USERLEN UTF8ONLY WALLCHOPS WALLVOICES WATCH WHOX",
    "001 002 003 004 005 010 200 212 219 221 242 251 252 253 254 255 256 257 258 259 262 263 265 266 276 301 302 303 305 "
    "306 307 311 312 313 314 315 317 318 319 320 321 322 323 324 325 329 330 331 332 333 335 336 337 338 341 346 347 348 "
    "349 351 352 353 354 364 365 366 367 368 369 371 372 374 375 376 378 379 381 382 391 400 401 402 403 404 405 406 407 "
    "409 410 411 412 417 421 422 423 431 432 433 436 441 442 443 451 461 462 464 465 471 472 473 474 475 476 481 482 483 "
    "491 501 502 524 525 670 671 691 696 704 705 706 723 730 731 732 733 734 900 901 902 903 904 905 906 907 908",
};

/* The name at the beginning of a token or of a numeric's row: "NICKLEN=30", "433 ERR_NICKNAMEINUSE". */
static struct bytes head_of(struct bytes text)
{
    struct bytes word = bytes_slice(text, 0, bytes_find(text, ' '));

    return bytes_slice(word, 0, bytes_find(word, '='));
}

struct search {
    struct bytes name;
    bool is_found;
};

static void compare_token(void *arg, struct bytes token)
{
    struct search *search = arg;

    search->is_found = search->is_found || bytes_eq(head_of(token), search->name);
}

static bool is_command_there(struct bytes name)
{
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        if (bytes_eq(name, bytes_of(others[i])))
            return true;
    }
    for (size_t i = 0; irc_request_row(i) != NULL; i++) {
        if (bytes_eq(name, bytes_of(irc_request_row(i)->name)))
            return true;
    }
    return false;
}

static bool is_there(enum kind kind, struct bytes name)
{
    struct search search = {.name = name};
    uint64_t number;

    switch (kind) {
    case COMMAND:
        return is_command_there(name);
    case CAPABILITY:
        for (size_t i = 0; irc_cap_row(i) != NULL; i++)
            search.is_found = search.is_found || bytes_eq(name, bytes_of(irc_cap_row(i)->name));
        return search.is_found;
    case TOKEN:
        irc_isupport_visit(&(struct irc_isupport){.network = BYTES("mingle"), .rooms_per_user = 50},
                           compare_token, &search);
        return search.is_found;
    default:
        assert_int_equal(bytes_parse_u64(name, 999, &number), 0);
        for (size_t i = 0; irc_numeric_row(i) != NULL; i++)
            search.is_found = search.is_found || (uint64_t)irc_numeric_row(i)->numeric == number;
        return search.is_found;
    }
}

/* The next name in the rows of this kind: those between `` ` `` in their first cells. */
struct absentees {
    struct bytes rest, cell;
    const char *kind;
};

static bool next_absentee(struct absentees *walk, struct bytes *ret_name)
{
    char middle[32];

    snprintf(middle, sizeof(middle), "| %s | ", walk->kind);
    for (;;) {
        (void)bytes_cut(&walk->cell, '`');
        if (walk->cell.len > 0) {
            *ret_name = head_of(bytes_cut(&walk->cell, '`'));
            return true;
        }
        if (walk->rest.len == 0)
            return false;
        struct bytes line = bytes_cut(&walk->rest, '\n');
        struct bytes names = bytes_slice(line, 0, 1 + bytes_find(bytes_slice(line, 1, line.len), '|'));
        struct bytes more = bytes_slice(line, names.len, line.len);
        bool is_one = bytes_starts_with(line, BYTES("| `")) && bytes_starts_with(more, bytes_of(middle));
        if (is_one && more.len <= strlen(middle) + sizeof("|"))
            fail_msg("docs/irc.md has no reason in %.*s", BYTES_ARG(line));
        walk->cell = is_one ? names : walk->cell;
    }
}

static bool is_told_absent(enum kind kind, struct bytes name)
{
    struct absentees walk = {.rest = section("\n## What is not there\n"), .kind = kind_words[kind]};
    struct bytes other;

    while (next_absentee(&walk, &other)) {
        if (bytes_eq(other, name))
            return true;
    }
    return false;
}

static void test_irc_document_has_what_is_not_there(void **state)
{
    (void)state;
    for (enum kind kind = COMMAND; kind < KIND_COUNT; kind++) {
        struct bytes names = bytes_of(specified[kind]);
        while (names.len > 0) {
            struct bytes name = bytes_cut(&names, ' ');
            if (is_there(kind, name) == is_told_absent(kind, name))
                fail_msg("docs/irc.md: the %s %.*s has to be in its table or in that of what is not there",
                         kind_words[kind], BYTES_ARG(name));
        }
    }
}

static void test_irc_document_tells_nothing_absent_that_is_there(void **state)
{
    (void)state;
    for (enum kind kind = COMMAND; kind < KIND_COUNT; kind++) {
        struct absentees walk = {.rest = section("\n## What is not there\n"), .kind = kind_words[kind]};
        struct bytes name;
        size_t count = 0;
        for (; next_absentee(&walk, &name); count++) {
            if (is_there(kind, name))
                fail_msg("docs/irc.md: the %s %.*s is there", kind_words[kind], BYTES_ARG(name));
        }
        assert_true(count > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_irc_document_has_the_commands),
        cmocka_unit_test(test_irc_document_has_the_numerics),
        cmocka_unit_test(test_irc_document_has_the_capabilities),
        cmocka_unit_test(test_irc_document_has_the_tokens),
        cmocka_unit_test(test_irc_document_has_what_is_not_there),
        cmocka_unit_test(test_irc_document_tells_nothing_absent_that_is_there),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
