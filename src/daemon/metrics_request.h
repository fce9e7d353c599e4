/* The little HTTP that the metrics port understands: the head of one GET or HEAD request (RFC 9112), nothing
 * that has a body. Pure.
 *
 * The Host header has to be localhost, a numeric address or the name of this server. A web page elsewhere that
 * lets its own name point here (DNS rebinding) sends that name, and learns nothing. */
#ifndef DAEMON_METRICS_REQUEST_H
#define DAEMON_METRICS_REQUEST_H

#include <stdbool.h>

#include "base/bytes.h"

#define METRICS_REQUEST_BYTES_MAX 4096

enum metrics_target { METRICS_TARGET_METRICS, METRICS_TARGET_HEALTH };

struct metrics_request {
    enum metrics_target target;
    bool is_head;
};

/* 0: more has to come. 200: *ret_request is filled in. Otherwise the status of the refusal: 400 (no HTTP of this
 * kind), 404, 405, 421 (the Host header), 431 (too long). `name` is the server's. */
int metrics_request_parse(struct bytes in, struct bytes name, struct metrics_request *ret_request);

#endif
