/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inventory of a file, an immutable snapshot: items by name, where a name
 * is an id or an alias and means one item for each access type; and in order.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/inventory_parts.h"
#include "daemon/json_file.h"
#include "engine/err.h"
#include "engine/symtab.h"

struct named { /* the items that have a name */
	US_LIST(uint32_t) things;
};

struct us_inventory {
	atomic_uint users;
	struct us_arena arena;
	struct us_service_list services; /* the built-in ones */
	US_LIST(struct us_thing) things;
	const struct us_thing **sorted; /* by service and id */
	struct us_symtab names;		/* service, id or alias */
	US_LIST(struct named) named;	/* by the number of the symbol */
};

/* Have both an access type in common, which a name could not tell apart? */
bool
us_things_overlap(const struct us_thing *a, const struct us_thing *b)
{
	const struct us_str *access;

	US_EACH (access, &a->access) {
		if (us_thing_allows(b, *access))
			return true;
	}
	return false;
}

static void
add_name(struct us_json_reader *r, struct us_json_value value,
    struct us_inventory *inventory, uint32_t index, struct us_str name)
{
	const struct us_thing *thing = &inventory->things.v[index], *other;
	uint32_t symbol =
	    us_symtab_add(r->arena, &inventory->names, thing->service, name);
	/* A key is no name, and the id is another spelling of it. */
	struct us_str shown = memchr(name.p, '\n', name.n) ? thing->id : name;
	const uint32_t *i;

	if (symbol == inventory->named.n)
		us_list_add(r->arena, &inventory->named);
	US_EACH (i, &inventory->named.v[symbol].things) {
		other = &inventory->things.v[*i];
		/* One that is named twice by itself is none the worse. */
		if (*i == index)
			return;
		if (us_str_eq(other->id, thing->id) ||
		    us_things_overlap(thing, other)) {
			us_json_error(r, US_DIAG_DUPLICATE, value,
			    "\"%.*s\" of \"%.*s\" is a name of \"%.*s\" "
			    "already; a name means one item",
			    US_ARG(shown), US_ARG(thing->service),
			    US_ARG(other->id));
			return;
		}
	}
	*us_list_add(r->arena, &inventory->named.v[symbol].things) = index;
}

static void
read_item(struct us_json_reader *r, struct us_json_value value,
    struct us_inventory *inventory)
{
	uint32_t index = inventory->things.n;
	unsigned errors = r->errors;
	const struct us_str *name;
	struct us_thing *thing;
	us_names keys;

	thing = us_list_add(r->arena, &inventory->things);
	us_thing_read(r, value, &inventory->services, thing);
	if (r->errors > errors)
		return;
	add_name(r, value, inventory, index, thing->id);
	US_EACH (name, &thing->aliases)
		add_name(r, value, inventory, index, *name);
	keys = us_thing_keys(thing, r->arena);
	US_EACH (name, &keys)
		add_name(r, value, inventory, index, *name);
}

static void
read_inventory(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { ITEMS, COUNT };
	static const char *const names[] = {"items"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(ITEMS), 0}};
	static const struct us_json_form form =
	    US_FORM("an inventory", names, shapes);
	struct us_json_value slots[COUNT], item;
	struct us_json_walk walk;

	if (us_json_members(r, &form, value, slots) < 0 ||
	    !us_json_is(r, slots[ITEMS], US_JSON_ARRAY))
		return;
	walk = us_json_walk(r->src, slots[ITEMS]);
	while (us_json_each(r, &walk, &item))
		read_item(r, item, what);
}

static int
compare(const void *a, const void *b)
{
	const struct us_thing *x = *(const struct us_thing *const *)a;
	const struct us_thing *y = *(const struct us_thing *const *)b;
	int order = us_str_cmp(x->service, y->service);

	return order ? order : us_str_cmp(x->id, y->id);
}

static void
sort(struct us_inventory *inventory)
{
	uint32_t n = inventory->things.n;

	inventory->sorted =
	    us_arena_alloc(&inventory->arena, n * sizeof(*inventory->sorted));
	for (uint32_t i = 0; i < n; i++)
		inventory->sorted[i] = &inventory->things.v[i];
	if (n)
		qsort(
		    inventory->sorted, n, sizeof(*inventory->sorted), compare);
}

struct us_inventory *
us_inventory_empty(void)
{
	struct us_inventory *inventory = us_calloc(1, sizeof(*inventory));

	atomic_init(&inventory->users, 1);
	return inventory;
}

struct us_inventory *
us_inventory_load(const char *path, struct us_buf *error)
{
	struct us_inventory *inventory = us_inventory_empty();

	inventory->services.v =
	    us_vocab_services(&inventory->arena, &inventory->services.n);
	if (us_json_file_read(
		path, &inventory->arena, read_inventory, inventory, error)) {
		sort(inventory);
		return inventory;
	}
	us_inventory_unref(inventory);
	return NULL;
}

struct us_inventory *
us_inventory_ref(struct us_inventory *inventory)
{
	atomic_fetch_add_explicit(&inventory->users, 1, memory_order_relaxed);
	return inventory;
}

void
us_inventory_unref(struct us_inventory *inventory)
{
	if (!inventory || atomic_fetch_sub_explicit(
			      &inventory->users, 1, memory_order_acq_rel) != 1)
		return;
	us_arena_free(&inventory->arena);
	free(inventory);
}

const struct us_thing *
us_inventory_find(const struct us_inventory *inventory, struct us_str service,
    struct us_str access, struct us_str name)
{
	uint32_t symbol = us_symtab_find(&inventory->names, service, name);
	const uint32_t *i;

	if (symbol == US_NO_SYMBOL)
		return NULL;
	US_EACH (i, &inventory->named.v[symbol].things) {
		if (us_thing_allows(&inventory->things.v[*i], access))
			return &inventory->things.v[*i];
	}
	return NULL;
}

uint32_t
us_inventory_place(const struct us_inventory *inventory, struct us_str service,
    struct us_str after)
{
	const struct us_thing key = {.service = service, .id = after};
	const struct us_thing *pointer = &key;
	uint32_t low = 0, high = inventory->things.n, middle;
	int order;

	while (low < high) {
		middle = low + (high - low) / 2;
		order = compare(&inventory->sorted[middle], &pointer);
		if (order < 0 || (order == 0 && after.p))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct us_thing *
us_inventory_at(
    const struct us_inventory *inventory, struct us_str service, uint32_t place)
{
	if (place >= inventory->things.n ||
	    !us_str_eq(inventory->sorted[place]->service, service))
		return NULL;
	return inventory->sorted[place];
}
