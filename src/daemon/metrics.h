/* What the server tells programs about itself, in the text format of Prometheus (0.0.4). One table of names,
 * types and helps; docs/metrics.md shows it, and a test compares. */
#ifndef DAEMON_METRICS_H
#define DAEMON_METRICS_H

#include "base/buf.h"
#include "daemon/process_stats.h"

struct server;

#define METRICS_BYTES_MAX (256 * 1024)

/* Appends all of it; without `process`, what is known without it. Takes no longer than a few dozen additions and some printing. Errors stick in `out`. */
void metrics_render(const struct server *server, const struct process_stats *process, struct buf *out);

#endif
