/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why: the trace of the matcher, gathered rule by rule, with what the request
 * has where each test looked.
 */
#include "engine/disasm.h"
#include "engine/explain.h"
#include "engine/when.h"

struct gather {
	const struct us_prog *prog;
	const struct us_request *req;
	struct us_arena *arena;
	struct us_why *why;
	struct us_buf buf;
	struct us_line_why *line; /* being traced */
	uint8_t *answers;         /* enum us_tri, by instruction */
};

static const char *
take_buf(struct gather *g)
{
	const char *text = us_arena_str(g->arena, us_buf_str(&g->buf)).p;

	us_buf_reset(&g->buf);
	return text;
}

static void
put_optional(struct us_str s, struct us_buf *out)
{
	if (s.p)
		us_buf_json(out, s);
	else
		us_buf_puts(out, "[]");
}

static void
put_values(const struct us_attr_key *key, struct us_buf *out)
{
	const struct us_str *value;
	const char *comma = "";

	if (key->values.n == 1 && !key->unknown) {
		us_buf_json(out, key->values.v[0]);
		return;
	}
	if (!key->values.n && key->unknown) {
		us_buf_puts(out, "null");
		return;
	}
	us_buf_putc(out, '[');
	US_EACH (value, &key->values) {
		us_buf_puts(out, comma);
		us_buf_json(out, *value);
		comma = ",";
	}
	if (key->unknown)
		us_buf_printf(out, "%snull", comma);
	us_buf_putc(out, ']');
}

static void
put_keyed(const struct us_attr *attr, struct us_str key, struct us_buf *out)
{
	const struct us_attr_key *k;
	const char *comma = "";

	if (key.p) {
		US_EACH (k, &attr->keys) {
			if (us_str_eq(k->key, key)) {
				put_values(k, out);
				return;
			}
		}
		us_buf_puts(out, "[]");
		return;
	}
	us_buf_putc(out, '{');
	US_EACH (k, &attr->keys) {
		us_buf_puts(out, comma);
		us_buf_json(out, k->key);
		us_buf_putc(out, ':');
		put_values(k, out);
		comma = ",";
	}
	us_buf_putc(out, '}');
}

/* What is under a filter name, or under one key of it. */
static void
put_attribute(const struct us_request *req, struct us_str filter,
    struct us_str key, struct us_buf *out)
{
	const struct us_attr *attr;

	if (req->attrs_unknown) {
		us_buf_puts(out, "null");
		return;
	}
	US_EACH (attr, &req->attrs) {
		if (!us_str_eq(attr->filter, filter))
			continue;
		if (attr->kind == US_ATTR_UNKNOWN)
			us_buf_puts(out, "null");
		else if (attr->kind == US_ATTR_KEYED)
			put_keyed(attr, key, out);
		else
			us_buf_puts(out, attr->value ? "true" : "false");
		return;
	}
	us_buf_puts(out, "[]");
}

static void
put_at(const struct us_request *req, struct us_buf *out)
{
	struct us_buf at = {0};

	if (!req->has_at) {
		us_buf_puts(out, "[]");
		return;
	}
	us_when_print(req->at, &at);
	us_buf_json(out, us_buf_str(&at));
	us_buf_free(&at);
}

/* Where a test looks in a request. */
static void
put_value(const struct gather *g, const struct us_insn *insn,
    struct us_buf *out)
{
	static const struct us_session no_session;
	const struct us_request *req = g->req;
	const struct us_session *agent = req->agent ? req->agent : &no_session;
	const struct us_symbol *s;

	switch (us_ops[insn->op].a) {
	case US_OPERAND_FILTER:
		s = &g->prog->filters.symbols.v[insn->a];
		put_attribute(req, s->a, (struct us_str){0}, out);
		return;
	case US_OPERAND_SLOT:
		s = &g->prog->slots.symbols.v[insn->a];
		put_attribute(req, s->a, s->b, out);
		return;
	default:
		break;
	}
	switch (insn->op) {
	case US_OP_VALID:
		put_at(req, out);
		break;
	case US_OP_SERVICE:
		put_optional(req->service, out);
		break;
	case US_OP_ACCESS:
		put_optional(req->access, out);
		break;
	case US_OP_AGENT_CLIENT:
		put_optional(agent->client_id, out);
		break;
	case US_OP_AGENT_OWNER:
	case US_OP_AGENT_OWNER_GROUP:
	case US_OP_AGENT_OWNER_OUTSIDE:
		put_optional(agent->owner, out);
		break;
	case US_OP_AGENT_PROVIDER:
		put_optional(agent->provider_id, out);
		break;
	case US_OP_AGENT_SUBJECT:
		put_optional(agent->subject, out);
		break;
	case US_OP_HUMAN:
	case US_OP_AGENT:
		us_buf_puts(out, req->agent ? "true" : "false");
		break;
	default:
		put_optional(req->principal ? req->principal->uid
					    : (struct us_str){0}, out);
	}
}

