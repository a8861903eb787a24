/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shelf: items of the store before those of the file. The store has two
 * kinds of rows: org, service, id with the item as JSON; and org, "",
 * service, alias or key of item_key.c, id with the id, for no service is
 * without a name. A value begins with its version.
 */
#include "daemon/inventory_parts.h"

#define VERSION 1

static struct us_key
key_of(struct us_str org, struct us_str service)
{
	struct us_key key = {0};

	us_key_text(&key, org);
	us_key_text(&key, service);
	return key;
}

/* Of all items with that alias. */
static struct us_key
alias_key(struct us_str org, struct us_str service, struct us_str alias)
{
	struct us_key key = key_of(org, US_STR(""));

	us_key_text(&key, service);
	us_key_text(&key, alias);
	return key;
}

static struct us_str
unversioned(struct us_str value)
{
	if (!value.n || value.p[0] != VERSION)
		return (struct us_str){0};
	return (struct us_str){value.p + 1, value.n - 1};
}

/* False for what cannot be read: nothing is known of such an item. */
static bool
decode(struct us_str value, struct us_arena *a, struct us_thing *thing)
{
	struct us_diags diags = {0};
	struct us_json_reader r = {.diags = &diags, .arena = a};
	struct us_json_value json;
	bool good;

	*thing = (struct us_thing){0};
	r.src = us_src_new("item", unversioned(value), US_FORMAT_JSON);
	if (us_json_parse(r.src, &diags, &json))
		us_thing_read(&r, json, NULL, thing);
	good = diags.errors == 0;
	us_src_free(r.src);
	us_diags_free(&diags);
	return good;
}

static bool
get(struct us_txn *txn, struct us_str org, struct us_str service,
    struct us_str id, struct us_arena *a, struct us_thing *thing)
{
	struct us_key key = key_of(org, service);
	struct us_str value;

	us_key_text(&key, id);
	return us_txn_get(txn, US_TABLE_INVENTORY, us_key_str(&key), &value) &&
	       decode(value, a, thing);
}

static bool
is_stored(struct us_txn *txn, struct us_str org, struct us_str service,
    struct us_str id)
{
	struct us_key key = key_of(org, service);
	struct us_str value;

	us_key_text(&key, id);
	return us_txn_get(txn, US_TABLE_INVENTORY, us_key_str(&key), &value);
}

/* --- By name ------------------------------------------------------------ */

typedef US_LIST(struct us_str) us_ids;
struct alias_scan {
	struct us_arena *a;
	us_ids ids;
};

static bool
add_id(void *arg, struct us_str key, struct us_str value)
{
	struct alias_scan *scan = arg;

	(void)key;
	*us_list_add(scan->a, &scan->ids) =
	    us_arena_str(scan->a, unversioned(value));
	return true;
}

static us_ids
aliased(struct us_txn *txn, struct us_str org, struct us_str service,
    struct us_str alias, struct us_arena *a)
{
	struct us_key key = alias_key(org, service, alias);
	struct alias_scan scan = {.a = a};

	us_txn_scan(txn, US_TABLE_INVENTORY, us_key_str(&key),
	    (struct us_str){0}, false, add_id, &scan);
	return scan.ids;
}

static bool
find_stored(const struct us_shelf *shelf, struct us_str service,
    struct us_str access, struct us_str name, struct us_arena *a,
    struct us_thing *thing)
{
	const struct us_str *id;
	us_ids ids;

	if (get(shelf->txn, shelf->org, service, name, a, thing) &&
	    us_thing_allows(thing, access))
		return true;
	ids = aliased(shelf->txn, shelf->org, service, name, a);
	US_EACH (id, &ids) {
		if (get(shelf->txn, shelf->org, service, *id, a, thing) &&
		    us_thing_allows(thing, access))
			return true;
	}
	return false;
}

bool
us_shelf_find(const struct us_shelf *shelf, struct us_str service,
    struct us_str access, struct us_str name, struct us_arena *a,
    struct us_thing *thing)
{
	const struct us_thing *found = NULL;

	if (shelf->txn && find_stored(shelf, service, access, name, a, thing))
		return true;
	if (shelf->file)
		found = us_inventory_find(shelf->file, service, access, name);
	/* One of the store has its place, under whatever names. */
	if (!found || (shelf->txn && is_stored(shelf->txn, shelf->org, service,
					 found->id)))
		return false;
	*thing = *found;
	return true;
}

/* --- All ---------------------------------------------------------------- */

struct merge {
	const struct us_shelf *shelf;
	struct us_str service, access, after;
	us_shelf_each *each;
	void *arg;
	uint32_t place;	       /* the next of the file */
	struct us_arena arena; /* of an item of the store */
	bool stored, over;
};

static void
give(struct merge *m, const struct us_thing *thing)
{
	if (!m->over && us_thing_allows(thing, m->access))
		m->over = !m->each(m->arg, thing);
}

