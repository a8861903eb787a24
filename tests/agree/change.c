/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that must not matter, and answers without what they do. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/agree/agree.h"

static char any[] = "{\"type\":\"any\"}", deny[] = "[{\"type\":\"deny\"}]",
	    elsewhere[] = "{\"type\":\"integration\",\"service\":\"github\"}";

/* --- The order, names and number of rules ------------------------------ */

static void
swap_rules(struct agree *a, struct generate_workflow *w)
{
	for (unsigned i = w->n; i > 1; i--) {
		unsigned k = generate_below(&a->g, i);
		struct generate_rule rule = w->rules[i - 1];

		w->rules[i - 1] = w->rules[k];
		w->rules[k] = rule;
	}
}

/* Somewhere between the others. */
static void
insert_rule(
    struct agree *a, struct generate_workflow *w, struct generate_rule rule)
{
	unsigned at = generate_below(&a->g, w->n + 1);

	memmove(&w->rules[at + 1], &w->rules[at],
	    (w->n - at) * sizeof(w->rules[0]));
	w->rules[at] = rule;
	w->n++;
}

static void
add_disabled(struct agree *a, struct generate_workflow *w)
{
	insert_rule(a, w,
	    (struct generate_rule){.name = "more",
		.disabled = true,
		.requestor = any,
		.resource = any,
		.approval = deny});
}

/* No request of ours is for that service. */
static void
add_elsewhere(struct agree *a, struct generate_workflow *w)
{
	insert_rule(a, w,
	    (struct generate_rule){.name = "more",
		.requestor = any,
		.resource = elsewhere,
		.approval = deny});
}

static void
repeat_rule(struct agree *a, struct generate_workflow *w)
{
	struct generate_rule rule = w->rules[generate_below(&a->g, w->n)];

	strcpy(rule.name, "again");
	insert_rule(a, w, rule);
}

static void
rename_rules(struct agree *a, struct generate_workflow *w)
{
	unsigned first = generate_below(&a->g, 1000);

	for (unsigned i = 0; i < w->n; i++)
		snprintf(w->rules[i].name, sizeof(w->rules[i].name), "%u n",
		    first + w->n - i);
}

/* The requestor that has the rule's groups from `from` to before `end`. */
static char *
some_groups(struct agree *a, const struct generate_rule *rule, unsigned from,
    unsigned end)
{
	struct us_buf text = {0};
	char *kept;

	us_buf_puts(&text, "{\"type\":\"group\",\"groups\":[");
	for (unsigned i = from; i < end; i++)
		us_buf_printf(
		    &text, "%s%s", i > from ? "," : "", rule->group[i]);
	us_buf_puts(&text, "]}");
	kept = us_arena_printf(&a->arena, "%s", text.p);
	us_buf_free(&text);
	return kept;
}

/* Each rule with several groups becomes two, the second at the end. */
static void
split_rules(struct agree *a, struct generate_workflow *w)
{
	unsigned n = w->n;

	for (unsigned i = 0; i < n && w->n + 1 < GENERATE_RULES_MAX; i++) {
		struct generate_rule *rule = &w->rules[i],
				     *other = &w->rules[w->n];
		unsigned at;

		if (rule->groups < 2)
			continue;
		at = 1 + generate_below(&a->g, rule->groups - 1);
		*other = *rule;
		snprintf(other->name, sizeof(other->name), "split %u", i);
		other->requestor = some_groups(a, rule, at, rule->groups);
		rule->requestor = some_groups(a, rule, 0, at);
		w->n++;
	}
}

/* --- What stands in the rules ------------------------------------------ */

/* Every `from` in a text becomes `to`, and where swap is set the other way. */
static char *
replace(struct agree *a, const char *text, const char *from, const char *to,
    bool swap)
{
	struct us_buf out = {0};
	char *kept;

	us_buf_puts(&out, "");
	while (*text) {
		if (strncmp(text, from, strlen(from)) == 0) {
			us_buf_puts(&out, to);
			text += strlen(from);
		} else if (swap && strncmp(text, to, strlen(to)) == 0) {
			us_buf_puts(&out, from);
			text += strlen(to);
		} else {
			us_buf_putc(&out, *text++);
		}
	}
	kept = us_arena_printf(&a->arena, "%s", out.p);
	us_buf_free(&out);
	return kept;
}

/* Where groups are named: not in resources, where a service may look so. */
static void
replace_in_people(struct agree *a, struct generate_workflow *w,
    const char *from, const char *to, bool swap)
{
	for (unsigned i = 0; i < w->n; i++) {
		struct generate_rule *r = &w->rules[i];

		r->requestor = replace(a, r->requestor, from, to, swap);
		r->approval = replace(a, r->approval, from, to, swap);
	}
}

static void
label_groups(struct agree *a, struct generate_workflow *w)
{
	replace_in_people(a, w,
	    "{\"directory\":", "{\"label\":\"They\",\"directory\":", false);
}

static void
swap_names(struct agree *a, struct generate_workflow *w)
{
	replace_in_people(a, w, "\"azure-ad\"", "\"entra-id\"", true);
}

