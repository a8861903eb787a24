/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the inventory finds a thing in whatever spelling: beside its id and its
 * aliases it is filed under their canonical forms, one for each access type.
 * No name has a newline, so that they are no names.
 */
#include "daemon/inventory_parts.h"
#include "daemon/item_parts.h"

struct us_str
us_item_key(const struct us_item_row *row, struct us_str access,
    const struct us_spelling *s, struct us_str account)
{
	struct us_str name = s->name.p ? s->name : s->main;

	if (row->form == us_form_PLAIN || row->form == us_form_TEXT ||
	    row->form == us_form_NONE || !name.n)
		return (struct us_str){0};
	if (!s->name.p || !account.n)
		return us_str(us_arena_printf(
		    s->a, "%.*s\n%.*s", US_ARG(access), US_ARG(name)));
	return us_str(us_arena_printf(s->a, "%.*s\n%.*s\n%.*s", US_ARG(access),
	    US_ARG(name), US_ARG(account)));
}

struct filing {
	const struct us_thing *thing;
	struct us_arena *a;
	us_names *keys;
};

static void
add_key(struct filing *f, struct us_str key)
{
	const struct us_str *old;

	US_EACH (old, f->keys) {
		if (us_str_eq(*old, key))
			return;
	}
	if (key.p)
		*us_list_add(f->a, f->keys) = key;
}

/* The accounts that it has by its attributes, or NULL. */
static const struct us_attr_key *
find_accounts(const struct us_thing *thing)
{
	const struct us_attr_key *key;
	const struct us_attr *attr;

	US_EACH (attr, &thing->attrs) {
		if (!us_str_is(attr->filter, "account"))
			continue;
		US_EACH (key, &attr->keys) {
			if (us_str_is(key->key, "id") && key->values.n)
				return key;
		}
	}
	return NULL;
}

static struct us_str
said_account(const struct us_spelling *s)
{
	const struct us_spelled *said =
	    us_spelled_find(s, US_STR("account"), US_STR("id"));

	return said ? said->value : (struct us_str){0};
}

/* home: the account that the id of the thing says. */
static void
file(struct filing *f, struct us_str access, struct us_str name,
    struct us_str *home)
{
	const struct us_item_row *row = us_item_row(f->thing->service, access);
	const struct us_attr_key *accounts = find_accounts(f->thing);
	struct us_spelling s = {.a = f->a, .listed = true};
	const struct us_str *account;

	if (!row->form(&s, name, us_str(row->sets)))
		return;
	if (!home->p)
		*home = said_account(&s);
	if (!accounts) {
		add_key(f, us_item_key(row, access, &s, *home));
		return;
	}
	US_EACH (account, &accounts->values)
		add_key(f, us_item_key(row, access, &s, *account));
}

us_names
us_thing_keys(const struct us_thing *thing, struct us_arena *a)
{
	us_names keys = {0};
	struct filing f = {thing, a, &keys};
	const struct us_str *access, *alias;
	struct us_str home;

	US_EACH (access, &thing->access) {
		if (us_item_row(thing->service, *access)->form == us_form_PLAIN)
			continue;
		home = (struct us_str){0};
		file(&f, *access, thing->id, &home);
		US_EACH (alias, &thing->aliases)
			file(&f, *access, *alias, &home);
	}
	return keys;
}