/* Those of the file up to an id (p NULL: all the rest). */
static void
give_up_to(struct merge *m, struct us_str id)
{
	const struct us_shelf *shelf = m->shelf;
	const struct us_thing *thing;

	while (shelf->file && !m->over) {
		thing = us_inventory_at(shelf->file, m->service, m->place);
		if (!thing || (id.p && us_str_cmp(thing->id, id) > 0))
			return;
		if (!m->stored ||
		    !is_stored(shelf->txn, shelf->org, m->service, thing->id))
			give(m, thing);
		m->place++;
	}
}

static bool
merge_stored(void *arg, struct us_str key, struct us_str value)
{
	struct merge *m = arg;
	struct us_thing thing;

	(void)key;
	m->stored = true;
	us_arena_reset(&m->arena);
	if (!decode(value, &m->arena, &thing) || us_str_eq(thing.id, m->after))
		return true;
	give_up_to(m, thing.id);
	give(m, &thing);
	return !m->over;
}

void
us_shelf_scan(const struct us_shelf *shelf, struct us_str service,
    struct us_str access, struct us_str after, us_shelf_each *each, void *arg)
{
	struct us_key prefix = key_of(shelf->org, service), from = prefix;
	struct us_str begin = {0};
	struct merge m = {.shelf = shelf,
	    .service = service,
	    .access = access,
	    .after = after,
	    .each = each,
	    .arg = arg};

	if (shelf->file)
		m.place = us_inventory_place(shelf->file, service, after);
	if (after.p) {
		us_key_text(&from, after);
		begin = us_key_str(&from);
	}
	if (shelf->txn)
		us_txn_scan(shelf->txn, US_TABLE_INVENTORY, us_key_str(&prefix),
		    begin, false, merge_stored, &m);
	give_up_to(&m, (struct us_str){0});
	us_arena_free(&m.arena);
}

/* --- Changing ----------------------------------------------------------- */

/* Its aliases, and what else it is filed under. */
static us_names
names_of(const struct us_thing *thing, struct us_arena *a)
{
	us_names names = us_thing_keys(thing, a);
	const struct us_str *alias;

	US_EACH (alias, &thing->aliases)
		*us_list_add(a, &names) = *alias;
	return names;
}

static void
drop_names(struct us_txn *txn, struct us_str org, const struct us_thing *thing,
    struct us_arena *a)
{
	us_names names = names_of(thing, a);
	const struct us_str *name;
	struct us_key key;

	US_EACH (name, &names) {
		key = alias_key(org, thing->service, *name);
		us_key_text(&key, thing->id);
		us_txn_delete(txn, US_TABLE_INVENTORY, us_key_str(&key));
	}
}

/* Another item of the store that has the name for one of the access types. */
static bool
find_rival(struct us_txn *txn, struct us_str org, const struct us_thing *thing,
    struct us_str alias, struct us_arena *a, struct us_thing *other)
{
	us_ids ids = aliased(txn, org, thing->service, alias, a);
	const struct us_str *id;

	*us_list_add(a, &ids) = alias;
	US_EACH (id, &ids) {
		if (!us_str_eq(*id, thing->id) &&
		    get(txn, org, thing->service, *id, a, other) &&
		    us_things_overlap(thing, other))
			return true;
	}
	return false;
}

static void
put_value(struct us_txn *txn, const struct us_key *key, struct us_str text)
{
	struct us_buf value = {0};

	us_buf_putc(&value, VERSION);
	us_buf_str_add(&value, text);
	us_txn_put(
	    txn, US_TABLE_INVENTORY, us_key_str(key), us_buf_str(&value));
	us_buf_free(&value);
}

bool
us_shelf_put(struct us_txn *txn, struct us_str org,
    const struct us_thing *thing, struct us_arena *a, struct us_thing *other)
{
	struct us_key key = key_of(org, thing->service);
	struct us_buf text = {0};
	us_names names = names_of(thing, a);
	const struct us_str *name;
	struct us_thing old;

	US_EACH (name, &names) {
		if (find_rival(txn, org, thing, *name, a, other))
			return false;
	}
	if (get(txn, org, thing->service, thing->id, a, &old))
		drop_names(txn, org, &old, a);
	us_key_text(&key, thing->id);
	us_thing_json(thing, &text);
	put_value(txn, &key, us_buf_str(&text));
	us_buf_free(&text);
	US_EACH (name, &names) {
		key = alias_key(org, thing->service, *name);
		us_key_text(&key, thing->id);
		put_value(txn, &key, thing->id);
	}
	return true;
}

bool
us_shelf_take(struct us_txn *txn, struct us_str org, struct us_str service,
    struct us_str id, struct us_arena *a, struct us_thing *thing)
{
	struct us_key key = key_of(org, service);

	if (!get(txn, org, service, id, a, thing))
		return false;
	drop_names(txn, org, thing, a);
	us_key_text(&key, id);
	return us_txn_delete(txn, US_TABLE_INVENTORY, us_key_str(&key));
}
