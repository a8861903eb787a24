/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical printer of test files. */
#include "engine/when.h"
#include "grammar/print.h"
#include "grammar/print_node.h"

static void
put_statement(struct us_printer *p, const char *keyword, struct us_str s)
{
	us_buf_printf(&p->line, "%s ", keyword);
	us_buf_quote(&p->line, s);
	us_buf_putc(&p->line, ';');
}

/* --- Users --- */

static void
print_groups(struct us_printer *p, const struct us_node *node)
{
	const struct us_test_user *user = node->data;
	const struct us_test_group *ref;

	us_buf_puts(&p->line, "groups ");
	US_EACH (ref, &user->groups) {
		if (ref != user->groups.v)
			us_buf_puts(&p->line, "," US_FOLD);
		us_buf_str_add(&p->line, ref->name.s);
		if (ref->id.s.p) {
			us_buf_putc(&p->line, ' ');
			us_buf_quote(&p->line, ref->id.s);
		}
	}
	us_buf_putc(&p->line, ';');
}

static void
print_oncall(struct us_printer *p, const struct us_node *node)
{
	const struct us_test_oncall *o = node->data;

	us_buf_puts(&p->line, "oncall ");
	us_put_word(&p->line, o->integration.s);
	if (o->unknown)
		us_buf_puts(&p->line, " unknown");
	if (o->services.n)
		us_buf_putc(&p->line, ' ');
	us_print_names(p, o->services.v, o->services.n, us_buf_quote);
	us_buf_putc(&p->line, ';');
}

static void
print_profile(struct us_printer *p, const struct us_node *node)
{
	const struct us_test_profile *f = node->data;

	us_buf_puts(&p->line, "profile ");
	us_put_word(&p->line, f->directory.s);
	us_buf_putc(&p->line, ' ');
	us_put_word(&p->line, f->property.s);
	us_buf_putc(&p->line, ' ');
	us_buf_quote(&p->line, f->value.s);
	us_buf_putc(&p->line, ';');
}

static void
print_roles(struct us_printer *p, const struct us_node *node)
{
	const struct us_test_user *user = node->data;

	us_buf_puts(&p->line, "roles ");
	us_print_names(p, user->roles.v, user->roles.n, us_put_word);
	us_buf_putc(&p->line, ';');
}

static struct us_loc
groups_loc(const struct us_test_user *user)
{
	const struct us_test_group *first = user->groups.v;
	const struct us_test_group *last = first + user->groups.n - 1;

	return us_loc_span(
	    first->name.loc, last->id.s.p ? last->id.loc : last->name.loc);
}

static void
print_user(struct us_printer *p, const struct us_node *node)
{
	const struct us_test_user *user = node->data;
	const struct us_test_profile *profile;
	const struct us_test_oncall *oncall;
	us_nodes inside = {0};

	us_buf_puts(&p->line, "user ");
	us_buf_quote(&p->line, user->uid.s);
	if (user->groups.n)
		us_node_add(p, &inside, groups_loc(user), user, print_groups);
	US_EACH (oncall, &user->oncall)
		us_node_add(p, &inside, oncall->loc, oncall, print_oncall);
	US_EACH (profile, &user->profile)
		us_node_add(p, &inside, profile->loc, profile, print_profile);
	if (user->roles.n)
		us_node_add(p, &inside,
		    us_loc_span(user->roles.v[0].loc,
			user->roles.v[user->roles.n - 1].loc),
		    user, print_roles);
	us_print_block(p, node, &inside);
}

/* --- Requests --- */

static void
print_attr(struct us_printer *p, const struct us_node *node)
{
	static const char *const truths[] = {
	    " is false;", " is true;", " is unknown;"};
	const struct us_test_attr *attr = node->data;
	struct us_buf *b = &p->line;

	us_put_word(b, attr->filter.s);
	if (attr->boolean) {
		us_buf_puts(b, truths[attr->value]);
		return;
	}
	us_buf_putc(b, ' ');
	if (attr->unknown && us_str_is(attr->key.s, "is"))
		us_buf_quote(b, attr->key.s); /* else: a boolean */
	else
		us_put_word(b, attr->key.s);
	us_buf_puts(b, attr->unknown ? " unknown" : " = ");
	us_print_names(p, attr->values.v, attr->values.n, us_buf_quote);
	us_buf_putc(b, ';');
}

static void
put_agent_part(struct us_printer *p, const char *keyword,
    const struct us_word *word, void (*put)(struct us_buf *b, struct us_str s))
{
	if (!word->s.p)
		return;
	us_buf_printf(&p->line, "%s ", keyword);
	put(&p->line, word->s);
	us_buf_puts(&p->line, US_FOLD);
}

static void
put_requestor(struct us_printer *p, const struct us_test *t)
{
	if (t->agent) {
		us_buf_puts(&p->line, "agent ");
		put_agent_part(p, "client", &t->client, us_buf_quote);
		put_agent_part(p, "owner", &t->owner, us_buf_quote);
		put_agent_part(p, "provider", &t->provider, us_put_word);
		put_agent_part(p, "subject", &t->subject, us_buf_quote);
		us_buf_puts(&p->line, "user ");
	}
	if (t->principal.s.p)
		us_buf_quote(&p->line, t->principal.s);
	else
		us_buf_puts(&p->line, "none");
	if (t->by.s.p) {
		us_buf_puts(&p->line, US_FOLD "by ");
		us_buf_quote(&p->line, t->by.s);
	}
}

