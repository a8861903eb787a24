/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checker: definitions first, then all that refers to them. What a syntax
 * error has broken is stepped over, and so are the names it may have hidden.
 */
#include "engine/check_parts.h"

#define ACCESS_MAX 64 /* bits of `carried` */

static void
say_twice(struct us_checker *c, const struct us_word *again,
    struct us_loc first, const char *what)
{
	struct us_diag *d;

	if (!again->s.n) /* none, or an empty one: another message */
		return;
	d = us_diag_add(c->diags, US_DIAG_DUPLICATE, again->loc,
	    "%s \"%.*s\" is defined twice", what, US_ARG(again->s));
	us_diag_see(c->diags, d, first, "first defined here");
}

/* --- Definitions --- */

static void
define_groups(struct us_checker *c)
{
	const struct us_group *g;
	uint32_t i, first;

	for (i = 0; i < c->rs->groups.n; i++) {
		g = &c->rs->groups.v[i];
		us_check_name(c, &g->name, "a group's name");
		us_check_directory(c, &g->directory);
		us_check_name(c, &g->id, "a group's id");
		us_check_length(c, &g->label, "a group's label");
		first = us_check_define(c, &c->groups, g->name.s, i);
		if (first != i)
			say_twice(c, &g->name, c->rs->groups.v[first].name.loc,
			    "group");
	}
}

/* Says which of these words stands there twice; they are few, or hashed. */
static void
check_words(struct us_checker *c, const struct us_word *words, uint32_t n,
    const char *a_what, const char *what)
{
	struct us_names names = {0};
	uint32_t first;

	for (uint32_t i = 0; i < n; i++) {
		us_check_name(c, &words[i], a_what);
		first = us_names_add(&names, words[i].s, i);
		if (first != US_NAMES_NEW)
			say_twice(c, &words[i], words[first].loc, what);
	}
	us_names_free(&names);
}

static void
check_access_types(struct us_checker *c, const struct us_service *service)
{
	const struct us_word *w;

	check_words(c, service->access.v, service->access.n, "an access type",
	    "access type");
	US_EACH (w, &service->access) {
		if (us_str_is(w->s, "any"))
			us_diag_add(c->diags, US_DIAG_BAD_VALUE, w->loc,
			    "no access type may be called any, which stands "
			    "for all of them");
	}
	if (service->access.n > ACCESS_MAX)
		us_diag_add(c->diags, US_DIAG_LIMIT,
		    service->access.v[ACCESS_MAX].loc,
		    "service \"%.*s\" has %u access types: at most %d are "
		    "allowed",
		    US_ARG(service->name.s), service->access.n, ACCESS_MAX);
}

static void
check_filters(struct us_checker *c, const struct us_service *service)
{
	const struct us_service_filter *f;
	uint32_t first;

	us_names_reset(&c->filters);
	US_EACH (f, &service->filters) {
		us_check_name(c, &f->name, "a filter's name");
		first = us_names_add(
		    &c->filters, f->name.s, (uint32_t)(f - service->filters.v));
		if (first != US_NAMES_NEW)
			say_twice(c, &f->name,
			    service->filters.v[first].name.loc, "filter");
		check_words(c, f->keys.v, f->keys.n, "a key", "key");
	}
}

static void
define_service(struct us_checker *c, uint32_t i)
{
	const struct us_service *s = &c->rs->services.v[i];
	uint32_t first = us_check_define(c, &c->services, s->name.s, i);

	if (i < c->rs->builtin_services)
		return;
	us_check_name(c, &s->name, "a service's name");
	if (first < c->rs->builtin_services)
		us_diag_add(c->diags, US_DIAG_DUPLICATE, s->name.loc,
		    "service \"%.*s\" is built in and cannot be declared "
		    "again; choose another name",
		    US_ARG(s->name.s));
	else if (first != i)
		say_twice(
		    c, &s->name, c->rs->services.v[first].name.loc, "service");
	if (s->broken)
		return;
	check_access_types(c, s);
	check_filters(c, s);
}

/* --- References --- */

static void
resolve(struct us_checker *c, struct us_groupref *ref)
{
	us_choices choices = {0};
	uint32_t i;

	if (!ref->name.s.p) { /* JSON: the group itself stands there */
		us_check_directory(c, &ref->group->directory);
		us_check_name(c, &ref->group->id, "a group's id");
		us_check_length(c, &ref->group->label, "a group's label");
		return;
	}
	i = us_check_find(&c->groups, ref->name.s);
	if (i != US_NO_SYMBOL) {
		ref->group = &c->rs->groups.v[i];
		ref->group->used = true;
		return;
	}
	if (c->rs->groups_broken)
		return;
	for (i = 0; i < c->groups.names.symbols.n; i++)
		*us_list_add(&c->arena, &choices) =
		    c->groups.names.symbols.v[i].a;
	us_check_unknown(c, &ref->name,
	    us_arena_printf(
		&c->arena, "there is no group \"%.*s\"", US_ARG(ref->name.s)),
	    "known groups:", &choices);
}

static void
check_members(struct us_checker *c, const struct us_members *members)
{
	struct us_groupref *ref;

	US_EACH (ref, &members->refs)
		resolve(c, ref);
}

