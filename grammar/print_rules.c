/* SPDX-License-Identifier: Apache-2.0 */
/* The printer's statements and items of a rule file. */
#include "engine/when.h"
#include "grammar/print_rules.h"

static uint32_t
end_of(struct us_loc loc)
{
	return loc.off + loc.len;
}

/* --- Who --- */

static void
put_members(struct us_printer *p, const struct us_members *m)
{
	const struct us_groupref *ref;

	us_buf_puts(&p->line, m->outside ? "outside " : "group ");
	US_EACH (ref, &m->refs) {
		if (ref != m->refs.v)
			us_buf_puts(&p->line, "," US_FOLD);
		us_buf_str_add(&p->line,
		    p->group_names ? us_group_name(p->group_names, ref)
				   : ref->name.s);
	}
}

static void
put_agent(struct us_printer *p, const struct us_who *who)
{
	struct us_buf *b = &p->line;

	switch (who->agent) {
	case US_AGENT_ANY:
		us_buf_puts(b, "any");
		break;
	case US_AGENT_CLIENT:
		us_buf_puts(b, "client ");
		us_buf_quote(b, who->agent_id.s);
		break;
	case US_AGENT_OWNER:
		us_buf_puts(b, "owner ");
		us_buf_quote(b, who->agent_id.s);
		break;
	case US_AGENT_OWNER_MEMBERS:
		us_buf_puts(b, "owner ");
		put_members(p, &who->owners);
		break;
	case US_AGENT_PROVIDER:
		us_buf_puts(b, "provider ");
		us_put_word(b, who->agent_id.s);
		if (who->has_subject) {
			us_buf_puts(b, " ~ ");
			us_buf_quote(b, who->subject.s);
		}
		break;
	}
}

static void
put_behalf(struct us_printer *p, const struct us_who *who)
{
	switch (who->behalf) {
	case US_BEHALF_ANY:
		us_buf_puts(&p->line, "any");
		break;
	case US_BEHALF_NONE:
		us_buf_puts(&p->line, "none");
		break;
	case US_BEHALF_USER:
		us_buf_quote(&p->line, who->uid.s);
		break;
	case US_BEHALF_MEMBERS:
		put_members(p, &who->members);
		break;
	}
}

static void
print_from(struct us_printer *p, const struct us_node *node)
{
	const struct us_who *who = node->data;
	struct us_buf *b = &p->line;

	us_buf_puts(b, "from ");
	switch (who->kind) {
	case US_WHO_NONE:
	case US_WHO_ANY:
		us_buf_puts(b, "any");
		break;
	case US_WHO_SOME:
		us_buf_puts(b, "some");
		break;
	case US_WHO_USER:
		us_buf_puts(b, "user ");
		us_buf_quote(b, who->uid.s);
		break;
	case US_WHO_MEMBERS:
		put_members(p, &who->members);
		break;
	case US_WHO_AGENT:
		us_buf_puts(b, "agent ");
		put_agent(p, who);
		us_buf_puts(b, US_FOLD "user ");
		put_behalf(p, who);
		break;
	}
	us_buf_putc(b, ';');
}

/* --- To --- */

static void
print_filter(struct us_printer *p, const struct us_node *node)
{
	static const char *const effects[] = {
	    "keep ", "remove ", "remove-all "};
	const struct us_filter *f = node->data;
	struct us_buf *b = &p->line;

	us_buf_puts(b, effects[f->effect]);
	us_put_word(b, f->name.s);
	if (f->effect == US_REMOVE_ALL) {
		if (f->has_key) {
			us_buf_puts(b, " key ");
			us_put_word(b, f->key.s);
		}
	} else if (f->boolean) {
		us_buf_puts(b, f->value ? " is true" : " is false");
	} else {
		us_buf_putc(b, ' ');
		us_put_word(b, f->key.s);
		us_buf_puts(b, " ~ ");
		us_buf_quote(b, f->pattern.s);
	}
	us_buf_putc(b, ';');
}

static void
print_to(struct us_printer *p, const struct us_node *node)
{
	const struct us_to *to = node->data;
	const struct us_filter *f;
	us_nodes filters = {0};

	us_buf_puts(&p->line, "to ");
	if (to->any)
		us_buf_puts(&p->line, "any");
	else
		us_put_service(&p->line, to->service.s);
	if (to->has_access) {
		us_buf_puts(&p->line, " access ");
		us_put_word(&p->line, to->access.s);
	}
	if (to->filters.n == 0) {
		us_buf_putc(&p->line, ';');
		return;
	}
	US_EACH (f, &to->filters)
		us_node_add(p, &filters, f->loc, f, print_filter);
	us_print_block(p, node, &filters);
}

/* The statements that rules and pre-approvals share. */
static void
print_disabled(struct us_printer *p, const struct us_node *node)
{
	(void)node;
	us_buf_puts(&p->line, "disabled;");
}

static void
add_common(struct us_printer *p, us_nodes *nodes, const struct us_loc *disabled,
    const struct us_who *who, const struct us_to *to)
{
	struct us_node *node;

	if (disabled)
		us_node_add(p, nodes, *disabled, NULL, print_disabled);
	us_node_add(p, nodes, who->loc, who, print_from);
	node = us_node_add(p, nodes, to->loc, to, print_to);
	if (to->filters.n) {
		node->head_end =
		    end_of(to->has_access ? to->access.loc : to->service.loc);
		node->close = to->close.off;
	}
}

/* --- Approval --- */

static void
put_options(struct us_printer *p, const struct us_alt *alt, const char *verb)
{
	const struct us_option_row *row;
	bool first = true;

	for (row = us_options; row < us_options + us_option_count; row++) {
		if (!(alt->options & row->bit) || strcmp(row->verb, verb) != 0)
			continue;
		us_buf_printf(
		    &p->line, first ? US_FOLD "%s " : "," US_FOLD, verb);
		us_buf_puts(&p->line, row->word);
		first = false;
	}
}

