/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one workflow changes of another, by the names of the rules. Rules whose
 * texts differ are read again, all together, and compared by what they say.
 */
#include "daemon/workflow.h"
#include "engine/json.h"
#include "engine/json_rules.h"

/* The audit log says so much of a change, and no more. */
#define NAMES_MAX 1000
#define DIFF_MAX (64 * 1024)

void
us_rule_index_free(struct us_rule_index *index)
{
	us_arena_free(&index->arena);
	*index = (struct us_rule_index){0};
}

uint32_t
us_rule_index_find(const struct us_rule_index *index, struct us_str name)
{
	return us_symtab_find(&index->names, name, (struct us_str){NULL, 0});
}

struct us_str
us_rule_text(const struct us_rule_texts *texts, uint32_t i)
{
	const struct us_place *place = &texts->index->places.v[i];

	return (struct us_str){texts->rules.p + place->off, place->len};
}

struct us_str
us_rule_name(const struct us_rule_texts *texts, uint32_t i)
{
	return texts->index->names.symbols.v[i].a;
}

typedef US_LIST(uint32_t) rule_list;

/* Those of the rules that `list` names, as a tree; NULL when unreadable. */
static struct us_ruleset *
read_rules(const struct us_rule_texts *texts, const uint32_t *list, uint32_t n)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_buf text = {0};
	struct us_json_value value;
	struct us_src *src;

	us_buf_putc(&text, '[');
	for (uint32_t i = 0; i < n; i++) {
		us_buf_puts(&text, i ? "," : "");
		us_buf_str_add(&text, us_rule_text(texts, list[i]));
	}
	us_buf_putc(&text, ']');
	src = us_src_take("rules", &text, US_FORMAT_JSON);
	*us_list_add(&rs->arena, &rs->sources) = src;
	if (us_json_parse(src, &diags, &value))
		us_rules_from_json(rs, src, value, &diags);
	if (diags.errors || rs->rules.n != n) {
		us_ruleset_free(rs);
		rs = NULL;
	}
	us_diags_free(&diags);
	return rs;
}

static bool
says_the_same(const struct us_rule *a, const struct us_rule *b,
    struct us_buf *room, struct us_buf *other)
{
	us_buf_reset(room);
	us_buf_reset(other);
	us_rule_to_json(a, room);
	us_rule_to_json(b, other);
	return us_str_eq(us_buf_str(room), us_buf_str(other));
}

/* Of pairs whose texts differ, keeps those that say something else. */
static void
keep_changed(const struct us_rule_texts *from, const struct us_rule_texts *to,
    const rule_list *old, const rule_list *new, struct us_difference *d)
{
	struct us_ruleset *was = read_rules(from, old->v, old->n);
	struct us_ruleset *is = read_rules(to, new->v, new->n);
	struct us_buf room = {0}, other = {0};

	for (uint32_t i = 0; i < new->n; i++) {
		if (was && is &&
		    says_the_same(
			&was->rules.v[i], &is->rules.v[i], &room, &other))
			continue;
		*us_list_add(&d->arena, &d->changed) = new->v[i];
		*us_list_add(&d->arena, &d->replaced) = old->v[i];
	}
	us_buf_free(&room);
	us_buf_free(&other);
	us_ruleset_free(was);
	us_ruleset_free(is);
}

void
us_difference_find(const struct us_rule_texts *from,
    const struct us_rule_texts *to, struct us_difference *d)
{
	rule_list old = {0}, new = {0};
	uint32_t i, k;

	*d = (struct us_difference){.added = {0}};
	for (i = 0; i < to->index->places.n; i++) {
		k = us_rule_index_find(from->index, us_rule_name(to, i));
		if (k == US_NO_SYMBOL) {
			*us_list_add(&d->arena, &d->added) = i;
		} else if (!us_str_eq(
			       us_rule_text(from, k), us_rule_text(to, i))) {
			*us_list_add(&d->arena, &old) = k;
			*us_list_add(&d->arena, &new) = i;
		}
	}
	for (k = 0; k < from->index->places.n; k++) {
		i = us_rule_index_find(to->index, us_rule_name(from, k));
		if (i == US_NO_SYMBOL)
			*us_list_add(&d->arena, &d->removed) = k;
	}
	if (new.n)
		keep_changed(from, to, &old, &new, d);
}

void
us_difference_free(struct us_difference *d)
{
	us_arena_free(&d->arena);
	*d = (struct us_difference){.added = {0}};
}

static struct json_object *
json_str(struct us_str s)
{
	return json_object_new_string_len(s.p, (int)s.n);
}

static void
add_names(struct json_object *data, const char *member,
    const struct us_rule_texts *texts, const uint32_t *list, uint32_t n,
    bool *truncated)
{
	struct json_object *names = json_object_new_array();

	if (n > NAMES_MAX) {
		n = NAMES_MAX;
		*truncated = true;
	}
	for (uint32_t i = 0; i < n; i++)
		json_object_array_add(
		    names, json_str(us_rule_name(texts, list[i])));
	json_object_object_add(data, member, names);
}

/* The texts of rules, while there is room. */
static void
add_texts(struct json_object *array, const struct us_rule_texts *texts,
    const uint32_t *list, uint32_t n, size_t *room, bool *truncated)
{
	struct us_str text;

	for (uint32_t i = 0; i < n; i++) {
		text = us_rule_text(texts, list[i]);
		if (text.n > *room) {
			*truncated = true;
			return;
		}
		*room -= text.n;
		json_object_array_add(array, json_str(text));
	}
}

struct json_object *
us_difference_json(const struct us_difference *d,
    const struct us_rule_texts *from, const struct us_rule_texts *to)
{
	struct json_object *data = json_object_new_object();
	struct json_object *diff = json_object_new_object();
	struct json_object *plus = json_object_new_array();
	struct json_object *minus = json_object_new_array();
	size_t room = DIFF_MAX;
	bool cut = false;

	add_names(data, "added", to, d->added.v, d->added.n, &cut);
	add_names(data, "changed", to, d->changed.v, d->changed.n, &cut);
	add_names(data, "removed", from, d->removed.v, d->removed.n, &cut);
	/* What is no more can be looked up nowhere else as easily. */
	add_texts(minus, from, d->removed.v, d->removed.n, &room, &cut);
	add_texts(minus, from, d->replaced.v, d->replaced.n, &room, &cut);
	add_texts(plus, to, d->changed.v, d->changed.n, &room, &cut);
	add_texts(plus, to, d->added.v, d->added.n, &room, &cut);
	json_object_object_add(diff, "+", plus);
	json_object_object_add(diff, "-", minus);
	json_object_object_add(data, "diff", diff);
	if (cut)
		json_object_object_add(
		    data, "truncated", json_object_new_boolean(true));
	return data;
}
