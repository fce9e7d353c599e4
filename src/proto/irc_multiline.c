/* See irc_multiline.h. */
#include "proto/irc_multiline.h"

#include <stdio.h>
#include <stdlib.h>

#include "chat/chat_event.h"
#include "chat/text.h"
#include "proto/irc_cap.h"
#include "proto/irc_out.h"

#define TYPE "draft/multiline"
#define CONCAT "draft/multiline-concat"

static const struct bytes nothing = {NULL, 0};

static void fail(const struct irc_reader *reader, const char *code, struct bytes first, struct bytes second,
                 const char *text, struct buf *out)
{
    irc_out_fail(reader,
                 &(struct irc_out_fail){
                     .command = "BATCH", .code = code, .first = first, .second = second, .text = text},
                 out);
}

static enum irc_multiline_result drop(struct irc_multiline *batch)
{
    batch->is_dropped = true;
    buf_done(&batch->text);
    return IRC_MULTILINE_TAKEN;
}

static enum irc_multiline_result refuse(struct irc_multiline *batch, const struct irc_reader *reader,
                                        const char *text, struct buf *out)
{
    fail(reader, "MULTILINE_INVALID", nothing, nothing, text, out);
    return drop(batch);
}

static enum irc_multiline_result refuse_size(struct irc_multiline *batch, const struct irc_reader *reader,
                                             const char *code, int limit, const char *text, struct buf *out)
{
    char number[24];

    snprintf(number, sizeof(number), "%d", limit);
    fail(reader, code, bytes_of(number), nothing, text, out);
    return drop(batch);
}

/* ---- its beginning and end ---- */

/* Tags that are too long to be passed on need not be kept. */
static bool keep_tags(struct irc_multiline *batch, struct bytes tags)
{
    batch->tags = bytes_dup(tags.len <= CHAT_TAGS_BYTES_MAX ? tags : nothing);
    return batch->tags != NULL;
}

static enum irc_multiline_result begin(struct irc_multiline **batch, const struct irc_reader *reader,
                                       const struct irc_message *message, struct bytes reference,
                                       struct buf *out)
{
    struct bytes target = irc_message_param(message, 2), label = nothing;

    if (*batch != NULL)
        return refuse(*batch, reader, "Another batch is open; both are dropped", out);
    if (!bytes_eq(irc_message_param(message, 1), BYTES(TYPE)) || message->param_count != 3 ||
        target.len == 0) {
        fail(reader, "MULTILINE_INVALID", nothing, nothing, "Batches are BATCH +reference " TYPE " target",
             out);
        return IRC_MULTILINE_TAKEN;
    }
    struct irc_multiline *made = calloc(1, sizeof(*made));
    if (made == NULL || !keep_tags(made, message->tags)) {
        free(made);
        return IRC_MULTILINE_NO_MEMORY;
    }
    if (!bytes_copy(reference, made->reference, sizeof(made->reference)) ||
        !bytes_copy(target, made->target, sizeof(made->target))) {
        irc_multiline_free(made);
        fail(reader, "MULTILINE_INVALID", nothing, nothing, "The reference or the target is too long", out);
        return IRC_MULTILINE_TAKEN;
    }
    if (irc_label_find(reader, message, &label))
        bytes_copy(label, made->label, sizeof(made->label));
    buf_init(&made->text, TEXT_BYTES_MAX);
    *batch = made;
    return IRC_MULTILINE_TAKEN;
}

static bool is_blank(struct bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] != '\n' && text.ptr[i] != ' ')
            return false;
    }
    return true;
}

static enum irc_multiline_result end(struct irc_multiline **batch, const struct irc_reader *reader,
                                     struct bytes reference, struct buf *out)
{
    if (*batch == NULL || !bytes_eq(reference, bytes_of((*batch)->reference))) {
        fail(reader, "MULTILINE_INVALID", nothing, nothing, "No such batch is open", out);
        return IRC_MULTILINE_TAKEN;
    }
    (*batch)->is_done = true;
    if ((*batch)->is_dropped)
        return IRC_MULTILINE_TAKEN;
    if (!is_blank(buf_bytes(&(*batch)->text)))
        return IRC_MULTILINE_DONE;
    fail(reader, "MULTILINE_INVALID", nothing, nothing, "There was nothing in it", out);
    return IRC_MULTILINE_TAKEN;
}