/* The line that begins at insn: whose it is. */
static struct us_line_why *
begin_line(struct gather *g, const struct us_insn *insn)
{
	if (insn->op == US_OP_RULE)
		return &g->why->rules.v[insn->a];
	return &g->why->preapprovals.v[insn->a];
}

static void
add_part(struct gather *g, uint32_t at, const struct us_insn *insn,
    enum us_tri answer)
{
	struct us_part *part;

	us_insn_text(g->prog, insn, &g->buf);
	if (insn->op == US_OP_HUMAN && answer == US_NO)
		us_buf_puts(&g->buf, "a person's own session");
	if (!g->buf.n)
		return;
	part = us_list_add(g->arena, &g->line->parts);
	part->insn = at;
	part->holds = answer;
	part->text = take_buf(g);
	put_value(g, insn, &g->buf);
	part->value = take_buf(g);
}

/* Parts alone: what the line says whatever other rules do. */
static void
end_line(struct gather *g)
{
	const struct us_part *part;

	g->line->state = US_LINE_MATCHES;
	US_EACH (part, &g->line->parts) {
		if (part->holds == US_NO)
			g->line->state = US_LINE_FAILS;
		else if (part->holds == US_CANNOT_TELL &&
		    g->line->state == US_LINE_MATCHES)
			g->line->state = US_LINE_UNDECIDED;
	}
}

static void
gather(void *arg, uint32_t at, const struct us_insn *insn, enum us_tri answer)
{
	struct gather *g = arg;

	g->answers[at] = (uint8_t)answer;
	switch (insn->op) {
	case US_OP_RULE:
	case US_OP_PREAPPROVE:
		g->line = begin_line(g, insn);
		break;
	case US_OP_ROUTE:
	case US_OP_DENY:
	case US_OP_COVER:
		end_line(g);
		break;
	case US_OP_END:
		break;
	default:
		add_part(g, at, insn, answer);
	}
}

static void
add_line(struct us_arena *a, us_line_whys *lines, struct us_str name,
    bool disabled)
{
	struct us_line_why *line = us_list_add(a, lines);

	line->name = name;
	line->state = disabled ? US_LINE_DISABLED : US_LINE_FAILS;
}

/* What the verdict says of the rules counts, the parts only say why. */
static void
adopt_verdict(struct us_why *why, const struct us_verdict *v)
{
	const uint32_t *number;

	for (uint32_t i = 0; i < why->rules.n; i++) {
		struct us_line_why *line = &why->rules.v[i];

		if (line->state == US_LINE_DISABLED)
			continue;
		line->state =
		    line->state != US_LINE_FAILS && v->prog->routes.v[i].some
		    ? US_LINE_ALONE
		    : US_LINE_FAILS;
	}
	US_EACH (number, &v->rules)
		why->rules.v[*number].state = US_LINE_MATCHES;
	US_EACH (number, &v->undecided)
		why->rules.v[*number].state = US_LINE_UNDECIDED;
}

#define COPY_LIST(a, to, from)                                                 \
	do {                                                                   \
		(to).v = us_arena_alloc((a), (from).n * sizeof(*(to).v));      \
		if ((from).n)                                                  \
			memcpy((to).v, (from).v, (from).n * sizeof(*(to).v));  \
	} while (0)

static struct us_verdict *
copy_verdict(const struct us_verdict *v, struct us_arena *a)
{
	struct us_verdict *copy = us_arena_alloc(a, sizeof(*copy));

	*copy = *v;
	COPY_LIST(a, copy->rules, v->rules);
	COPY_LIST(a, copy->denied_by, v->denied_by);
	COPY_LIST(a, copy->undecided, v->undecided);
	COPY_LIST(a, copy->alternatives, v->alternatives);
	COPY_LIST(a, copy->via, v->via);
	return copy;
}

const struct us_why *
us_explain(
    struct us_matcher *m, const struct us_request *req, struct us_arena *a)
{
	const struct us_prog *prog = us_matcher_prog(m);
	struct us_why *why = us_arena_alloc(a, sizeof(*why));
	struct gather g = {
	    .prog = prog, .req = req, .arena = a, .why = why,
	    .answers = us_arena_alloc(a, prog->code.n)};
	const struct us_prog_preapproval *pre;
	const struct us_prog_rule *rule;

	why->prog = prog;
	why->verdict = copy_verdict(us_decide(m, req), a);
	US_EACH (rule, &prog->rules)
		add_line(a, &why->rules, rule->name, rule->disabled);
	US_EACH (pre, &prog->preapprovals)
		add_line(a, &why->preapprovals, pre->name, pre->disabled);
	us_match_trace(m, req, gather, &g);
	adopt_verdict(why, why->verdict);
	us_changes_find(m, req, why->verdict, g.answers, a, &why->changes);
	us_buf_free(&g.buf);
	return why;
}