static void
repeat_groups(struct agree *a, struct generate_workflow *w)
{
	replace_in_people(a, w, "{\"directory\":\"okta\",\"id\":\"g1\"}",
	    "{\"directory\":\"okta\",\"id\":\"g1\"},"
	    "{\"directory\":\"okta\",\"id\":\"g1\"}",
	    false);
}

/* The ASCII letters of the text behind each `name` change their case. */
static char *
change_case(struct agree *a, const char *text, const char *name)
{
	char *kept = us_arena_printf(&a->arena, "%s", text), *at = kept;

	while ((at = strstr(at, name)) != NULL) {
		for (at += strlen(name); *at && *at != '"'; at++) {
			if (*at >= 'a' && *at <= 'z')
				*at = (char)(*at - 'a' + 'A');
			else if (*at >= 'A' && *at <= 'Z')
				*at = (char)(*at - 'A' + 'a');
		}
	}
	return kept;
}

static void
change_emails(struct agree *a, struct generate_workflow *w)
{
	for (unsigned i = 0; i < w->n; i++) {
		char *text = w->rules[i].requestor;

		text = change_case(a, text, "\"uid\":\"");
		w->rules[i].requestor = change_case(a, text, "\"owner\":\"");
	}
}

/* --- All changes ------------------------------------------------------- */

static const struct {
	void (*make)(struct agree *a, struct generate_workflow *w);
	const char *name;
	bool doubles;
} changes[AGREE_CHANGES] = {
    {swap_rules, "rules in another order", false},
    {add_disabled, "a disabled rule more", false},
    {add_elsewhere, "a rule for another service more", false},
    {repeat_rule, "a rule twice", true},
    {rename_rules, "rules with other names", false},
    {split_rules, "rules split by their groups", true},
    {label_groups, "groups with other labels", false},
    {swap_names, "a directory by its other name", false},
    {repeat_groups, "a group twice in a list", false},
    {change_emails, "e-mails in another case", false},
};

void
agree_change(struct agree *a, unsigned n, struct generate_workflow *w)
{
	changes[n].make(a, w);
}

bool
agree_change_doubles(unsigned n)
{
	return changes[n].doubles;
}

const char *
agree_change_name(unsigned n)
{
	return changes[n].name;
}

static void
repeat_group(struct agree *a, us_group_ids *ids)
{
	us_group_ids more = {0};

	for (uint32_t i = ids->n; i > 0; i--)
		*us_list_add(&a->arena, &more) = ids->v[i - 1];
	if (ids->n)
		*us_list_add(&a->arena, &more) = ids->v[ids->n / 2];
	*ids = more;
}

void
agree_repeat_facts(struct agree *a, struct us_request *req)
{
	struct us_attr *attr;
	struct us_attr_key *key;
	struct us_str first;

	if (req->principal)
		repeat_group(a, &req->principal->groups);
	if (req->agent)
		repeat_group(a, &req->agent->owner_groups);
	if (req->approver)
		repeat_group(a, &req->approver->groups);
	US_EACH (attr, &req->attrs)
		US_EACH (key, &attr->keys) {
			if (!key->values.n)
				continue;
			first = key->values.v[0];
			key->values.v[0] = key->values.v[key->values.n - 1];
			key->values.v[key->values.n - 1] = first;
			*us_list_add(&a->arena, &key->values) = first;
		}
}

/* --- Answers ----------------------------------------------------------- */

static int
compare_lines(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

typedef US_LIST(char *) lines;

/* All that the answer says about rules, as they were before the change. */
static void
list_lines(struct agree *a, const struct us_verdict *v,
    const struct generate_rule *rules, lines *l)
{
	const struct us_verdict_alt *alt;
	const struct us_via *via;
	const uint32_t *i;

#define LINE(...) \
	(*us_list_add(&a->arena, l) = us_arena_printf(&a->arena, __VA_ARGS__))
	US_EACH (i, &v->rules)
		LINE(" rule %u", rules[*i].origin);
	US_EACH (i, &v->denied_by)
		LINE(" denied %u", rules[*i].origin);
	US_EACH (i, &v->undecided)
		LINE(" undecided %u", rules[*i].origin);
	US_EACH (via, &v->via)
		LINE(" via %u.%u", rules[via->rule].origin, via->index);
	US_EACH (alt, &v->alternatives)
		LINE(" alternative %u.%u: %d available %d missing %u",
		    rules[alt->rule].origin, alt->index, (int)alt->type,
		    (int)alt->available, alt->missing);
#undef LINE
}

char *
agree_plain_answer(struct agree *a, const struct us_verdict *v,
    const struct generate_workflow *w)
{
	struct us_buf out = {0};
	lines l = {0};
	char *text;

	list_lines(a, v, w->rules, &l);
	us_buf_printf(&out,
	    "%s by %d, missing %d, allowed %d:", us_outcome_name(v->outcome),
	    (int)v->by, __builtin_popcount(v->missing), v->allowed);
	if (l.n > 0)
		qsort(l.v, l.n, sizeof(*l.v), compare_lines);
	for (uint32_t i = 0; i < l.n; i++)
		if (i == 0 || strcmp(l.v[i - 1], l.v[i]) != 0)
			us_buf_puts(&out, l.v[i]);
	text = us_arena_printf(&a->arena, "%s", out.p);
	us_buf_free(&out);
	return text;
}
