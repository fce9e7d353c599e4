/* MODE with a room: letters made into requests. For irc_request.c. */
#ifndef PROTO_IRC_CHANNEL_MODE_H
#define PROTO_IRC_CHANNEL_MODE_H

#include "base/buf.h"
#include "proto/irc_request.h"

/* The letters by what they take, as ISUPPORT's CHANMODES has them: a mask of a list; always a parameter; one when it is
 * set; none. */
#define IRC_CHANNEL_MODES "beIq,k,lW,imnst"
#define IRC_CHANNEL_PREFIXES "(ov)@+"
#define IRC_CHANNEL_LETTERS "IWbeiklmnoqstv" /* all of them, as 004 has them */
#define IRC_CHANNEL_MUTE "m:"                /* before the mask of a ban that only mutes, as EXTBAN has it */

/* The first parameter is the room. */
void irc_channel_mode(const struct irc_reader *reader, const struct irc_message *message,
                      struct irc_requests *requests, struct buf *out);

#endif
