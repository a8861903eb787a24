/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON read by json-c once the strict scan (json_scan.c) has passed it, and
 * the places of its values. The tree and the scan's nodes have one order, so a
 * walk over both notes in each value which node it is.
 */
#include "engine/err.h"
#include "engine/json.h"

void
us_json_set_node(struct json_object *value, uint32_t i)
{
	/* On a double, json-c keeps the text of the number there. */
	if (value && !json_object_is_type(value, json_type_double))
		json_object_set_userdata(
		    value, (void *)((uintptr_t)i + 1), NULL);
}

/* False when the value carries no note. */
static bool
get_node(struct json_object *value, uint32_t *node)
{
	uintptr_t note;

	if (!value || json_object_is_type(value, json_type_double))
		return false;
	note = (uintptr_t)json_object_get_userdata(value);
	*node = (uint32_t)(note - 1);
	return note != 0;
}

/* Value is node i; the node behind all that is inside. */
static uint32_t
set_nodes(struct json_object *value, uint32_t i)
{
	us_json_set_node(value, i++);
	if (json_object_is_type(value, json_type_array)) {
		size_t n = json_object_array_length(value);

		for (size_t k = 0; k < n; k++)
			i = set_nodes(json_object_array_get_idx(value, k), i);
	} else if (json_object_is_type(value, json_type_object)) {
		struct lh_entry *e = json_object_get_object(value)->head;

		for (; e; e = e->next)
			i = set_nodes(lh_entry_v(e), i);
	}
	return i;
}

bool
us_json_parse(
    struct us_src *src, struct us_diags *diags, struct json_object **value)
{
	struct json_tokener *tok;
	enum json_tokener_error error;

	if (us_json_scan(src, diags))
		return false;
	/* json-c counts a scalar as one level more. */
	tok = json_tokener_new_ex(US_JSON_DEPTH + 2);
	if (!tok)
		us_out_of_memory();
	json_tokener_set_flags(
	    tok, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	/* With its NUL: without it a number might go on. */
	*value = json_tokener_parse_ex(tok, src->text, (int)src->size + 1);
	error = json_tokener_get_error(tok);
	if (error == json_tokener_success)
		set_nodes(*value, 0);
	else
		us_diag_add(diags, US_DIAG_SYNTAX,
		    (struct us_loc){
			src, (uint32_t)json_tokener_get_parse_end(tok), 0},
		    "this is no JSON: %s", json_tokener_error_desc(error));
	json_tokener_free(tok);
	return error == json_tokener_success;
}

struct us_loc
us_json_loc(
    struct us_src *src, struct json_object *value, struct json_object *around)
{
	uint32_t i;

	if ((!get_node(value, &i) && !get_node(around, &i)) ||
	    i >= src->nodes.n)
		return (struct us_loc){src, 0, 0};
	return (struct us_loc){src, src->nodes.v[i].off, src->nodes.v[i].len};
}

/* The first node behind node i and all that is inside it. */
static uint32_t
node_behind(const struct us_src *src, uint32_t i)
{
	uint32_t end = src->nodes.v[i].off + src->nodes.v[i].len;
	uint32_t low = i + 1, high = src->nodes.n, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (src->nodes.v[middle].off < end)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct us_json_value
us_json_root(const struct us_src *src, struct json_object *value)
{
	struct us_json_value root = {.v = value, .given = true};

	if (!get_node(value, &root.node) || root.node >= src->nodes.n)
		root.node = 0;
	return root;
}

struct us_json_walk
us_json_walk(const struct us_src *src, struct us_json_value around)
{
	struct us_json_walk walk = {
	    .src = src, .around = around.v, .node = around.node};

	if (json_object_is_type(around.v, json_type_object))
		walk.entry = json_object_get_object(around.v)->head;
	return walk;
}

bool
us_json_next(struct us_json_walk *walk, struct us_json_value *value)
{
	bool array = json_object_is_type(walk->around, json_type_array);

	if (array ? walk->i == json_object_array_length(walk->around)
		  : !walk->entry)
		return false;
	value->given = true;
	value->v = array ? json_object_array_get_idx(walk->around, walk->i)
			 : lh_entry_v(walk->entry);
	if (!get_node(value->v, &value->node))
		value->node = walk->i ? node_behind(walk->src, walk->node)
				      : walk->node + 1;
	walk->node = value->node;
	walk->i++;
	if (!array)
		walk->entry = walk->entry->next;
	return true;
}
