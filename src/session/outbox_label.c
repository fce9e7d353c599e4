/* Answers to what a program has labelled: they wait until the last one is there, for only then it is known what they are
 * together. News of others pass by.
 *
 * What answers a message is emitted in one go, so that nothing comes between; but for OPER, whose password is checked
 * meanwhile. */
#include <stdlib.h>

#include "chat/chat_event.h"
#include "chat/user.h"
#include "proto/irc_dialect.h"
#include "session/outbox.h"

/* As much as anything that is rendered at once. */
#define ANSWERS_BYTES_MAX (4u * 1024 * 1024)

struct outbox_label {
    char label[IRC_LABEL_BYTES_MAX + 1];
    struct buf answers;
};

void outbox_label_drop(struct outbox *outbox)
{
    if (!outbox->label)
        return;
    buf_done(&outbox->label->answers);
    free(outbox->label);
    outbox->label = NULL;
}

static void begin(struct outbox *outbox, struct bytes label)
{
    outbox->label = malloc(sizeof(*outbox->label));
    if (!outbox->label) {
        outbox_fail(outbox, CLOSE_NO_MEMORY);
        return;
    }
    bytes_copy(label, outbox->label->label, sizeof(outbox->label->label));
    buf_init(&outbox->label->answers, ANSWERS_BYTES_MAX);
}

void outbox_label_take(struct outbox *outbox, const struct chat_event *event, struct buf *out)
{
    if (outbox->label) {
        struct buf *answers = &outbox->label->answers;
        if (buf_error(answers))
            outbox_fail(outbox, CLOSE_NO_MEMORY);
        irc_dialect_label(outbox->form, event, bytes_of(outbox->label->label), buf_bytes(answers), out);
    }
    outbox_label_drop(outbox);
    if (event->text.len > 0 && outbox->reader.irc)
        begin(outbox, event->text);
}

/* What was said to oneself is, as what was heard, no answer. */
static bool is_answer(const struct user *user, const struct chat_event *event)
{
    if (event->audience == CHAT_TO_USER && event->actor_id == 0)
        return true;
    bool is_heard =
        event->kind == CHAT_EV_PRIVATE || (event->kind == CHAT_EV_PRIVATE_TAGS && event->count == 0);
    return event->actor_id == user->id && !is_heard;
}

struct buf *outbox_label_of(const struct outbox *outbox, const struct chat_event *event, struct buf *out)
{
    return outbox->label && is_answer(outbox->user, event) ? &outbox->label->answers : out;
}
