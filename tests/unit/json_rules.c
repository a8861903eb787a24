/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Workflows from and to the JSON form: one by one as data, and that what is
 * written says what was read, for all workflows there are.
 */
#include <json-c/json.h>

#include "engine/check.h"
#include "engine/json.h"
#include "engine/json_rules.h"
#include "tests/unit/cases.h"

struct loaded {
	struct us_ruleset *rs;
	struct us_diags diags;
	struct us_src *src;
};

static void
load(struct loaded *l, const char *text, size_t n)
{
	struct us_json_value value;

	*l = (struct loaded){.rs = us_ruleset_new()};
	l->src =
	    us_src_new("rules.json", (struct us_str){text, n}, US_FORMAT_JSON);
	if (us_json_parse(l->src, &l->diags, &value))
		us_rules_from_json(l->rs, l->src, value, &l->diags);
}

static void
unload(struct loaded *l)
{
	us_ruleset_free(l->rs);
	us_src_free(l->src);
	us_diags_free(&l->diags);
}

/* Diagnostics, and what is written when there is no error. */
static void
run(struct us_src *src, struct us_buf *out)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_json_value value;

	if (us_json_parse(src, &diags, &value))
		us_rules_from_json(rs, src, value, &diags);
	cases_diags(&diags, out);
	if (!diags.errors)
		us_rules_to_json(rs, out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	us_src_free(src);
}

/*
 * The same value with one way to say it: nulls, defaults and old forms gone.
 * Works on its own copy of the members, in place.
 */
static void normalise(struct json_object *value);

static bool
is_string(struct json_object *object, const char *name, const char *want)
{
	struct json_object *v = NULL;

	return json_object_object_get_ex(object, name, &v) &&
	       json_object_is_type(v, json_type_string) &&
	       !strcmp(json_object_get_string(v), want);
}

/* Is it the default, which need not be said? */
static bool
is_default(struct json_object *object, const char *name, struct json_object *v)
{
	if (!v)
		return true;
	if (!strcmp(name, "options") || !strcmp(name, "filters"))
		return json_object_object_length(v) == 0;
	if (json_object_is_type(v, json_type_boolean) &&
	    !json_object_get_boolean(v))
		return strcmp(name, "value") != 0;
	return (!strcmp(name, "accessType") &&
		   is_string(object, name, "any")) ||
	       (!strcmp(name, "profileProperty") &&
		   is_string(object, name, "manager"));
}

/* {directory, id, label} of a flat group goes into a list of one. */
static void
unflatten(struct json_object *object)
{
	static const char *const names[] = {"directory", "id", "label"};
	struct json_object *group, *list, *v;

	if (!is_string(object, "type", "group"))
		return;
	if (!json_object_object_get_ex(object, "effect", &v))
		json_object_object_add(
		    object, "effect", json_object_new_string("keep"));
	if (json_object_object_get_ex(object, "groups", &v))
		return;
	group = json_object_new_object();
	for (size_t i = 0; i < 3; i++) {
		json_object_object_get_ex(object, names[i], &v);
		json_object_object_add(group, names[i], json_object_get(v));
		json_object_object_del(object, names[i]);
	}
	list = json_object_new_array();
	json_object_array_add(list, group);
	json_object_object_add(object, "groups", list);
}

static void
normalise_object(struct json_object *object)
{
	struct lh_entry *e, *next;

	for (e = json_object_get_object(object)->head; e; e = next) {
		next = e->next;
		normalise(lh_entry_v(e));
		if (is_default(object, lh_entry_k(e), lh_entry_v(e)))
			json_object_object_del(object, lh_entry_k(e));
	}
	unflatten(object);
	if (is_string(object, "type", "mcp-client"))
		json_object_object_add(
		    object, "type", json_object_new_string("agent-client"));
}

static void
normalise(struct json_object *value)
{
	if (json_object_is_type(value, json_type_object))
		normalise_object(value);
	for (size_t i = 0; json_object_is_type(value, json_type_array) &&
			   i < json_object_array_length(value);
	     i++)
		normalise(json_object_array_get_idx(value, i));
}

/* The rules of a workflow text, normalised. */
static struct json_object *
rules_of(const char *text)
{
	struct json_object *value = json_tokener_parse(text), *rules;

	normalise(value);
	if (!json_object_is_type(value, json_type_object))
		return value;
	rules = json_object_get(json_object_object_get(value, "rules"));
	json_object_put(value);
	return rules;
}

/* Read, written, read, written; the first difference is shown. */
static bool
returns(const char *text, size_t n)
{
	struct loaded first, second;
	struct us_buf once = {0}, twice = {0};
	struct json_object *a, *b;
	bool good;

	load(&first, text, n);
	us_rules_to_json(first.rs, &once);
	load(&second, once.p, once.n);
	us_rules_to_json(second.rs, &twice);
	a = rules_of(text);
	b = rules_of(once.p);
	good = !first.diags.errors && !second.diags.errors &&
	       !strcmp(once.p, twice.p) && json_object_equal(a, b);
	json_object_put(a);
	json_object_put(b);
	us_buf_free(&once);
	us_buf_free(&twice);
	unload(&first);
	unload(&second);
	return good;
}

static void
test_file(const char *path)
{
	struct us_buf text = {0};
	char full[1024];

	cases_path(full, sizeof(full), path);
	if (!cases_read(full, &text))
		skip("not in this checkout");
	else
		ok(returns(text.p, text.n), "%s comes back", path);
	us_buf_free(&text);
}

/* Each line is a case with "rules". */
static void
test_lines(const char *path)
{
	struct json_object *value;
	unsigned lines = 0, good = 0;
	char full[1024], *line = NULL;
	const char *text;
	size_t room = 0;
	FILE *file;

	cases_path(full, sizeof(full), path);
	file = fopen(full, "r");
	if (!file) {
		skip("not in this checkout");
		return;
	}
	while (getline(&line, &room, file) > 0) {
		value = json_tokener_parse(line);
		text = json_object_to_json_string(
		    json_object_object_get(value, "rules"));
		lines++;
		good += returns(text, strlen(text));
		json_object_put(value);
	}
	fclose(file);
	free(line);
	ok(lines > 0 && good == lines, "%s: %u of %u come back", path, good,
	    lines);
}

static void
repeat(struct us_buf *text, unsigned n, const char *item)
{
	us_buf_puts(text, "{\"rules\": [");
	for (unsigned i = 0; i < n; i++) {
		us_buf_puts(text, i ? "," : "");
		us_buf_puts(text, item);
	}
	us_buf_puts(text, "]}");
}

static void
test_limits(void)
{
	struct us_buf text = {0};
	struct loaded l;

	repeat(&text, US_RULES_MAX + 1, "{}");
	load(&l, text.p, text.n);
	is_int(l.diags.errors, 1, "200,001 rules are one error");
	is_str(l.diags.list.v[0].text,
	    "there are 200001 rules; a workflow has 200000 at most",
	    "200,001 rules");
	unload(&l);
	us_buf_reset(&text);
	repeat(&text, US_RULES_MAX, "null");
	load(&l, text.p, text.n);
	is_int(l.diags.errors, 10000, "errors without end are cut");
	unload(&l);
	us_buf_free(&text);
}

int
main(void)
{
	cases_run("tests/json/rules", run);
	test_limits();
	test_file("tests/policy/p0-examples.json");
	test_file("../shared/conformance/p0-examples.json");
	test_file("../shared/workload/1000/rules.json");
	test_file("../shared/workload/10000/rules.json");
	test_lines("tests/policy/conformance.jsonl");
	test_lines("../shared/conformance/cases.jsonl");
	return plan_done();
}