static void
print_request(struct us_printer *p, const struct us_node *node)
{
	const struct us_test *t = node->data;
	const struct us_test_attr *attr;
	us_nodes inside = {0};

	us_buf_puts(&p->line, "request from ");
	put_requestor(p, t);
	us_buf_puts(&p->line, US_FOLD "to ");
	us_put_service(&p->line, t->service.s);
	if (t->access.s.p) {
		us_buf_puts(&p->line, " access ");
		us_put_word(&p->line, t->access.s);
	}
	if (t->attrs.n == 0) {
		us_buf_putc(&p->line, ';');
		return;
	}
	US_EACH (attr, &t->attrs)
		us_node_add(p, &inside, attr->loc, attr, print_attr);
	us_print_block(p, node, &inside);
}

/* --- Tests --- */

static void
print_test_reason(struct us_printer *p, const struct us_node *node)
{
	put_statement(
	    p, "reason", ((const struct us_test *)node->data)->reason.s);
}

static void
print_test_duration(struct us_printer *p, const struct us_node *node)
{
	const struct us_test *t = node->data;

	us_buf_puts(&p->line, "duration ");
	us_length_print(t->duration, &p->line);
	us_buf_putc(&p->line, ';');
}

static void
print_at(struct us_printer *p, const struct us_node *node)
{
	put_statement(p, "at", ((const struct us_test *)node->data)->at_text.s);
}

/* data: the keyword */
static void
print_keyword(struct us_printer *p, const struct us_node *node)
{
	us_buf_printf(&p->line, "%s;", (const char *)node->data);
}

static void
print_expect(struct us_printer *p, const struct us_node *node)
{
	const struct us_expect *e = node->data;

	us_buf_puts(&p->line, "expect ");
	if (e->kind != US_EXPECT_OUTCOME) {
		put_statement(p,
		    e->kind == US_EXPECT_APPROVER ? "approver" : "not approver",
		    e->approver.s);
		return;
	}
	us_buf_str_add(&p->line, e->outcome.s);
	if (e->by.s.n) {
		us_buf_putc(&p->line, ' ');
		us_buf_str_add(&p->line, e->by.s);
	}
	if (e->missing.n)
		us_buf_puts(&p->line, US_FOLD "missing ");
	us_print_names(p, e->missing.v, e->missing.n, us_put_word);
	if (e->rules.n)
		us_buf_puts(&p->line, US_FOLD "by ");
	us_print_names(p, e->rules.v, e->rules.n, us_put_word);
	us_buf_putc(&p->line, ';');
}

static void
add_request(struct us_printer *p, us_nodes *inside, const struct us_test *t)
{
	struct us_node *node =
	    us_node_add(p, inside, t->request_loc, t, print_request);

	if (t->attrs.n == 0)
		return;
	node->head_end = t->access.s.p
			     ? t->access.loc.off + t->access.loc.len
			     : t->service.loc.off + t->service.loc.len;
	node->close = t->request_close.off;
}

static void
print_test(struct us_printer *p, const struct us_node *node)
{
	const struct us_test *t = node->data;
	const struct us_expect *e;
	us_nodes inside = {0};

	us_buf_puts(&p->line, "test ");
	us_buf_quote(&p->line, t->name.s);
	if (t->given)
		add_request(p, &inside, t);
	if (t->reason.s.p)
		us_node_add(p, &inside, t->reason_loc, t, print_test_reason);
	if (t->duration)
		us_node_add(
		    p, &inside, t->duration_loc, t, print_test_duration);
	if (t->at_text.s.p)
		us_node_add(p, &inside, t->at_loc, t, print_at);
	if (t->preapproved)
		us_node_add(p, &inside, t->preapproved_loc, "preapproved",
		    print_keyword);
	if (t->escalated)
		us_node_add(
		    p, &inside, t->escalated_loc, "escalated", print_keyword);
	US_EACH (e, &t->expects)
		us_node_add(p, &inside, e->loc, e, print_expect);
	us_print_block(p, node, &inside);
}

/* --- The file --- */

static void
print_rules(struct us_printer *p, const struct us_node *node)
{
	put_statement(p, "rules", ((const struct us_word *)node->data)->s);
}

static void
add_item(struct us_printer *p, us_nodes *nodes, const struct us_testset *ts,
    const struct us_testitem *item)
{
	const struct us_test_user *user;
	const struct us_test *test;
	struct us_node *node;

	switch (item->kind) {
	case US_TESTITEM_RULES:
		node = us_node_add(p, nodes, ts->rules_locs.v[item->index],
		    &ts->rules.v[item->index], print_rules);
		node->compact = true;
		break;
	case US_TESTITEM_USER:
		user = &ts->users.v[item->index];
		node = us_node_add(p, nodes, user->loc, user, print_user);
		node->head_end = user->uid.loc.off + user->uid.loc.len;
		node->close = user->close.off;
		break;
	default:
		test = &ts->tests.v[item->index];
		node = us_node_add(p, nodes, test->loc, test, print_test);
		node->head_end = test->name.loc.off + test->name.loc.len;
		node->close = test->close.off;
	}
	node->kind = (int)item->kind + 1;
}

void
us_print_tests(const struct us_testset *ts, struct us_buf *out)
{
	struct us_printer p = {.out = out,
	    .comments = ts->comments.v,
	    .comment_count = ts->comments.n};
	const struct us_testitem *item;
	struct us_notes left;
	us_nodes nodes = {0};

	US_EACH (item, &ts->items)
		add_item(&p, &nodes, ts, item);
	left =
	    us_nodes_attach(&p, &nodes, (struct us_notes){0, ts->comments.n});
	us_nodes_print(&p, &nodes, left);
	us_buf_free(&p.line);
	us_arena_free(&p.arena);
}
