/* The administrator's texts for everybody, read from files: server.motd and server.rules.
 *
 * They are cleaned as all text that people see. To reload: load a second struct, hand it to the hub
 * (texts_for_hub(), hub_set_texts()), then free the first. */
#ifndef DAEMON_TEXTS_H
#define DAEMON_TEXTS_H

#include "base/attr.h"
#include "base/buf.h"
#include "chat/hub.h"

#define TEXTS_FILE_BYTES_MAX (16 * 1024)
#define TEXTS_CLEAN_BYTES_MAX (4 * TEXTS_FILE_BYTES_MAX) /* cleaning may make a text longer */

struct settings;

struct texts {
    struct buf motd, rules; /* empty: none */
};

/* Blocks while it reads. 0, or -Exxx with one message without newline appended to `error`: a file is missing,
 * unreadable or longer than TEXTS_FILE_BYTES_MAX. Release with texts_done(). */
MUST_CHECK int texts_load(const struct settings *settings, struct texts *ret_texts, struct buf *error);
void texts_done(struct texts *texts); /* also a zeroed one, and again */

/* As long as the texts live. */
struct hub_texts texts_for_hub(const struct texts *texts);

#endif
