/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as JSON values, and workflows written in it. */
#include "engine/json_rules.h"
#include "grammar/yaml_rules.h"
#include "tests/unit/cases.h"

/* One line for each value: its path, and the text it stands for. */
static void
put_nodes(const struct us_src *src, struct us_buf *out)
{
	const struct us_src_node *node;
	struct us_buf path = {0};

	US_EACH (node, &src->nodes) {
		us_buf_reset(&path);
		us_src_path(src, node->off, &path);
		us_buf_puts(out, path.n ? path.p : "root");
		us_buf_puts(out, " = ");
		us_buf_json(
		    out, (struct us_str){src->text + node->off, node->len});
		us_buf_putc(out, '\n');
	}
	us_buf_free(&path);
}

/* The values and their places; of a workflow, what it says. */
static void
run(struct us_src *src, struct us_buf *out)
{
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	struct us_json_value value;
	bool rules = strstr(src->name, "rules") != NULL;

	if (us_yaml_parse(src, &diags, &value)) {
		us_json_print(src, value, out);
		us_buf_putc(out, '\n');
		if (rules)
			us_rules_from_json(rs, src, value, &diags);
		else
			put_nodes(src, out);
		if (rules && !diags.errors)
			us_rules_to_json(rs, out);
	}
	cases_diags(&diags, out);
	us_diags_free(&diags);
	us_ruleset_free(rs);
	us_src_free(src);
}

static unsigned
errors_of(const struct us_buf *text)
{
	struct us_src *src = us_src_new("t", us_buf_str(text), US_FORMAT_YAML);
	struct us_diags diags = {0};
	struct us_json_value value;
	unsigned n;

	us_yaml_parse(src, &diags, &value);
	n = diags.errors;
	us_diags_free(&diags);
	us_src_free(src);
	return n;
}

static void
test_depth(void)
{
	struct us_buf text = {0};

	for (unsigned i = 0; i < 32; i++)
		us_buf_puts(&text, "- ");
	us_buf_puts(&text, "x\n");
	is_int(errors_of(&text), 0, "32 levels");
	us_buf_reset(&text);
	for (unsigned i = 0; i < 300; i++)
		us_buf_puts(&text, "- ");
	us_buf_puts(&text, "x\n");
	is_int(errors_of(&text), 1, "300 levels");
	us_buf_free(&text);
}

static void
test_many_members(void)
{
	struct us_buf text = {0};

	for (unsigned i = 0; i < 100000; i++)
		us_buf_printf(&text, "m%u: 1\n", i);
	is_int(errors_of(&text), 0, "100,000 members");
	us_buf_puts(&text, "m77: 1\n");
	is_int(errors_of(&text), 1, "one duplicate among 100,000 members");
	us_buf_free(&text);
}

static void
test_many_values(void)
{
	struct us_buf text = {0};

	us_buf_puts(&text, "[0");
	for (unsigned i = 0; i < 360000; i++)
		us_buf_puts(&text, ",0");
	us_buf_puts(&text, "]\n");
	is_int(errors_of(&text), 1, "360,000 short values are too many");
	us_buf_free(&text);
}

int
main(void)
{
	cases_run("tests/json/yaml", run);
	test_depth();
	test_many_members();
	test_many_values();
	return plan_done();
}