static void
check_agent(struct us_checker *c, const struct us_who *who)
{
	if (who->agent == US_AGENT_CLIENT)
		us_check_name(c, &who->agent_id, "a client id");
	else if (who->agent == US_AGENT_OWNER)
		us_check_name(c, &who->agent_id, "an owner's e-mail");
	else if (who->agent == US_AGENT_PROVIDER)
		us_check_name(c, &who->agent_id, "a provider id");
	else if (who->agent == US_AGENT_OWNER_MEMBERS)
		check_members(c, &who->owners);
	if (who->has_subject)
		us_check_pattern(c, &who->subject);
	if (who->behalf == US_BEHALF_USER)
		us_check_name(c, &who->uid, "a user's e-mail");
	else if (who->behalf == US_BEHALF_MEMBERS)
		check_members(c, &who->members);
}

static void
check_who(struct us_checker *c, const struct us_who *who)
{
	if (who->kind == US_WHO_USER)
		us_check_name(c, &who->uid, "a user's e-mail");
	else if (who->kind == US_WHO_MEMBERS)
		check_members(c, &who->members);
	else if (who->kind == US_WHO_AGENT)
		check_agent(c, who);
}

static void
check_alternative(struct us_checker *c, const struct us_alt *alt)
{
	const struct us_word *w;

	if (alt->type == US_ALT_AUTO || alt->type == US_ALT_ESCALATION)
		us_check_integration(c, &alt->integration);
	US_EACH (w, &alt->services)
		us_check_name(c, w, "an on-call service");
	if (alt->type == US_ALT_GROUP)
		check_members(c, &alt->members);
	if (alt->type == US_ALT_PROFILE) {
		us_check_directory(c, &alt->directory);
		us_check_name(c, &alt->property, "a profile property");
	}
}

/* --- Rules and pre-approvals --- */

/* What a mistake elsewhere in the rule cannot have made wrong. */
static void
check_patterns(
    struct us_checker *c, const struct us_who *who, const struct us_to *to)
{
	const struct us_filter *f;

	us_check_pattern(c, &who->subject);
	US_EACH (f, &to->filters)
		us_check_pattern(c, &f->pattern);
}

static void
check_rules(struct us_checker *c)
{
	struct us_check_index names = {0};
	const struct us_rule *rule;
	const struct us_alt *alt;
	uint32_t i, first;

	if (c->rs->rules.n > US_RULES_MAX)
		us_diag_add(c->diags, US_DIAG_LIMIT,
		    c->rs->rules.v[US_RULES_MAX].loc,
		    "%u rules are too many: at most %d are allowed",
		    c->rs->rules.n, US_RULES_MAX);
	for (i = 0; i < c->rs->rules.n; i++) {
		rule = &c->rs->rules.v[i];
		first = us_check_define(c, &names, rule->name.s, i);
		if (first != i)
			say_twice(c, &rule->name,
			    c->rs->rules.v[first].name.loc, "rule");
		if (rule->broken) {
			check_patterns(c, &rule->who, &rule->to);
			continue;
		}
		us_check_name(c, &rule->name, "a rule's name");
		check_who(c, &rule->who);
		us_check_to(c, &rule->to);
		US_EACH (alt, &rule->alts)
			check_alternative(c, alt);
	}
}

static void
check_window(struct us_checker *c, const struct us_preapproval *p)
{
	if (p->has_from && p->until_text.s.p && p->until <= p->from)
		us_diag_add(c->diags, US_DIAG_BAD_VALUE, p->until_text.loc,
		    "\"%.*s\" is not after \"%.*s\": pre-approval \"%.*s\" "
		    "would never be valid",
		    US_ARG(p->until_text.s), US_ARG(p->from_text.s),
		    US_ARG(p->name.s));
}

static void
check_preapprovals(struct us_checker *c)
{
	struct us_check_index names = {0};
	const struct us_preapproval *p;
	uint32_t i, first;

	for (i = 0; i < c->rs->preapprovals.n; i++) {
		p = &c->rs->preapprovals.v[i];
		first = us_check_define(c, &names, p->name.s, i);
		if (first != i)
			say_twice(c, &p->name,
			    c->rs->preapprovals.v[first].name.loc,
			    "pre-approval");
		if (p->broken) {
			check_patterns(c, &p->who, &p->to);
			continue;
		}
		us_check_name(c, &p->name, "a pre-approval's name");
		check_who(c, &p->who);
		if (p->who.kind == US_WHO_SOME)
			us_diag_add(c->diags, US_DIAG_FORBIDDEN, p->who.loc,
			    "\"some\" is about rules beside other rules; a "
			    "pre-approval needs \"any\" or narrower");
		us_check_to(c, &p->to);
		check_window(c, p);
	}
}

unsigned
us_check(struct us_ruleset *rs, struct us_diags *diags)
{
	struct us_checker c = {.rs = rs, .diags = diags};
	unsigned before = diags->errors;

	for (uint32_t i = 0; i < rs->services.n; i++)
		define_service(&c, i);
	define_groups(&c);
	check_rules(&c);
	check_preapprovals(&c);
	us_names_free(&c.filters);
	us_names_free(&c.patterns);
	us_arena_free(&c.arena);
	return diags->errors - before;
}
