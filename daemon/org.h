/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organisations: each with its directory, its workflow, its worker. The
 * active program is published by the writer and adopted by each loop between
 * two calls; nobody waits for anybody.
 */
#ifndef US_ORG_H
#define US_ORG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "daemon/directory.h"
#include "daemon/store.h"
#include "daemon/worker.h"
#include "daemon/workflow.h"
#include "engine/code.h"
#include "engine/diag.h"
#include "engine/match.h"

struct us_conf;
struct us_world;

/* A workflow that may decide: counted, immutable. */
struct us_active {
	atomic_uint users;
	uint64_t version;       /* 0: the virtual default */
	int64_t created;        /* ms since the epoch */
	struct us_prog *prog;
	struct us_rule_index index; /* of the rules of that version */
	struct us_arena arena;      /* of services */
	struct us_service_list services; /* built-in ones, then its own */
};
/* Takes the program and the index out of a draft that has them. */
struct us_active *us_active_new(
    uint64_t version, int64_t created, struct us_draft *draft);
struct us_active *us_active_ref(struct us_active *active);
void us_active_unref(struct us_active *active);

struct us_org {
	struct us_str name;
	unsigned index;          /* among the organisations */
	struct us_world *world;
	struct us_worker *worker;
	bool follows;            /* rules-follow: writes answer 409 */
	const char *rules_path, *directory_path, *inventory_path, *oncall_path;
	const struct us_conf_org *conf;
	/* The private parts of org.c: the active workflow, the directory. */
	struct us_org_state *state;
};

/*
 * Opens an organisation: loads its active workflow from the store, or seeds it
 * from rules_path, or takes the default. NULL with *error when rules or
 * directory are wrong: usherd does not start half. The writer must run, until
 * after us_org_close.
 */
struct us_org *us_org_open(struct us_world *world, struct us_str name,
    unsigned index, const struct us_conf_org *conf, struct us_buf *error);
/* Waits for what its worker and the writer have of it; no call may be left. */
void us_org_close(struct us_org *org);

/* The active workflow now; the caller gives the reference back. */
struct us_active *us_org_active(struct us_org *org);
/* Makes another one active. Takes the reference. */
void us_org_publish(struct us_org *org, struct us_active *active);
/* Goes up with every publish: what loops look at. */
uint64_t us_org_generation(const struct us_org *org);

struct us_directory *us_org_directory(struct us_org *org); /* a reference */

/*
 * Looks whether followed rules or the directory changed, and reloads; called
 * by a timer, and at once on SIGHUP. What is broken keeps the old.
 */
void us_org_refresh(struct us_org *org, bool now);
/* What is wrong with the files now ("" when nothing): readyz and metrics. */
void us_org_trouble(struct us_org *org, struct us_buf *out);

/* The active workflow as it was at a moment, and a matcher for one thread. */
struct us_decider {
	struct us_active *active;
	struct us_matcher *matcher;
};
/* Before it, the sources: what is replaced in between is seen by theirs. */
struct us_decider us_decider_now(struct us_org *org);
void us_decider_done(struct us_decider *decider); /* may be zero */

/* One loop's view: adopts the newest program, keeps it for one call. */
struct us_loop_org {
	uint64_t generation;
	struct us_decider decider;
};
struct us_loop {
	unsigned index;
	struct us_world *world;
	struct us_loop_org *orgs; /* by index */
};
struct us_loop *us_loop_new(struct us_world *world, unsigned index);
void us_loop_free(struct us_loop *loop);
/* The newest program adopted; until the loop adopts again. */
const struct us_decider *us_loop_adopt(struct us_loop *loop, struct us_org *org);

#endif
