/* What Tab makes of the beginning of a word: a name, a /command or a #room. */
#ifndef SESSION_TERMINAL_COMPLETE_H
#define SESSION_TERMINAL_COMPLETE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/bytes.h"

/* An editor_complete_fn (proto/editor.h); `arg` is a struct session. Names are those in the current room,
 * rooms those one is in. The order is that of the folded names, so that people who come and go between
 * two Tabs do no harm. */
bool terminal_complete(void *arg, struct bytes prefix, bool is_line_start, struct bytes after,
                       struct buf *out);

#endif
