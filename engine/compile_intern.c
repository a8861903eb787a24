/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The compiler's constants: what rules name becomes a number of the program,
 * the same one wherever it is named. A program stands alone: it keeps copies.
 */
#include "engine/compile_parts.h"

static const struct us_str none = {NULL, 0};

struct us_str
us_keep_str(struct us_compiler *c, struct us_str s)
{
	return us_arena_str(&c->prog->arena, s);
}

/*
 * Interning keeps a copy of what is new: a program stands alone. The first of
 * two parts is one that is kept already: it is shared by many symbols.
 */
static uint32_t
intern(struct us_compiler *c, struct us_symtab *t, struct us_str a,
    struct us_str b)
{
	uint32_t id = us_symtab_find(t, a, b);

	if (id != US_NO_SYMBOL)
		return id;
	if (b.n)
		b = us_keep_str(c, b);
	else
		a = us_keep_str(c, a);
	return us_symtab_add(&c->prog->arena, t, a, b);
}

uint32_t
us_name_id(struct us_compiler *c, struct us_str s)
{
	return intern(c, &c->prog->names, s, none);
}

uint32_t
us_email_id(struct us_compiler *c, struct us_str s)
{
	return intern(c, &c->prog->emails, s, none);
}

uint32_t
us_filter_id(struct us_compiler *c, struct us_str s)
{
	return intern(c, &c->prog->filters, s, none);
}

uint32_t
us_slot_id(struct us_compiler *c, const struct us_filter *f)
{
	struct us_prog *p = c->prog;
	uint32_t filter = us_filter_id(c, f->name.s);
	uint32_t id =
	    intern(c, &p->slots, p->filters.symbols.v[filter].a, f->key.s);

	if (id == p->slot_filters.n)
		*us_list_add(&p->arena, &p->slot_filters) = filter;
	return id;
}

static const struct us_literal *
keep_literals(
    struct us_compiler *c, const struct us_literal *found, unsigned count)
{
	struct us_literal *kept;
	size_t n = 0;
	char *bytes;

	for (unsigned i = 0; i < count; i++)
		n += sizeof(*kept) + found[i].text.n;
	kept = us_arena_alloc(&c->prog->arena, n);
	bytes = (char *)(kept + count);
	for (unsigned i = 0; i < count; i++) {
		n = found[i].text.n;
		kept[i] = (struct us_literal){found[i].kind, {bytes, n}};
		if (n)
			memcpy(bytes, found[i].text.p, n);
		bytes += n;
	}
	return kept;
}

static bool
has_contains(const struct us_pattern_entry *entry)
{
	for (unsigned i = 0; i < entry->literal_count; i++) {
		if (entry->literals[i].kind == US_LITERAL_CONTAINS)
			return true;
	}
	return false;
}

/* What every value that the pattern matches begins with, if anything. */
static void
keep_head(struct us_compiler *c, const struct us_pattern *p,
    struct us_pattern_entry *entry)
{
	struct us_literal head = {
	    US_LITERAL_PREFIX, us_pattern_head(p, &c->scratch)};

	if (head.text.n)
		entry->literals = keep_literals(c, &head, 1);
}

/* The literals that the pattern comes down to, or what it begins with. */
static void
reduce(
    struct us_compiler *c, struct us_str text, struct us_pattern_entry *entry)
{
	const struct us_literal *found =
	    us_pattern_one_literal(text, &c->scratch);
	const struct us_pattern *p = NULL;

	entry->literal_count = 1;
	if (!found) {
		p = us_pattern_parse(&c->scratch, text);
		found = us_pattern_literals(
		    p, &c->scratch, &entry->literal_count);
	}
	if (found) {
		entry->literals = keep_literals(c, found, entry->literal_count);
		entry->sure = !has_contains(entry);
	} else {
		keep_head(c, p, entry);
	}
	us_arena_reset(&c->scratch);
}

uint32_t
us_pattern_id(struct us_compiler *c, struct us_str text)
{
	struct us_prog *p = c->prog;
	uint32_t id = intern(c, &p->texts, text, none);
	struct us_re_error error;
	struct us_pattern_entry *entry;

	if (id < p->patterns.n)
		return id;
	entry = us_list_add(&p->arena, &p->patterns);
	reduce(c, text, entry);
	if (!entry->literal_count)
		entry->re = us_re_compile(text, &error);
	if (!entry->literal_count && !entry->re)
		c->failed = true;
	return id;
}

static void
name_group(struct us_compiler *c, const struct us_group *g)
{
	struct us_prog *p = c->prog;
	struct us_str name = g->name.s, label = g->label.s;

	if (!label.n)
		label = name.n ? name : g->id.s;
	if (!name.n)
		name = label;
	*us_list_add(&p->arena, &p->group_names) = us_keep_str(c, name);
	*us_list_add(&p->arena, &p->group_labels) = us_keep_str(c, label);
}

