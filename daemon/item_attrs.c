/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The attributes of an item. What the arguments spell out identifies it; beside
 * what the inventory says it may stand only where that says nothing, and what
 * neither says is not known of an item that is not in the inventory.
 */
#include "daemon/item_parts.h"

bool
us_making_refuse(struct us_making *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	m->error = us_arena_vprintf(m->a, fmt, ap);
	va_end(ap);
	return false;
}

static struct us_attr *
find_attr(struct us_making *m, struct us_str filter)
{
	struct us_attr *attr;

	US_EACH (attr, &m->attrs) {
		if (us_str_eq(attr->filter, filter))
			return attr;
	}
	return NULL;
}

static struct us_attr_key *
find_key(struct us_attr *attr, struct us_str key)
{
	struct us_attr_key *k;

	US_EACH (k, &attr->keys) {
		if (us_str_eq(k->key, key))
			return k;
	}
	return NULL;
}

static struct us_attr *
take_attr(struct us_making *m, struct us_str filter, enum us_attr_kind kind)
{
	struct us_attr *attr = find_attr(m, filter);

	if (attr)
		return attr;
	attr = us_list_add(m->a, &m->attrs);
	attr->filter = filter;
	attr->kind = kind;
	return attr;
}

static struct us_attr_key *
take_key(struct us_making *m, struct us_str filter, struct us_str key)
{
	struct us_attr *attr = take_attr(m, filter, US_ATTR_KEYED);
	struct us_attr_key *k = find_key(attr, key);

	if (!k) {
		k = us_list_add(m->a, &attr->keys);
		k->key = key;
	}
	return k;
}

/* The inventory's, in lists that may grow; their texts stay where they are. */
static void
copy_attrs(struct us_making *m, const us_attr_list *from)
{
	const struct us_attr_key *key;
	const struct us_attr *attr;
	struct us_attr *to;

	US_EACH (attr, from) {
		to = us_list_add(m->a, &m->attrs);
		to->filter = attr->filter;
		to->kind = attr->kind;
		to->value = attr->value;
		US_EACH (key, &attr->keys)
			*us_list_add(m->a, &to->keys) = *key;
	}
}

/* Is it one of those that only an inventory can know? */
static bool
is_inventorys(const struct us_making *m, const struct us_spelled *said)
{
	const char *list = m->ask->row->inventory;
	struct us_str word, filter, key;

	while (us_item_word(&list, &word)) {
		us_item_split(word, &filter, &key);
		if (us_str_eq(filter, said->filter) &&
		    (!key.p || us_str_eq(key, said->key)))
			return true;
	}
	return false;
}

/* An option and the inventory do not say the same. */
static bool
contradict(struct us_making *m, const struct us_spelled *said,
    const struct us_attr_key *key)
{
	if (!key || !key->values.n)
		return us_making_refuse(m,
		    "%.*s says that the %.*s %.*s of \"%.*s\" is \"%.*s\", "
		    "which the inventory does not say; leave it out",
		    US_ARG(said->by), US_ARG(said->filter), US_ARG(said->key),
		    US_ARG(m->thing->id), US_ARG(said->value));
	return us_making_refuse(m,
	    "%.*s says that the %.*s %.*s of \"%.*s\" is \"%.*s\", and the "
	    "inventory says \"%.*s\"; leave it out, or say the same",
	    US_ARG(said->by), US_ARG(said->filter), US_ARG(said->key),
	    US_ARG(m->thing->id), US_ARG(said->value),
	    US_ARG(key->values.v[0]));
}

static bool
agrees(const struct us_attr_key *key, const struct us_spelled *said)
{
	const struct us_str *v;

	US_EACH (v, &key->values) {
		if (said->nocase ? us_str_eq_nocase(*v, said->value)
				 : us_str_eq(*v, said->value))
			return true;
	}
	return false;
}

/* The path of an ARN is in no name; what the inventory says of it counts. */
static bool
check_arn(struct us_making *m)
{
	struct us_spelled said = {.filter = us_str(m->ask->row->sets),
	    .key = US_STR("arn"),
	    .value = m->arn,
	    .by = US_STR("its ARN")};
	struct us_attr *attr = find_attr(m, said.filter);
	struct us_attr_key *key = attr ? find_key(attr, said.key) : NULL;

	return !m->thing || !m->arn.p || !key || !key->values.n ||
	       agrees(key, &said) || contradict(m, &said, key);
}

/* Of an item of the inventory. */
static bool
add_said_listed(struct us_making *m, const struct us_spelled *said)
{
	struct us_attr *attr = find_attr(m, said->filter);
	struct us_attr_key *key = attr ? find_key(attr, said->key) : NULL;

	if (!said->value.p) {
		/* It has one for certain, though nobody says which. */
		if (!attr || (!key && attr->kind == US_ATTR_KEYED))
			take_key(m, said->filter, said->key)->unknown = true;
		return true;
	}
	if (key || (attr && attr->kind != US_ATTR_KEYED)) {
		if (!said->option || (key && agrees(key, said)))
			return true;
		return contradict(m, said, key);
	}
	if (is_inventorys(m, said))
		return !said->option || contradict(m, said, NULL);
	key = take_key(m, said->filter, said->key);
	*us_list_add(m->a, &key->values) = said->value;
	return true;
}

