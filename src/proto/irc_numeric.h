/* The numerics of IRC that the server sends, with their words: one table (modern.ircdocs.horse, "Numerics").
 *
 * A numeric is a message from the server whose first parameter is the client's name; what it is about comes
 * next, and its text last. */
#ifndef PROTO_IRC_NUMERIC_H
#define PROTO_IRC_NUMERIC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/bytes.h"
#include "proto/irc_message.h"

/* Name, number, text; an empty text: the last parameter is made by whoever sends it. */
#define IRC_NUMERICS(X) \
    X(RPL_WELCOME, 1, "") \
    X(RPL_YOURHOST, 2, "") \
    X(RPL_CREATED, 3, "") \
    X(RPL_MYINFO, 4, "") \
    X(RPL_ISUPPORT, 5, "are supported by this server") \
    X(RPL_STATSCOMMANDS, 212, "") \
    X(RPL_ENDOFSTATS, 219, "End of STATS report") \
    X(RPL_UMODEIS, 221, "") \
    X(RPL_STATSUPTIME, 242, "") \
    X(RPL_STATSOLINE, 243, "") \
    X(RPL_LUSERCLIENT, 251, "") \
    X(RPL_LUSEROP, 252, "operators of the server here") \
    X(RPL_LUSERCHANNELS, 254, "rooms") \
    X(RPL_LUSERME, 255, "") \
    X(RPL_LOCALUSERS, 265, "") \
    X(RPL_GLOBALUSERS, 266, "") \
    X(RPL_AWAY, 301, "") \
    X(RPL_USERHOST, 302, "") \
    X(RPL_ISON, 303, "") \
    X(RPL_UNAWAY, 305, "You are no longer marked as away") \
    X(RPL_NOWAWAY, 306, "You are marked as away") \
    X(RPL_WHOISUSER, 311, "") \
    X(RPL_WHOISSERVER, 312, "") \
    X(RPL_WHOISOPERATOR, 313, "is an operator of the server") \
    X(RPL_WHOWASUSER, 314, "") \
    X(RPL_ENDOFWHO, 315, "End of WHO list") \
    X(RPL_WHOISIDLE, 317, "seconds idle, signon time") \
    X(RPL_ENDOFWHOIS, 318, "End of WHOIS list") \
    X(RPL_WHOISCHANNELS, 319, "") \
    X(RPL_LISTSTART, 321, "Users  Name") \
    X(RPL_LIST, 322, "") \
    X(RPL_LISTEND, 323, "End of LIST") \
    X(RPL_CHANNELMODEIS, 324, "") \
    X(RPL_CREATIONTIME, 329, "") \
    X(RPL_NOTOPIC, 331, "No topic is set") \
    X(RPL_TOPIC, 332, "") \
    X(RPL_TOPICWHOTIME, 333, "") \
    X(RPL_WHOISBOT, 335, "says of itself that it is a program") \
    X(RPL_INVITELIST, 336, "") \
    X(RPL_ENDOFINVITELIST, 337, "End of INVITE list") \
    X(RPL_INVITING, 341, "") \
    X(RPL_INVEXLIST, 346, "") \
    X(RPL_ENDOFINVEXLIST, 347, "End of invite exception list") \
    X(RPL_EXCEPTLIST, 348, "") \
    X(RPL_ENDOFEXCEPTLIST, 349, "End of ban exception list") \
    X(RPL_VERSION, 351, "") \
    X(RPL_WHOREPLY, 352, "") \
    X(RPL_NAMREPLY, 353, "") \
    X(RPL_WHOSPCRPL, 354, "") \
    X(RPL_LINKS, 364, "0 mingle") \
    X(RPL_ENDOFLINKS, 365, "End of LINKS list") \
    X(RPL_ENDOFNAMES, 366, "End of NAMES list") \
    X(RPL_BANLIST, 367, "") \
    X(RPL_ENDOFBANLIST, 368, "End of ban list") \
    X(RPL_ENDOFWHOWAS, 369, "End of WHOWAS") \
    X(RPL_INFO, 371, "") \
    X(RPL_MOTD, 372, "") \
    X(RPL_ENDOFINFO, 374, "End of INFO list") \
    X(RPL_MOTDSTART, 375, "Message of the day") \
    X(RPL_ENDOFMOTD, 376, "End of MOTD") \
    X(RPL_WHOISHOST, 378, "") \
    X(RPL_YOUREOPER, 381, "You are an operator of the server now") \
    X(RPL_REHASHING, 382, "The settings are being read again") \
    X(RPL_TIME, 391, "") \
    X(ERR_NOSUCHNICK, 401, "Nobody of that name is here") \
    X(ERR_NOSUCHCHANNEL, 403, "There is no such room") \
    X(ERR_CANNOTSENDTOCHAN, 404, "You cannot say that in this room") \
    X(ERR_TOOMANYCHANNELS, 405, "You are in too many rooms; leave one first") \
    X(ERR_WASNOSUCHNICK, 406, "Nobody of that name has left lately") \
    X(ERR_TOOMANYTARGETS, 407, "Too many targets; this one and those behind it were left out") \
    X(ERR_NOORIGIN, 409, "PING wants a text, which comes back") \
    X(ERR_INVALIDCAPCMD, 410, "Invalid CAP command") \
    X(ERR_NORECIPIENT, 411, "No recipient given") \
    X(ERR_NOTEXTTOSEND, 412, "No text to send") \
    X(ERR_INPUTTOOLONG, 417, "Input line was too long") \
    X(ERR_UNKNOWNCOMMAND, 421, "Unknown command") \
    X(ERR_NOMOTD, 422, "There is no message of the day") \
    X(ERR_NOADMININFO, 423, "The settings have nothing about the administrator; try MOTD") \
    X(ERR_NONICKNAMEGIVEN, 431, "No name given") \
    X(ERR_ERRONEUSNICKNAME, 432, \
      "Names have 1-30 letters, digits or -_[]{}|^ and start with a letter or one of _[]{}|^") \
    X(ERR_NICKNAMEINUSE, 433, "That name is taken") \
    X(ERR_USERNOTINCHANNEL, 441, "is not in that room") \
    X(ERR_NOTONCHANNEL, 442, "You are not in that room") \
    X(ERR_USERONCHANNEL, 443, "is in that room already") \
    X(ERR_NOTREGISTERED, 451, "Give a name first: NICK and USER") \
    X(ERR_NEEDMOREPARAMS, 461, "Not enough parameters") \
    X(ERR_ALREADYREGISTERED, 462, "You have done that already") \
    X(ERR_PASSWDMISMATCH, 464, "There is no such operator with that password") \
    X(ERR_CHANNELISFULL, 471, "The room is full (+l)") \
    X(ERR_UNKNOWNMODE, 472, "is no mode of rooms") \
    X(ERR_INVITEONLYCHAN, 473, "Only who is invited comes in (+i)") \
    X(ERR_BANNEDFROMCHAN, 474, "You are banned from that room (+b)") \
    X(ERR_BADCHANNELKEY, 475, "The room needs a key (+k): JOIN #room key") \
    X(ERR_NOPRIVILEGES, 481, "Only operators of the server do that") \
    X(ERR_CHANOPRIVSNEEDED, 482, "Only operators of the room do that") \
    X(ERR_NOOPERHOST, 491, \
      "Passwords of operators are only taken over TLS, or from the server's own machine") \
    X(ERR_UMODEUNKNOWNFLAG, 501, "is no mode of people") \
    X(ERR_USERSDONTMATCH, 502, "Modes of others cannot be seen or changed") \
    X(ERR_HELPNOTFOUND, 524, "is no command here; HELP alone lists them") \
    X(RPL_WHOISSECURE, 671, "is using a secure connection") \
    X(ERR_INVALIDMODEPARAM, 696, "is no value for that mode") \
    X(RPL_HELPSTART, 704, "Commands of this server") \
    X(RPL_HELPTXT, 705, "") \
    X(RPL_ENDOFHELP, 706, "End of HELP") \
    X(RPL_QUIETLIST, 728, "") \
    X(RPL_ENDOFQUIETLIST, 729, "End of mute list") \
    X(RPL_MONONLINE, 730, "") \
    X(RPL_MONOFFLINE, 731, "") \
    X(RPL_MONLIST, 732, "") \
    X(RPL_ENDOFMONLIST, 733, "End of MONITOR list") \
    X(ERR_MONLISTFULL, 734, "The list is full")

