/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drafts. Whatever form a workflow came in, it is stored as the JSON arrays of
 * its rules, services and pre-approvals, as they were sent; those of the
 * language are written by the exporter and stand beside the text.
 */
#include "daemon/workflow.h"
#include "engine/check.h"
#include "engine/compile.h"
#include "engine/json.h"
#include "engine/json_rules.h"
#include "grammar/load.h"

void
us_draft_init(struct us_draft *d)
{
	*d = (struct us_draft){.rs = us_ruleset_new()};
}

void
us_draft_free(struct us_draft *d)
{
	if (d->prog)
		us_prog_unref(d->prog);
	us_rule_index_free(&d->index);
	us_diags_free(&d->diags);
	us_ruleset_free(d->rs);
	us_buf_free(&d->written);
	us_buf_free(&d->joined);
}

void
us_draft_own(struct us_draft *d, struct us_src *src)
{
	*us_list_add(&d->rs->arena, &d->rs->sources) = src;
}

struct us_src *
us_draft_source(struct us_draft *d, const char *name, struct us_str text,
    enum us_format format)
{
	struct us_src *src = us_src_new(name, text, format);

	us_draft_own(d, src);
	return src;
}

/* The member of node `around` of that name, null ones not; 0: none. */
static uint32_t
member(const struct us_src *src, uint32_t around, const char *name)
{
	struct us_json_value value =
	    us_json_member(src, us_json_at(src, around), name);

	return value.has ? value.node : 0;
}

/* Which node of a JSON source is the list of rules, given what it is in. */
static uint32_t
rules_node(const struct us_src *src, uint32_t workflow)
{
	if (src->nodes.v[workflow].kind == US_JSON_ARRAY)
		return workflow;
	return member(src, workflow, "rules");
}

/* Which node is the workflow itself: `node`, or the member of that name. */
static uint32_t
workflow_node(const struct us_src *src, uint32_t node)
{
	uint32_t inner = member(src, node, "workflow");

	return inner && !rules_node(src, node) ? inner : node;
}

static struct us_str
slice(const struct us_src *src, const char *text, uint32_t node)
{
	const struct us_src_node *n = &src->nodes.v[node];

	return (struct us_str){text + n->off, n->len};
}

/* src is JSON and right; text: its bytes, wherever they will stay. */
static void
keep_parts(struct us_draft *d, const struct us_src *src, const char *text,
    uint32_t workflow)
{
	uint32_t rules = rules_node(src, workflow), i;
	struct us_json_walk walk = us_json_walk(src, us_json_at(src, rules));
	const struct us_rule *rule = d->rs->rules.v;
	const struct us_src_node *node;
	struct us_json_value item;
	struct us_place *place;

	d->rules = slice(src, text, rules);
	while (us_json_next(&walk, &item)) {
		node = &src->nodes.v[item.node];
		place = us_list_add(&d->index.arena, &d->index.places);
		place->off = node->off - src->nodes.v[rules].off;
		place->len = node->len;
		us_symtab_add(&d->index.arena, &d->index.names,
		    us_arena_str(&d->index.arena, rule++->name.s),
		    (struct us_str){NULL, 0});
	}
	if (rules == workflow)
		return;
	if ((i = member(src, workflow, "services")))
		d->services = slice(src, text, i);
	if ((i = member(src, workflow, "preapprovals")))
		d->preapprovals = slice(src, text, i);
}

/* The tree as JSON, for what was not sent as JSON. */
static void
write_parts(struct us_draft *d)
{
	struct us_json_value root;
	struct us_src *src;

	us_rules_to_json(d->rs, &d->written);
	src = us_src_new("workflow", us_buf_str(&d->written), US_FORMAT_JSON);
	if (us_json_parse(src, &d->diags, &root))
		keep_parts(d, src, d->written.p, 0);
	us_src_free(src);
}

/* Checks what was read and makes the program. */
static bool
compile(struct us_draft *d)
{
	us_check(d->rs, &d->diags);
	us_diags_sort(&d->diags);
	if (d->diags.errors)
		return false;
	d->prog = us_compile(d->rs);
	if (!d->prog)
		us_diag_add(&d->diags, US_DIAG_INTERNAL, (struct us_loc){0},
		    "the rules did not compile; this is a defect of usher");
	return d->prog != NULL;
}

/* The services that stay, as a source of their own. */
static void
read_services(struct us_draft *d, struct us_str services)
{
	struct us_buf text = {0};

	us_buf_puts(&text, "{\"rules\":[],\"services\":");
	us_buf_str_add(&text, services);
	us_buf_putc(&text, '}');
	us_load_src(d->rs,
	    us_src_take("stored services", &text, US_FORMAT_JSON), &d->diags);
}

