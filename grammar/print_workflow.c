/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole workflow as language. Its groups may come from JSON, where they have
 * no names: each distinct directory, id and label is named by its label.
 */
#include "engine/symtab.h"
#include "grammar/print.h"
#include "grammar/print_rules.h"

#define SLUG_MAX 60

struct us_group_names {
	struct us_arena arena;
	struct us_buf key;
	struct us_symtab groups;       /* key -> number */
	struct us_symtab slugs;	       /* names given -> number */
	US_LIST(uint32_t) next;	       /* by slug: the number to try next */
	US_LIST(struct us_group) list; /* by number, named */
};

/* --- Names --- */

/* What makes a group distinct. */
static void
put_key(struct us_buf *key, const struct us_group *group)
{
	us_buf_json(key, group->directory.s);
	us_buf_json(key, group->id.s);
	us_buf_json(key, group->label.s);
}

/* Letters and digits of a label in lower case, all else as one dash. */
static struct us_str
slug_of(struct us_str label, char *out)
{
	size_t n = 0;

	for (size_t i = 0; i < label.n && n < SLUG_MAX; i++) {
		char c = label.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (char)(c | 0x20);
		if ((c >= 'a' && c <= 'z') || (n && c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	return n ? (struct us_str){out, n} : US_STR("group");
}

static bool
take_name(struct us_group_names *names, struct us_str name)
{
	uint32_t before = names->next.n;

	if (us_symtab_add(&names->arena, &names->slugs, name, US_STR("")) <
	    before)
		return false;
	*us_list_add(&names->arena, &names->next) = 2;
	return true;
}

/* The slug, or the first of slug-2, slug-3 ... that is free. */
static struct us_str
free_name(struct us_group_names *names, struct us_str slug)
{
	struct us_str name = us_arena_str(&names->arena, slug);
	uint32_t number;

	if (take_name(names, name))
		return name;
	number = us_symtab_find(&names->slugs, slug, US_STR(""));
	do
		name = us_str(us_arena_printf(&names->arena, "%.*s-%u",
		    US_ARG(slug), (unsigned)names->next.v[number]++));
	while (!take_name(names, name));
	return name;
}

static void
name_group(struct us_group_names *names, const struct us_groupref *ref)
{
	char slug[SLUG_MAX];
	struct us_group *named;
	struct us_str key;

	if (!ref->group)
		return;
	us_buf_reset(&names->key);
	put_key(&names->key, ref->group);
	key = us_buf_str(&names->key);
	if (us_symtab_find(&names->groups, key, US_STR("")) != US_NO_SYMBOL)
		return;
	us_symtab_add(&names->arena, &names->groups,
	    us_arena_str(&names->arena, key), US_STR(""));
	named = us_list_add(&names->arena, &names->list);
	named->directory.s = ref->group->directory.s;
	named->id.s = ref->group->id.s;
	named->label.s = ref->group->label.s;
	named->name.s = free_name(names, slug_of(named->label.s, slug));
}

struct us_str
us_group_name(const struct us_group_names *names, const struct us_groupref *ref)
{
	struct us_buf key = {0};
	uint32_t number;

	if (!ref->group)
		return ref->name.s;
	put_key(&key, ref->group);
	number = us_symtab_find(&names->groups, us_buf_str(&key), US_STR(""));
	us_buf_free(&key);
	return names->list.v[number].name.s;
}

static void
name_members(struct us_group_names *names, const struct us_members *m)
{
	const struct us_groupref *ref;

	US_EACH (ref, &m->refs)
		name_group(names, ref);
}

static void
name_who(struct us_group_names *names, const struct us_who *who)
{
	name_members(names, &who->owners);
	name_members(names, &who->members);
}

/* --- The workflow --- */

static void
name_all(struct us_group_names *names, const struct us_ruleset *rs)
{
	const struct us_preapproval *pre;
	const struct us_rule *rule;
	const struct us_alt *alt;

	US_EACH (rule, &rs->rules) {
		name_who(names, &rule->who);
		US_EACH (alt, &rule->alts)
			name_members(names, &alt->members);
	}
	US_EACH (pre, &rs->preapprovals)
		name_who(names, &pre->who);
}

static void
add_items(struct us_printer *p, us_nodes *nodes, const struct us_ruleset *rs)
{
	const struct us_group *group;

	for (uint32_t i = rs->builtin_services; i < rs->services.n; i++)
		us_node_add_service(p, nodes, &rs->services.v[i]);
	US_EACH (group, &p->group_names->list)
		us_node_add_group(p, nodes, group);
	for (uint32_t i = 0; i < rs->rules.n; i++)
		us_node_add_rule(p, nodes, &rs->rules.v[i]);
	for (uint32_t i = 0; i < rs->preapprovals.n; i++)
		us_node_add_preapproval(p, nodes, &rs->preapprovals.v[i]);
}

void
us_print_workflow(const struct us_ruleset *rs, struct us_buf *out)
{
	struct us_group_names names = {0};
	struct us_printer p = {.out = out, .group_names = &names};
	us_nodes nodes = {0};

	name_all(&names, rs);
	add_items(&p, &nodes, rs);
	us_nodes_align(&p, &nodes);
	us_nodes_print(&p, &nodes, (struct us_notes){0, 0});
	us_buf_free(&p.line);
	us_buf_free(&names.key);
	us_arena_free(&p.arena);
	us_arena_free(&names.arena);
}
