/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rule says, as a text that is the same when the meaning is: written
 * once for each rule and hashed, so that finding equal ones takes linear time.
 */
#include <stdlib.h>

#include "engine/lint_parts.h"

/* A length before each string, so that no two lists look alike. */
static void
put(struct us_buf *b, struct us_str s)
{
	us_buf_printf(b, "%zu:", s.n);
	us_buf_str_add(b, s);
}

static void
put_email(struct us_buf *b, struct us_str s)
{
	us_buf_printf(b, "%zu:", s.n);
	for (size_t i = 0; i < s.n; i++)
		us_buf_putc(b, s.p[i] >= 'A' && s.p[i] <= 'Z'
				   ? (char)(s.p[i] | 0x20)
				   : s.p[i]);
}

static int
compare(const void *a, const void *b)
{
	return us_str_cmp(*(const struct us_str *)a, *(const struct us_str *)b);
}

typedef US_LIST(struct us_str) parts;

/* Ends a part that was written to b: it goes to the list, b is empty again. */
static void
take(struct us_linter *l, struct us_buf *b, parts *list)
{
	*us_list_add(&l->arena, list) = us_arena_str(&l->arena, us_buf_str(b));
	us_buf_reset(b);
}

static void
put_sorted(struct us_buf *b, const parts *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), compare);
	us_buf_printf(b, "%u(", list->n);
	for (uint32_t i = 0; i < list->n; i++)
		put(b, list->v[i]);
	us_buf_putc(b, ')');
}

static void
put_members(
    struct us_linter *l, struct us_buf *b, const struct us_members *members)
{
	const struct us_groupref *ref;
	struct us_buf one = {0};
	parts list = {0};

	US_EACH (ref, &members->refs) {
		const struct us_group *g = ref->group;

		put(&one, us_str(us_directory_known(g->directory.s)));
		put(&one, g->id.s);
		take(l, &one, &list);
	}
	us_buf_free(&one);
	us_buf_putc(b, members->outside ? '-' : '+');
	put_sorted(b, &list);
}

static void
put_who(struct us_linter *l, struct us_buf *b, const struct us_who *who)
{
	us_buf_printf(b, "who%d", who->kind);
	if (who->kind == US_WHO_AGENT) {
		us_buf_printf(b, "agent%d,%d", who->agent, who->behalf);
		if (who->agent == US_AGENT_OWNER)
			put_email(b, who->agent_id.s);
		else
			put(b, who->agent_id.s);
		if (who->has_subject)
			put(b, who->subject.s);
		put_members(l, b, &who->owners);
	}
	put_email(b, who->uid.s);
	put_members(l, b, &who->members);
}

static void
put_to(struct us_linter *l, struct us_buf *b, const struct us_to *to)
{
	const struct us_filter *f;
	struct us_buf one = {0};
	parts list = {0};

	us_buf_printf(b, "to%d,%d", to->any, to->has_access);
	put(b, to->service.s);
	put(b, to->access.s);
	US_EACH (f, &to->filters) {
		us_buf_printf(&one, "%d,%d,%d,%d", f->effect, f->boolean,
		    f->value, f->has_key);
		put(&one, f->name.s);
		put(&one, f->key.s);
		put(&one, f->pattern.s);
		take(l, &one, &list);
	}
	us_buf_free(&one);
	put_sorted(b, &list);
}

static void
put_alt(struct us_linter *l, struct us_buf *b, const struct us_alt *alt)
{
	const struct us_word *service;
	struct us_buf one = {0};
	parts list = {0};

	us_buf_printf(b, "alt%d,%u", alt->type, alt->options);
	put(b, alt->integration.s);
	put(b, alt->directory.s);
	put(b, alt->property.s);
	US_EACH (service, &alt->services) {
		put(&one, service->s);
		take(l, &one, &list);
	}
	us_buf_free(&one);
	put_sorted(b, &list);
	put_members(l, b, &alt->members);
}

static struct us_str
keep(struct us_linter *l, struct us_buf *b)
{
	struct us_str key = us_arena_str(&l->arena, us_buf_str(b));

	us_buf_free(b);
	return key;
}

struct us_str
us_lint_key_to(struct us_linter *l, const struct us_to *to)
{
	struct us_buf b = {0};

	put_to(l, &b, to);
	return keep(l, &b);
}

struct us_str
us_lint_key_rule(struct us_linter *l, const struct us_rule *rule)
{
	const struct us_alt *alt;
	struct us_buf b = {0};

	put_who(l, &b, &rule->who);
	put_to(l, &b, &rule->to);
	US_EACH (alt, &rule->alts)
		put_alt(l, &b, alt);
	return keep(l, &b);
}
