/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lints: one pass to know what the rules say together, one to speak about
 * each. What cannot happen while a rule is disabled is not said about it.
 */
#include "engine/lint_parts.h"

static const struct us_alt *
find_alt(const struct us_rule *rule, enum us_alt_type type)
{
	const struct us_alt *alt;

	US_EACH (alt, &rule->alts)
		if (alt->type == type)
			return alt;
	return NULL;
}

static bool
reaches_agents(const struct us_who *who)
{
	return who->kind == US_WHO_ANY || who->kind == US_WHO_SOME ||
	       who->kind == US_WHO_AGENT;
}

/* --- What the rules say together --- */

static void
note_rule(struct us_linter *l, const struct us_rule *rule)
{
	if (rule->disabled || !find_alt(rule, US_ALT_DENY) ||
	    !reaches_agents(&rule->who))
		return;
	if (rule->to.any)
		l->denies_agents_all = true;
	else
		us_symtab_add(&l->arena, &l->denied,
		    us_lint_key_to(l, &rule->to), US_STR(""));
}

static void
note_inhabited(struct us_linter *l, const us_group_ids *inhabited)
{
	const struct us_group_id *g;
	const char *directory;

	US_EACH (g, inhabited) {
		directory = us_directory_known(g->directory);
		if (directory)
			us_symtab_add(
			    &l->arena, &l->inhabited, us_str(directory), g->id);
	}
}

/* --- Groups --- */

static void
lint_groups(struct us_linter *l)
{
	const struct us_group *g;

	US_EACH (g, &l->rs->groups) {
		if (!g->used)
			us_diag_add(l->diags, US_DIAG_UNUSED_GROUP, g->name.loc,
			    "no rule uses group \"%.*s\"", US_ARG(g->name.s));
	}
}

/* --- Approvals --- */

static void
lint_deny_beside(struct us_linter *l, const struct us_rule *rule)
{
	const struct us_alt *deny = find_alt(rule, US_ALT_DENY), *alt;
	struct us_diag *d;

	if (!deny)
		return;
	US_EACH (alt, &rule->alts) {
		if (alt->type == US_ALT_DENY)
			continue;
		d = us_diag_add(l->diags, US_DIAG_DENY_BESIDE_APPROVE, alt->loc,
		    "rule \"%.*s\" also denies, so this approval never counts",
		    US_ARG(rule->name.s));
		us_diag_see(l->diags, d, deny->loc, "denied here");
		return;
	}
}

static void
lint_self_approval(struct us_linter *l, const struct us_rule *rule)
{
	const struct us_alt *alt, *first = NULL;

	US_EACH (alt, &rule->alts) {
		if (!us_alt_is_human(alt->type))
			continue;
		if (!(alt->options & US_OPTION_ONE_PARTY))
			return;
		if (!first)
			first = alt;
	}
	if (first && !find_alt(rule, US_ALT_DENY))
		us_diag_add(l->diags, US_DIAG_SELF_APPROVAL_ALONE, first->loc,
		    "all who may approve under rule \"%.*s\" may approve "
		    "their own requests: one person alone can get this access",
		    US_ARG(rule->name.s));
}

static bool
is_inhabited(const struct us_linter *l, const struct us_group *g)
{
	const char *directory = us_directory_known(g->directory.s);

	return us_symtab_find(&l->inhabited, us_str(directory), g->id.s) !=
	       US_NO_SYMBOL;
}

static void
lint_reach(struct us_linter *l, const struct us_alt *alt)
{
	const struct us_groupref *ref;

	if (alt->type != US_ALT_GROUP || alt->members.outside)
		return;
	US_EACH (ref, &alt->members.refs)
		if (is_inhabited(l, ref->group))
			return;
	us_diag_add(l->diags, US_DIAG_UNREACHABLE_APPROVER, alt->loc,
	    "nobody in the directory is a member of %s",
	    alt->members.refs.n > 1 ? "these groups" : "this group");
}

/*
 * Rules from people do not match agents' sessions. A deny of the same resource,
 * or of any, that reaches some agents shows that they were thought of.
 */
static void
lint_agents(struct us_linter *l, const struct us_rule *rule)
{
	struct us_str key;

	if (reaches_agents(&rule->who) || !find_alt(rule, US_ALT_DENY) ||
	    l->denies_agents_all)
		return;
	if (!rule->to.any) {
		key = us_lint_key_to(l, &rule->to);
		if (us_symtab_find(&l->denied, key, US_STR("")) != US_NO_SYMBOL)
			return;
	}
	us_diag_add(l->diags, US_DIAG_DENY_MISSES_AGENTS, rule->who.loc,
	    "rule \"%.*s\" does not deny agent sessions of the same people; "
	    "add a rule from agent any user any that denies the same",
	    US_ARG(rule->name.s));
}