/* A group's number; the first to mention it names it. */
static uint32_t
group_id(struct us_compiler *c, const struct us_group *g)
{
	struct us_prog *p = c->prog;
	const char *canonical = us_directory_known(g->directory.s);
	struct us_str directory =
	    canonical ? us_str(canonical)
		      : p->names.symbols.v[us_name_id(c, g->directory.s)].a;
	uint32_t id = intern(c, &p->groups, directory, g->id.s);

	if (id == p->group_names.n)
		name_group(c, g);
	return id;
}

/* One that is named is of the ruleset: it is looked up once. */
static uint32_t
ref_id(struct us_compiler *c, const struct us_groupref *ref)
{
	uint32_t *number;

	if (!ref->name.s.p)
		return group_id(c, ref->group);
	number = &c->groups[ref->group - c->rs->groups.v];
	if (!*number)
		*number = group_id(c, ref->group) + 1;
	return *number - 1;
}

/* Equal sets are one. */
uint32_t
us_set_id(struct us_compiler *c, const struct us_members *members)
{
	struct us_prog *p = c->prog;
	uint32_t n = members->refs.n, id;
	size_t size = (n + 1) * sizeof(uint32_t);
	uint32_t *key = us_arena_alloc(&c->keys, size);
	struct us_set *set;

	key[0] = members->outside;
	for (uint32_t i = 0; i < n; i++)
		key[i + 1] = ref_id(c, &members->refs.v[i]);
	id = us_symtab_add(
	    &c->keys, &c->sets, (struct us_str){(char *)key, size}, none);
	if (id < p->sets.n)
		return id;
	set = us_list_add(&p->arena, &p->sets);
	*set = (struct us_set){p->set_groups.n, n, members->outside};
	for (uint32_t i = 0; i < n; i++)
		*us_list_add(&p->arena, &p->set_groups) = key[i + 1];
	return id;
}

static const struct us_str *
keep_services(struct us_compiler *c, const struct us_alt *alt)
{
	struct us_str *v =
	    us_arena_alloc(&c->prog->arena, alt->services.n * sizeof(*v));

	for (uint32_t i = 0; i < alt->services.n; i++)
		v[i] = us_keep_str(c, alt->services.v[i].s);
	return v;
}

static const struct us_prog_named *
new_named(struct us_compiler *c, const struct us_alt *alt)
{
	const char *directory = us_directory_known(alt->directory.s);
	struct us_prog_named *named;

	named = us_arena_alloc(&c->prog->arena, sizeof(*named));
	named->integration = us_keep_str(c, alt->integration.s);
	named->services = keep_services(c, alt);
	named->service_count = alt->services.n;
	named->directory =
	    directory ? us_str(directory) : us_keep_str(c, alt->directory.s);
	named->property = us_keep_str(c, alt->property.s);
	return named;
}

static char *
put_str(char *p, struct us_str s)
{
	memcpy(p, &s.n, sizeof(s.n));
	p += sizeof(s.n);
	if (s.n)
		memcpy(p, s.p, s.n);
	return p + s.n;
}

/* All that an alternative names, in the scratch. */
static struct us_str
named_key(struct us_compiler *c, const struct us_alt *alt)
{
	const struct us_str words[] = {
	    alt->integration.s, alt->directory.s, alt->property.s};
	const struct us_word *service;
	size_t n = 0;
	char *key, *p;

	for (unsigned i = 0; i < 3; i++)
		n += sizeof(words[i].n) + words[i].n;
	US_EACH (service, &alt->services)
		n += sizeof(service->s.n) + service->s.n;
	us_arena_reset(&c->scratch);
	p = key = us_arena_alloc(&c->scratch, n);
	for (unsigned i = 0; i < 3; i++)
		p = put_str(p, words[i]);
	US_EACH (service, &alt->services)
		p = put_str(p, service->s);
	return (struct us_str){key, n};
}

/* Equal ones are one: most alternatives name what others name. */
const struct us_prog_named *
us_keep_named(struct us_compiler *c, const struct us_alt *alt)
{
	static const struct us_prog_named nothing;
	struct us_str key;
	uint32_t id;

	if (!alt->integration.s.n && !alt->services.n && !alt->directory.s.n)
		return &nothing;
	key = named_key(c, alt);
	id = us_symtab_find(&c->named_keys, key, none);
	if (id != US_NO_SYMBOL)
		return c->named.v[id];
	key.p = us_arena_copy(&c->keys, key.p, key.n);
	us_symtab_add(&c->keys, &c->named_keys, key, none);
	*us_list_add(&c->keys, &c->named) = new_named(c, alt);
	return c->named.v[c->named.n - 1];
}
