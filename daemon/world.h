/* SPDX-License-Identifier: Apache-2.0 */
/* What a running usherd consists of; main.c builds it in order. */
#ifndef US_WORLD_H
#define US_WORLD_H

#include <stdatomic.h>

#include "daemon/conf.h"
#include "daemon/courier.h"
#include "daemon/due.h"
#include "daemon/http.h"
#include "daemon/metrics.h"
#include "daemon/org.h"
#include "daemon/store.h"
#include "daemon/token.h"
#include "daemon/watch.h"
#include "daemon/writer.h"

struct us_world {
	const struct us_conf *conf;
	struct us_store *store;
	struct us_writer *writer;
	struct us_token_key *key;
	struct us_org **orgs;
	unsigned org_count;
	struct us_http *http;
	int programs; /* what programs inherit (orphan.h) */
	struct us_keeper *keeper;
	struct us_couriers *couriers;
	struct us_watches *watches;
	atomic_llong due_offset; /* due.h */
	struct us_metrics *metrics;
	atomic_bool ready, stopping;
};

/* NULL when there is none of that name. */
struct us_org *us_world_org(const struct us_world *world, struct us_str name);
/* At the start: whose grants stand in the store, and nobody sees to them? */
void us_world_tell_left(const struct us_world *world);

#endif