/* ---- its lines ---- */

static enum irc_multiline_result add(struct irc_multiline *batch, const struct irc_reader *reader,
                                     const struct irc_message *message, struct buf *out)
{
    struct bytes text = irc_message_param(message, 1), value;
    bool is_more = irc_tag_find(message->tags, BYTES(CONCAT), &value) && batch->line_count > 0;

    if (++batch->line_count > TEXT_LINES_MAX)
        return refuse_size(batch, reader, "MULTILINE_MAX_LINES", TEXT_LINES_MAX, "Too many lines", out);
    size_t needed = text.len + (batch->line_count > 1 && !is_more ? 1 : 0);
    if (batch->text.len + needed > TEXT_BYTES_MAX)
        return refuse_size(batch, reader, "MULTILINE_MAX_BYTES", TEXT_BYTES_MAX, "Too many bytes", out);
    if (needed > text.len)
        buf_put_char(&batch->text, '\n');
    buf_put(&batch->text, text);
    if (buf_error(&batch->text) == 0)
        return IRC_MULTILINE_TAKEN;
    (void)drop(batch);
    return IRC_MULTILINE_NO_MEMORY;
}

static enum irc_multiline_result take_line(struct irc_multiline *batch, const struct irc_reader *reader,
                                           const struct irc_message *message, struct buf *out)
{
    bool is_notice = bytes_eq_nocase(message->command, BYTES("NOTICE"));
    struct bytes target = irc_message_param(message, 0);

    if (batch->is_dropped)
        return IRC_MULTILINE_TAKEN;
    if (!is_notice && !bytes_eq_nocase(message->command, BYTES("PRIVMSG")))
        return refuse(batch, reader, "Only PRIVMSG, or only NOTICE, can be in a batch", out);
    if (batch->line_count > 0 && is_notice != batch->is_notice)
        return refuse(batch, reader, "Only PRIVMSG, or only NOTICE, can be in a batch", out);
    if (!bytes_eq_nocase(target, bytes_of(batch->target))) {
        fail(reader, "MULTILINE_INVALID_TARGET", bytes_of(batch->target),
             target.len > 0 ? target : BYTES("*"), "All lines go where the batch goes", out);
        return drop(batch);
    }
    batch->is_notice = is_notice;
    return add(batch, reader, message, out);
}

enum irc_multiline_result irc_multiline_take(struct irc_multiline **batch, const struct irc_reader *reader,
                                             const struct irc_message *message, struct buf *out)
{
    struct bytes reference = irc_message_param(message, 0), of;
    bool is_batch = bytes_eq_nocase(message->command, BYTES("BATCH"));
    char sign = reference.len > 1 ? reference.ptr[0] : '\0';

    if ((reader->caps & IRC_CAP_F_MULTILINE) == 0 && *batch == NULL)
        return IRC_MULTILINE_OTHER;
    if (!is_batch && !irc_tag_find(message->tags, BYTES("batch"), &of))
        return IRC_MULTILINE_OTHER;
    if (!is_batch)
        return *batch != NULL && bytes_eq(of, bytes_of((*batch)->reference))
                   ? take_line(*batch, reader, message, out)
                   : IRC_MULTILINE_TAKEN; /* its beginning was refused: without the rest it is not said */
    if (sign == '+')
        return begin(batch, reader, message, bytes_slice(reference, 1, reference.len), out);
    if (sign == '-')
        return end(batch, reader, bytes_slice(reference, 1, reference.len), out);
    fail(reader, "MULTILINE_INVALID", nothing, nothing, "Batches begin with BATCH +reference", out);
    return IRC_MULTILINE_TAKEN;
}

void irc_multiline_clean(struct irc_multiline **batch)
{
    if (*batch == NULL || !(*batch)->is_done)
        return;
    irc_multiline_free(*batch);
    *batch = NULL;
}

bool irc_multiline_use_label(struct irc_multiline *batch, struct bytes *ret_label)
{
    if (batch->label[0] == '\0' || batch->is_answered)
        return false;
    batch->is_answered = true;
    *ret_label = bytes_of(batch->label);
    return true;
}

void irc_multiline_free(struct irc_multiline *batch)
{
    if (batch == NULL)
        return;
    buf_done(&batch->text);
    free(batch->tags);
    free(batch);
}