static bool
add_said(struct us_making *m, const struct us_spelled *said)
{
	struct us_attr_key *key;

	if (m->thing)
		return add_said_listed(m, said);
	key = take_key(m, said->filter, said->key);
	if (said->value.p)
		*us_list_add(m->a, &key->values) = said->value;
	else
		key->unknown = true;
	return true;
}

/* What has not been said, and yet is so or otherwise: not known. */
static void
add_unknown(struct us_making *m, const char *list)
{
	struct us_str word, filter, key;
	struct us_attr_key *k;

	while (us_item_word(&list, &word)) {
		us_item_split(word, &filter, &key);
		if (!key.p) {
			take_attr(m, filter, US_ATTR_UNKNOWN);
			continue;
		}
		k = take_key(m, filter, key);
		k->unknown = k->values.n == 0;
	}
}

/* A company's own services have no arguments that spell anything out. */
static void
add_unknown_own(struct us_making *m)
{
	const struct us_service_filter *filter;

	US_EACH (filter, &m->ask->service->filters)
		take_attr(m, filter->name.s, US_ATTR_UNKNOWN);
}

static bool
is_given(const struct us_making *m, const struct us_item_option *option)
{
	const struct us_item_given *given;

	US_EACH (given, &m->ask->given) {
		if (given->option == option)
			return true;
	}
	return false;
}

static bool
add_flag(struct us_making *m, const struct us_item_option *option)
{
	struct us_str filter = us_str(option->sets);
	bool given = is_given(m, option);
	struct us_attr *attr = find_attr(m, filter);

	if (attr && given && !(attr->kind == US_ATTR_BOOLEAN && attr->value))
		return us_making_refuse(m,
		    "\"%.*s\" cannot be asked for with --%s: the inventory "
		    "says so",
		    US_ARG(m->thing->id), option->name);
	if (!attr)
		take_attr(m, filter, US_ATTR_BOOLEAN)->value = given;
	return true;
}

/* Flags that were not given say something too; what must be said, was it? */
static bool
add_option(struct us_making *m, const struct us_item_option *option)
{
	struct us_str filter, key;
	struct us_attr *attr;

	if (!*option->value)
		return add_flag(m, option);
	if (option->need == US_ITEM_MAY)
		return true;
	us_item_split(us_str(option->sets), &filter, &key);
	attr = find_attr(m, filter);
	if (attr && find_key(attr, key))
		return true;
	if (!m->listing)
		return us_making_refuse(
		    m, "--%s is missing: %s", option->name, option->help);
	take_key(m, filter, key)->unknown = true;
	return true;
}

static bool
add_options(struct us_making *m)
{
	const struct us_item_ask *ask = m->ask;

	for (unsigned i = 0; i < us_item_option_count; i++) {
		if (us_item_option_fits(&us_item_options[i],
			ask->service->name.s, ask->access) &&
		    !add_option(m, &us_item_options[i]))
			return false;
	}
	return true;
}

static bool
few_enough(struct us_making *m)
{
	const struct us_attr_key *key;
	const struct us_attr *attr;
	unsigned n = 0;

	US_EACH (attr, &m->attrs) {
		n += attr->kind != US_ATTR_KEYED;
		US_EACH (key, &attr->keys)
			n += key->values.n ? key->values.n : 1;
	}
	return n <= US_VALUES_MAX ||
	       us_making_refuse(m,
		   "the item has %u values of attributes; %d are the most", n,
		   US_VALUES_MAX);
}

bool
us_making_attrs(struct us_making *m)
{
	const struct us_item_row *row = m->ask->row;
	const struct us_spelled *said;

	if (m->thing)
		copy_attrs(m, &m->thing->attrs);
	US_EACH (said, &m->spelling.said) {
		if (!add_said(m, said))
			return false;
	}
	if (!m->thing) {
		add_unknown(m, row->unsaid);
		add_unknown(m, row->inventory);
		if (!m->ask->service->builtin)
			add_unknown_own(m);
	}
	return check_arn(m) && add_options(m) && few_enough(m);
}

/* The value of a word of the context; false when it is not (one that is) known.
 */
bool
us_making_context(struct us_making *m, struct us_str word, struct us_str *name,
    struct us_str *value)
{
	struct us_str key;
	struct us_attr *attr;
	struct us_attr_key *k;

	us_item_split(word, name, &key);
	attr = find_attr(m, *name);
	*value = US_STR("true");
	if (!attr || !key.p)
		return attr && attr->kind == US_ATTR_BOOLEAN && attr->value;
	k = find_key(attr, key);
	if (!k || !k->values.n)
		return false;
	*value = k->values.v[0];
	return true;
}
