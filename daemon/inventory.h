/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory: what there is to ask for (SPEC 7, 17). Items come from a JSON
 * file, a counted, immutable snapshot that a broken new file does not replace;
 * and from the API, in the store, where an item takes the place of one of the
 * file with the same service and id.
 */
#ifndef US_INVENTORY_H
#define US_INVENTORY_H

#include "daemon/store.h"
#include "engine/json_read.h"
#include "engine/request.h"
#include "engine/vocab.h"

struct us_thing { /* an item of the inventory */
	struct us_str service, id, label, group;
	US_LIST(struct us_str) access;  /* access types it can be asked for */
	US_LIST(struct us_str) aliases; /* other names for it */
	us_attr_list attrs;
	struct us_str connect; /* JSON object, or empty */
};

struct us_inventory;

/* NULL with what is wrong in *error. Counted: the caller holds one. */
struct us_inventory *us_inventory_load(const char *path, struct us_buf *error);
struct us_inventory *us_inventory_empty(void);
struct us_inventory *us_inventory_ref(struct us_inventory *inventory);
void us_inventory_unref(struct us_inventory *inventory);

/* Where to look: the file's items, and those of the store. */
struct us_shelf {
	const struct us_inventory *file;
	struct us_txn *txn;
	struct us_str org;
};

/*
 * The item of that service, listed for that access type (p NULL: any), with
 * that id or alias. False when there is none. Strings live as the file and
 * the arena do.
 */
bool us_shelf_find(const struct us_shelf *shelf, struct us_str service,
    struct us_str access, struct us_str name, struct us_arena *a,
    struct us_thing *thing);
/*
 * Each item of the service that is listed for the access type, by id, from the
 * one behind `after` on (p NULL: the first), until each returns false. The
 * item of a call lives until the next.
 */
typedef bool us_shelf_each(void *arg, const struct us_thing *thing);
void us_shelf_scan(const struct us_shelf *shelf, struct us_str service,
    struct us_str access, struct us_str after, us_shelf_each *each, void *arg);

/*
 * On the writer thread: puts an item of the API into the store. False, with
 * the item that has one of its names for the same access type in *other.
 */
bool us_shelf_put(struct us_txn *txn, struct us_str org,
    const struct us_thing *thing, struct us_arena *a, struct us_thing *other);
/* Takes it out, which *thing then is. False when it is not in the store. */
bool us_shelf_take(struct us_txn *txn, struct us_str org, struct us_str service,
    struct us_str id, struct us_arena *a, struct us_thing *thing);

/* --- thing.c ------------------------------------------------------------ */

/*
 * An item from and to JSON, one form for file, API and store. services: those
 * whose access types and filters are checked; of others any are right. When
 * the thing has a service and an id before, the value must say the same.
 */
void us_thing_read(struct us_json_reader *r, struct us_json_value value,
    const struct us_service_list *services, struct us_thing *thing);
void us_thing_json(const struct us_thing *thing, struct us_buf *out);
/* Is it listed for that access type (p NULL: any)? */
bool us_thing_allows(const struct us_thing *thing, struct us_str access);

#endif