bool
us_draft_from_value(struct us_draft *d, struct us_src *src,
    struct us_json_value value, struct us_str services)
{
	uint32_t node = workflow_node(src, value.node);
	bool own = member(src, node, "services") != 0;

	us_rules_from_json(d->rs, src, value, &d->diags);
	if (!own && services.n)
		read_services(d, services);
	if (!compile(d))
		return false;
	keep_parts(d, src, src->text, node);
	if (!own)
		d->services = services;
	return true;
}

/* All sources behind one another, when all are in the language. */
static void
keep_text(struct us_draft *d)
{
	struct us_src **src;

	US_EACH (src, &d->rs->sources) {
		if ((*src)->format != US_FORMAT_RULES)
			return;
	}
	US_EACH (src, &d->rs->sources) {
		us_buf_add(&d->joined, (*src)->text, (*src)->size);
		if ((*src)->size && (*src)->text[(*src)->size - 1] != '\n')
			us_buf_putc(&d->joined, '\n');
	}
	d->text = us_buf_str(&d->joined);
}

bool
us_draft_from_text(struct us_draft *d, const char *name, struct us_str text)
{
	struct us_src *src = us_src_new(name, text, US_FORMAT_RULES);

	us_load_src(d->rs, src, &d->diags);
	if (!compile(d))
		return false;
	write_parts(d);
	d->text = (struct us_str){src->text, src->size};
	return true;
}

bool
us_draft_from_path(struct us_draft *d, const char *path)
{
	const struct us_src *only;

	us_load_path(d->rs, path, &d->diags);
	if (!compile(d))
		return false;
	only = d->rs->sources.n == 1 ? d->rs->sources.v[0] : NULL;
	if (only && only->format == US_FORMAT_JSON) {
		keep_parts(d, only, only->text, workflow_node(only, 0));
		return true;
	}
	write_parts(d);
	keep_text(d);
	return true;
}

static void
put_part(struct us_buf *out, const char *name, struct us_str part)
{
	if (!part.n)
		return;
	us_buf_printf(out, ",\"%s\":", name);
	us_buf_str_add(out, part);
}

void
us_workflow_parts_json(
    const struct us_workflow_record *record, struct us_buf *out)
{
	us_buf_puts(out, "\"rules\":");
	us_buf_str_add(out, record->rules);
	put_part(out, "services", record->services);
	put_part(out, "preapprovals", record->preapprovals);
}

/* What the text of a record has before its rules. */
#define BEFORE_RULES (sizeof("{\"rules\":") - 1)

bool
us_draft_from_record(
    struct us_draft *d, const struct us_workflow_record *record)
{
	struct us_str nothing = {NULL, 0};
	struct us_json_value value;
	struct us_buf text = {0};
	struct us_src *src;

	us_buf_putc(&text, '{');
	us_workflow_parts_json(record, &text);
	us_buf_putc(&text, '}');
	src = us_draft_source(
	    d, "stored workflow", us_buf_str(&text), US_FORMAT_JSON);
	us_buf_free(&text);
	return us_json_parse(src, &d->diags, &value) &&
	       us_draft_from_value(d, src, value, nothing);
}

struct us_workflow_record
us_draft_record(const struct us_draft *d)
{
	return (struct us_workflow_record){.rules = d->rules,
	    .services = d->services,
	    .preapprovals = d->preapprovals,
	    .text = d->text};
}

static void
move_place(const struct us_src *whole, const struct us_draft_part *part,
    struct us_loc *loc)
{
	uint32_t begin = part->at + (uint32_t)BEFORE_RULES;
	uint32_t off;

	if (loc->src != whole || loc->off < begin ||
	    loc->off >= begin + part->len)
		return;
	off = loc->off - begin;
	if (off > part->added)
		off -= part->added;
	else if (off)
		off = 1;
	if (!off) /* the rule itself, which was shorter */
		loc->len -= part->added < loc->len ? part->added : 0;
	loc->off = part->from + off;
	loc->src = part->sent;
}

void
us_draft_say_of(struct us_draft *d, const struct us_draft_part *part)
{
	const struct us_src *whole = d->rs->sources.v[0];
	struct us_diag *diag;

	US_EACH (diag, &d->diags.list) {
		move_place(whole, part, &diag->loc);
		move_place(whole, part, &diag->see);
	}
}

void
us_diags_json(const struct us_diags *diags, struct us_buf *out)
{
	const struct us_diag *diag;

	us_buf_putc(out, '[');
	US_EACH (diag, &diags->list) {
		us_buf_puts(out, diag == diags->list.v ? "" : ",");
		us_diag_json(diag, out);
	}
	us_buf_putc(out, ']');
}

const char *
us_diags_first(const struct us_diags *diags)
{
	const struct us_diag *diag;

	US_EACH (diag, &diags->list) {
		if (us_diag_severity(diag->id) == US_ERROR)
			return diag->text;
	}
	return "something is wrong";
}