static void
lint_same(struct us_linter *l, const struct us_rule *rule)
{
	uint32_t i = (uint32_t)(rule - l->rs->rules.v);
	uint32_t first = us_names_add(&l->rules, us_lint_key_rule(l, rule), i);
	const struct us_rule *other;
	struct us_diag *d;

	if (first == US_NAMES_NEW)
		return;
	other = &l->rs->rules.v[first];
	d = us_diag_add(l->diags, US_DIAG_SAME_REQUIREMENTS, rule->name.loc,
	    "rule \"%.*s\" says the same as rule \"%.*s\"",
	    US_ARG(rule->name.s), US_ARG(other->name.s));
	us_diag_see(l->diags, d, other->name.loc, "which stands here");
}

/* --- Filters that cannot do what they seem to --- */

static uint64_t
covered_access(const struct us_service *service, const struct us_to *to)
{
	int i = to->has_access ? us_service_access(service, to->access.s) : -1;

	if (i >= 0)
		return UINT64_C(1) << i;
	if (service->access.n >= 64)
		return UINT64_MAX;
	return (UINT64_C(1) << service->access.n) - 1;
}

/* "role, policy": the access types of these bits. */
static struct us_str
name_access(
    struct us_linter *l, const struct us_service *service, uint64_t bits)
{
	struct us_buf out = {0};
	struct us_str text;

	for (uint32_t i = 0; i < service->access.n; i++) {
		if (bits >> i & 1)
			us_buf_printf(&out, "%s%.*s", out.n ? ", " : "",
			    US_ARG(service->access.v[i].s));
	}
	text = us_arena_str(&l->arena, us_buf_str(&out));
	us_buf_free(&out);
	return text;
}

static void
lint_carried(struct us_linter *l, const struct us_service *service,
    const struct us_to *to, const struct us_filter *f)
{
	const struct us_service_filter *filter =
	    us_service_find_filter(service, f->name.s);
	uint64_t covered = covered_access(service, to), without;

	if (!filter)
		return;
	without = covered & ~filter->carried;
	/* An absent boolean is false, which may be what is to be kept. */
	if (f->effect == US_KEEP && without == covered && covered &&
	    (!f->boolean || f->value))
		us_diag_add(l->diags, US_DIAG_FILTER_NOT_IN_ACCESS_TYPE,
		    f->name.loc,
		    "%.*s items of access type %.*s never have a %.*s: the "
		    "rule cannot match",
		    US_ARG(service->name.s),
		    US_ARG(name_access(l, service, without)),
		    US_ARG(f->name.s));
	if (f->effect == US_REMOVE && without)
		us_diag_add(l->diags, US_DIAG_REMOVE_MISSES, f->name.loc,
		    "%.*s items of access type %.*s never have a %.*s: this "
		    "remove keeps none of them out",
		    US_ARG(service->name.s),
		    US_ARG(name_access(l, service, without)),
		    US_ARG(f->name.s));
}

static void
lint_to(struct us_linter *l, const struct us_to *to)
{
	const struct us_filter *f;
	uint32_t i;

	us_lint_to_patterns(l, to);
	if (to->any)
		return;
	i = us_symtab_find(&l->services, to->service.s, US_STR(""));
	US_EACH (f, &to->filters)
		lint_carried(l, &l->rs->services.v[i], to, f);
}

static void
lint_rule(struct us_linter *l, const struct us_rule *rule, bool reach)
{
	const struct us_alt *alt;

	us_lint_who_patterns(l, &rule->who);
	lint_to(l, &rule->to);
	lint_deny_beside(l, rule);
	if (rule->disabled)
		return;
	lint_self_approval(l, rule);
	lint_agents(l, rule);
	lint_same(l, rule);
	if (!reach)
		return;
	US_EACH (alt, &rule->alts)
		lint_reach(l, alt);
}

unsigned
us_lint(const struct us_ruleset *rs, const us_group_ids *inhabited,
    struct us_diags *diags)
{
	struct us_linter l = {.rs = rs, .diags = diags};
	unsigned before = diags->warnings;
	const struct us_preapproval *p;
	const struct us_service *service;
	const struct us_rule *rule;

	US_EACH (service, &rs->services)
		us_symtab_add(
		    &l.arena, &l.services, service->name.s, US_STR(""));
	US_EACH (rule, &rs->rules)
		note_rule(&l, rule);
	if (inhabited)
		note_inhabited(&l, inhabited);
	lint_groups(&l);
	US_EACH (rule, &rs->rules)
		lint_rule(&l, rule, inhabited != NULL);
	US_EACH (p, &rs->preapprovals) {
		us_lint_who_patterns(&l, &p->who);
		lint_to(&l, &p->to);
	}
	us_names_free(&l.patterns);
	us_names_free(&l.rules);
	us_arena_free(&l.arena);
	return diags->warnings - before;
}
