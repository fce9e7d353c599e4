/* The entries of operators.operator, "NAME HASH", made into what sessions check passwords against.
 *
 * Messages name an entry by its NAME only: they go to logs, where hashes do not belong. */
#ifndef DAEMON_OPERATOR_LIST_H
#define DAEMON_OPERATOR_LIST_H

#include "base/attr.h"
#include "base/buf.h"
#include "daemon/setting_type.h"
#include "session/operators.h"

/* Appends a line for each entry that is broken or names somebody twice. */
void operator_list_check(const struct setting_list *list, struct buf *errors);

/* 0; -ENOMEM; -EINVAL: an entry is broken, see operator_list_check(). The list may go; to be given to
 * operator_list_done(). */
MUST_CHECK int operator_list_load(const struct setting_list *list, struct operators *ret_operators);
void operator_list_done(struct operators *operators); /* also a zeroed one, and again */

#endif
