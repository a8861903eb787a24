/* SPDX-License-Identifier: Apache-2.0 */
/* What a running usherd consists of; main.c builds it in order. */
#ifndef US_WORLD_H
#define US_WORLD_H

#include <stdatomic.h>

#include "daemon/conf.h"
#include "daemon/http.h"
#include "daemon/metrics.h"
#include "daemon/org.h"
#include "daemon/store.h"
#include "daemon/token.h"
#include "daemon/writer.h"

struct us_world {
	const struct us_conf *conf;
	struct us_store *store;
	struct us_writer *writer;
	struct us_token_key *key;
	struct us_org **orgs;
	unsigned org_count;
	struct us_http *http;
	struct us_metrics *metrics;
	atomic_bool ready, stopping;
};

/* NULL when there is none of that name. */
struct us_org *us_world_org(const struct us_world *world, struct us_str name);

#endif
