/* SPDX-License-Identifier: Apache-2.0 */
/* What the files behind org.h share: active.c, follow.c, org.c. */
#ifndef US_ORG_PARTS_H
#define US_ORG_PARTS_H

#include <pthread.h>

#include "daemon/org.h"

/* A file or folder that is looked at again and again; the worker's. */
struct us_watch {
	struct us_buf seen; /* what its files looked like when last read */
};

struct us_org_state {
	/*
	 * A pointer is taken together with a reference to what it points to,
	 * under the lock: between the two it might be freed.
	 */
	pthread_mutex_t lock;
	struct us_active *active;
	struct us_directory *directory;
	struct us_buf rules_trouble, directory_trouble;

	atomic_uint_fast64_t generation;

	struct us_watch rules, people;
	atomic_bool refreshing; /* the worker has been asked to */
	atomic_bool again;      /* and shall read the files in any case */
	atomic_size_t jobs;     /* bytes of the bodies of its jobs */
	atomic_uint guests;     /* its jobs of people who are no managers */
};

/* Takes the reference. */
void us_org_set_directory(struct us_org *org, struct us_directory *directory);

/*
 * Makes what the files say the newest version, unless it says the same. False
 * with what is wrong in *error. At the start, and on the worker.
 */
bool us_org_load_rules(struct us_org *org, struct us_buf *error);
/* The active rules stay, for those of the files are wrong. Takes *error. */
void us_org_keep_rules(struct us_org *org, struct us_buf *error);
/* us_org_load_rules for the directory. */
bool us_org_load_directory(struct us_org *org, struct us_buf *error);

/*
 * After work on a large workflow, or with a body of so many bytes: what was
 * freed goes back to the system. Reading 100,000 rules takes a gigabyte.
 */
void us_org_settle(struct us_org *org, size_t body);

/* Notes what the files look like now; true when that is not as before. */
bool us_watch_look(struct us_watch *watch, const char *path);

#endif
