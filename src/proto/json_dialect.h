/* The dialect of programs: every line out is one JSON object with a `type`. docs/json.md is the contract. What
 * comes in is as in the plain dialect. It is chosen with /set, so there is always a name already. */
#ifndef PROTO_JSON_DIALECT_H
#define PROTO_JSON_DIALECT_H

#include "proto/dialect.h"

extern const struct dialect json_dialect;

#endif