enum irc_numeric {
#define X(name, number, text) IRC_##name = (number),
    IRC_NUMERICS(X)
#undef X
};

/* Whom the bytes are for. */
struct irc_reader {
    struct bytes server; /* the server's name */
    struct bytes you;    /* the client's; empty before it has one */
    uint32_t caps;       /* IRC_CAP_F_…: what was agreed on */
};

/* The table's row; NULL after the last one. */
struct irc_numeric_row {
    enum irc_numeric numeric;
    const char *name, *text;
};
const struct irc_numeric_row *irc_numeric_row(size_t index);

/* ":server 461 name", into a line that starts as {.out = …}. What it is about, the text, and the end follow. */
void irc_numeric_start(struct irc_line *line, const struct irc_reader *reader, enum irc_numeric numeric);

/* Words that fill as many messages as they need, behind `first` and `second` (may be empty). */
struct irc_words {
    const struct irc_reader *reader;
    enum irc_numeric numeric;
    struct bytes first, second;
    char separator; /* between words; '\0': a blank */
    struct buf *out;
    char text[IRC_BODY_BYTES_MAX];
    size_t len;
};
/* A word of three parts, which stay together. */
void irc_words_put(struct irc_words *words, const char *before, struct bytes word, struct bytes after);
void irc_words_end(struct irc_words *words);

/* The text of the table. */
const char *irc_numeric_text(enum irc_numeric numeric);

/* The whole message with the table's text. The words before it are left out when they are empty, and shown as
 * irc_line_echo() does. */
void irc_numeric_put(const struct irc_reader *reader, enum irc_numeric numeric, struct bytes first,
                     struct bytes second, struct buf *out);

#endif
