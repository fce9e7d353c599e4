/* What IRC clients ask for: messages made into requests of the domain, which has the rules (chat/hub.h). What
 * concerns only the form of a message is answered here.
 *
 * A message can be several requests (JOIN #a,#b). They are to be applied in their order. */
#ifndef PROTO_IRC_REQUEST_H
#define PROTO_IRC_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "chat/chat_range.h"
#include "chat/command.h"
#include "proto/irc_mask.h"
#include "proto/irc_message.h"
#include "proto/irc_numeric.h"

#define IRC_TARGETS_MAX 10 /* in one message */
#define IRC_MODES_MAX 10   /* changes in one MODE; what is behind them is left out */
#define IRC_REQUESTS_MAX 10

struct irc_request_row;

/* Slices of the requests point into the message, or into this: it must not be moved. */
struct irc_requests {
    struct chat_request items[IRC_REQUESTS_MAX];
    size_t count;
    const struct irc_request_row *row; /* of the command; NULL: it is not in the table */
    struct irc_chat_mask masks[IRC_REQUESTS_MAX];
    char text[IRC_BODY_BYTES_MAX];
    struct chat_range range;
    struct bytes label; /* of what answers them (proto/irc_label.h); empty: none */
};

struct irc_request_row {
    const char *name;
    uint8_t params_min; /* with fewer: 461 */
    void (*apply)(const struct irc_reader *reader, const struct irc_message *message,
                  struct irc_requests *requests, struct buf *out);
    const char *usage; /* what stands behind the name, for HELP */
};
/* The commands of a client that has a name, but for CAP (proto/irc_cap.h); NULL after the last one. */
const struct irc_request_row *irc_request_row(size_t index);

/* What the message asks for, into *ret_requests, which need not be initialised; answers that need nothing but the
 * message are appended to `out`. */
void irc_request(const struct irc_reader *reader, const struct irc_message *message,
                 struct irc_requests *ret_requests, struct buf *out);

/* Adds a request, for irc_request*.c and irc_channel_mode.c. There must be room. The name is in the command table, or
 * "say", or one of those that only programs have. */
struct chat_request *irc_request_add(struct irc_requests *requests, const char *command);
/* The same with one word. */
void irc_request_add_word(struct irc_requests *requests, const char *command, struct bytes room,
                          struct bytes word);

#endif
