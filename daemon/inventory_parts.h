/* SPDX-License-Identifier: Apache-2.0 */
/* What inventory.c, the file's items, has for shelf.c, which adds the store's.
 */
#ifndef US_INVENTORY_PARTS_H
#define US_INVENTORY_PARTS_H

#include "daemon/inventory.h"

/* The item of the file with that id or alias, or NULL. */
const struct us_thing *us_inventory_find(const struct us_inventory *inventory,
    struct us_str service, struct us_str access, struct us_str name);

/*
 * Items in order: the place of the first of the service behind an id (p NULL:
 * the first of all), and what is there, NULL when that is of another service.
 */
uint32_t us_inventory_place(const struct us_inventory *inventory,
    struct us_str service, struct us_str after);
const struct us_thing *us_inventory_at(const struct us_inventory *inventory,
    struct us_str service, uint32_t place);

/*
 * item_key.c: what it is filed under beside its names, so that it is found in
 * whatever spelling. In the arena.
 */
typedef US_LIST(struct us_str) us_names;
us_names us_thing_keys(const struct us_thing *thing, struct us_arena *a);

/* Have both an access type in common, which a name could not tell apart? */
bool us_things_overlap(const struct us_thing *a, const struct us_thing *b);

#endif