static void
put_how(struct us_printer *p, const struct us_alt *alt)
{
	struct us_buf *b = &p->line;

	switch (alt->type) {
	case US_ALT_AUTO:
		us_buf_puts(b, "oncall ");
		us_put_word(b, alt->integration.s);
		break;
	case US_ALT_ESCALATION:
		us_buf_puts(b, "escalation ");
		us_put_word(b, alt->integration.s);
		us_buf_putc(b, ' ');
		us_print_names(
		    p, alt->services.v, alt->services.n, us_buf_quote);
		break;
	case US_ALT_GROUP:
		put_members(p, &alt->members);
		break;
	case US_ALT_PERSISTENT:
		us_buf_puts(b, "persistent");
		break;
	case US_ALT_PROFILE:
		us_buf_puts(b, "manager ");
		us_put_word(b, alt->directory.s);
		us_buf_putc(b, ' ');
		us_buf_quote(b, alt->property.s);
		break;
	case US_ALT_P0:
		us_buf_puts(b, "reviewers");
		break;
	case US_ALT_DENY:
	case US_ALT_COUNT:
		break;
	}
}

static void
print_alt(struct us_printer *p, const struct us_node *node)
{
	const struct us_alt *alt = node->data;

	if (alt->type == US_ALT_DENY) {
		us_buf_puts(&p->line, "deny;");
		return;
	}
	us_buf_puts(&p->line, "approve ");
	put_how(p, alt);
	put_options(p, alt, "require");
	put_options(p, alt, "allow");
	us_buf_putc(&p->line, ';');
}

static void
print_nobody(struct us_printer *p, const struct us_node *node)
{
	(void)node;
	us_buf_puts(&p->line, "approve nobody;");
}

/* --- Items --- */

static struct us_node *
add_block(struct us_printer *p, us_nodes *nodes, int kind, struct us_loc loc,
    struct us_word name, struct us_loc close, const void *data,
    void (*print)(struct us_printer *p, const struct us_node *node))
{
	struct us_node *node = us_node_add(p, nodes, loc, data, print);

	node->kind = kind + 1;
	node->head_end = end_of(name.loc);
	node->close = close.off;
	return node;
}

static void
print_rule(struct us_printer *p, const struct us_node *node)
{
	const struct us_rule *r = node->data;
	const struct us_alt *alt;
	us_nodes inside = {0};

	us_buf_puts(&p->line, "rule ");
	us_put_word(&p->line, r->name.s);
	add_common(
	    p, &inside, r->disabled ? &r->disabled_loc : NULL, &r->who, &r->to);
	US_EACH (alt, &r->alts)
		us_node_add(p, &inside, alt->loc, alt, print_alt);
	if (r->alts.n == 0)
		us_node_add(p, &inside, r->nobody_loc, NULL, print_nobody);
	us_print_block(p, node, &inside);
}

struct us_node *
us_node_add_rule(
    struct us_printer *p, us_nodes *nodes, const struct us_rule *rule)
{
	return add_block(p, nodes, US_ITEM_RULE, rule->loc, rule->name,
	    rule->close, rule, print_rule);
}

/* A time as it was written, or, when it was made, as it should be. */
static void
put_time(struct us_buf *b, const struct us_word *text, int64_t ms)
{
	struct us_buf made = {0};

	if (text->s.p) {
		us_buf_quote(b, text->s);
		return;
	}
	us_when_print(ms, &made);
	us_buf_quote(b, us_buf_str(&made));
	us_buf_free(&made);
}

static void
print_valid(struct us_printer *p, const struct us_node *node)
{
	const struct us_preapproval *pre = node->data;

	us_buf_puts(&p->line, "valid ");
	if (pre->has_from) {
		us_buf_puts(&p->line, "from ");
		put_time(&p->line, &pre->from_text, pre->from);
		us_buf_putc(&p->line, ' ');
	}
	us_buf_puts(&p->line, "until ");
	put_time(&p->line, &pre->until_text, pre->until);
	us_buf_putc(&p->line, ';');
}

static void
print_duration(struct us_printer *p, const struct us_node *node)
{
	const struct us_preapproval *pre = node->data;

	us_buf_puts(&p->line, "duration ");
	us_length_print(pre->duration, &p->line);
	us_buf_putc(&p->line, ';');
}

static void
print_reason(struct us_printer *p, const struct us_node *node)
{
	const struct us_preapproval *pre = node->data;

	us_buf_puts(&p->line, "reason ");
	us_buf_quote(&p->line, pre->reason.s);
	us_buf_putc(&p->line, ';');
}

static void
print_preapproval(struct us_printer *p, const struct us_node *node)
{
	const struct us_preapproval *pre = node->data;
	us_nodes inside = {0};

	us_buf_puts(&p->line, "preapprove ");
	us_put_word(&p->line, pre->name.s);
	add_common(p, &inside, pre->disabled ? &pre->disabled_loc : NULL,
	    &pre->who, &pre->to);
	us_node_add(p, &inside, pre->valid_loc, pre, print_valid);
	if (pre->has_duration)
		us_node_add(p, &inside, pre->duration_loc, pre, print_duration);
	if (pre->reason.s.p)
		us_node_add(p, &inside, pre->reason_loc, pre, print_reason);
	us_print_block(p, node, &inside);
}

struct us_node *
us_node_add_preapproval(
    struct us_printer *p, us_nodes *nodes, const struct us_preapproval *pre)
{
	return add_block(p, nodes, US_ITEM_PREAPPROVAL, pre->loc, pre->name,
	    pre->close, pre, print_preapproval);
}
