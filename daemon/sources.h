/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's own sources of facts at one moment: directory, on-call,
 * inventory. From these, and from nothing that a client says, come the facts
 * about people.
 */
#ifndef US_SOURCES_H
#define US_SOURCES_H

#include "daemon/directory.h"
#include "daemon/inventory.h"
#include "daemon/oncall.h"
#include "daemon/org.h"

struct us_sources {
	struct us_directory *directory;
	struct us_oncall *oncall;
	struct us_inventory *inventory;
	/* Goes up when any of them, an item of the store, or the active
	 * workflow is replaced; read before they were. */
	uint64_t generation;
};

/*
 * References to what is newest; given back by us_sources_done. To be taken
 * before the program that decides is adopted, and before the store is read:
 * what is replaced in between is then seen as stale.
 */
struct us_sources us_sources_now(struct us_org *org);
void us_sources_done(struct us_sources *sources);
/* What us_sources_now would say now: has anything changed since? */
uint64_t us_sources_generation(const struct us_org *org);
/* Something was replaced. */
void us_sources_changed(struct us_org *org);

/*
 * What is known of a person by e-mail; of one who is not in the directory:
 * nothing but the e-mail. NULL for an empty uid.
 */
struct us_person *us_known_person(
    const struct us_sources *sources, struct us_str uid, struct us_arena *a);
/* An agent's session. */
struct us_session *us_known_session(const struct us_sources *sources,
    struct us_str client, struct us_str owner, struct us_str provider,
    struct us_arena *a);
/* roles: bits of enum us_role, implied ones included. */
struct us_approver *us_known_approver(const struct us_sources *sources,
    struct us_str uid, unsigned roles, struct us_arena *a);

#endif
