/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that one object has used, to find the second use of one. Few are
 * compared in turn, many are hashed: a hostile object costs no more than its
 * length.
 */
#ifndef US_NAMES_H
#define US_NAMES_H

#include <stdint.h>

#include "engine/str.h"

struct us_name_entry {
	struct us_str name; /* borrowed */
	uint32_t id;
};

/* The hash beside it spares most looks at the name. */
struct us_name_slot {
	uint32_t entry; /* position in v, plus one; 0: none */
	uint32_t hash;
};

/* A zeroed struct us_names is empty. */
struct us_names {
	struct us_name_entry *v;
	uint32_t n, cap;
	struct us_name_slot *slots; /* NULL while there are few */
	uint32_t mask;
	uint64_t key[2]; /* of the hash */
};

#define US_NAMES_NEW UINT32_MAX

/* Adds name under id; the id it was added under before, or US_NAMES_NEW. */
uint32_t us_names_add(struct us_names *names, struct us_str name, uint32_t id);

void us_names_reset(struct us_names *names); /* empties, keeps memory */
void us_names_free(struct us_names *names);

#endif
