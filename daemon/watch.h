/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients that wait for a request to come to an end (SPEC 12, poll): lines of
 * JSON, a heartbeat every ten seconds, one line of data, and closed.
 */
#ifndef US_WATCH_H
#define US_WATCH_H

#include "daemon/http.h"
#include "daemon/store.h"

struct us_world;
struct us_watches;

struct us_watches *us_watches_start(struct us_world *world);
/*
 * Ends all streams, and answers new ones with 503. It may still be told of
 * changes, until us_watches_free.
 */
void us_watches_stop(struct us_watches *watches);
void us_watches_free(struct us_watches *watches);
/* So many may one caller wait for at a time. */
#define US_WATCHES_MAX 256
struct us_watcher {
	uint64_t who;   /* us_watch_who */
	bool generated; /* is shown what a provisioner generated */
	struct us_ticket ticket;
};
uint64_t us_watch_who(const struct us_org *org, const struct us_caller *caller);
/*
 * Streams heartbeats and the end of request id to the ticket; or answers 429,
 * when the caller waits for too many already.
 */
void us_watch(struct us_watches *watches, struct us_org *org, struct us_str id,
    const struct us_watcher *watcher);
/* A request changed, and that is committed; from any thread. */
void us_watch_changed(
    struct us_watches *watches, struct us_org *org, struct us_str id);

#endif
