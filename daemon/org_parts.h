/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind org.h share: active.c, follow.c, org.c. */
#ifndef US_ORG_PARTS_H
#define US_ORG_PARTS_H

#include <pthread.h>

#include "daemon/inventory.h"
#include "daemon/oncall.h"
#include "daemon/org.h"

/* What an organisation reads from files, in the order in which it is read. */
enum us_org_file {
	US_FILE_DIRECTORY,
	US_FILE_ONCALL,
	US_FILE_INVENTORY,
	US_FILE_RULES,
	US_FILE_COUNT
};

/* A file or folder that is looked at again and again; the worker's. */
struct us_followed {
	const char *path;      /* NULL: there is none to follow */
	struct us_buf seen;    /* what its files looked like when last read */
	struct us_buf trouble; /* what is wrong with it; under the lock */
};

struct us_org_state {
	/*
	 * A pointer is taken together with a reference to what it points to,
	 * under the lock: between the two it might be freed.
	 */
	pthread_mutex_t lock;
	struct us_active *active;
	struct us_directory *directory;
	struct us_oncall *oncall;
	struct us_inventory *inventory;
	struct us_followed files[US_FILE_COUNT];

	atomic_uint_fast64_t generation; /* of the active workflow */
	atomic_uint_fast64_t replaced;   /* of all sources: sources.h */

	atomic_bool refreshing; /* the worker has been asked to */
	atomic_bool again;      /* and shall read the files in any case */
	atomic_size_t jobs;     /* bytes of the bodies of its jobs */
	atomic_uint guests;     /* its jobs of people who are no managers */
};

/* These take the reference. What was there before is given back. */
void us_org_set_directory(struct us_org *org, struct us_directory *directory);
void us_org_set_oncall(struct us_org *org, struct us_oncall *oncall);
void us_org_set_inventory(struct us_org *org, struct us_inventory *inventory);

/*
 * Who waits or has access may no longer be who may: the directory or the
 * workflow was replaced.
 */
void us_org_review(struct us_org *org);

/* The newest version of the store, or else the default, becomes active. */
bool us_org_load_stored(struct us_org *org, struct us_buf *error);

/*
 * What the file says takes the place of what there was; rules become the
 * newest version, unless that says the same. False with what is wrong in
 * *error. At the start, and on the worker.
 */
bool us_org_load(
    struct us_org *org, enum us_org_file file, struct us_buf *error);
/* What there was stays, for the file is wrong. Takes *error. */
void us_org_keep(
    struct us_org *org, enum us_org_file file, struct us_buf *error);

/*
 * After work on a large workflow, or with a body of so many bytes: what was
 * freed goes back to the system. Reading 100,000 rules takes a gigabyte.
 */
void us_org_settle(struct us_org *org, size_t body);

/* Notes what the file looks like now; true when that is not as before. */
bool us_followed_look(struct us_followed *file);

#endif
