/* SPDX-License-Identifier: Apache-2.0 */
/* Drafts of workflows: what is kept of what was sent, and what changes. */
#include "daemon/version.h"
#include "daemon/workflow.h"
#include "engine/json.h"
#include "tests/tap.h"

#define WHO "\"requestor\": {\"type\": \"any\"}, "
#define TO "\"resource\": {\"type\": \"any\"}, "
#define P0 "\"approval\": [{\"type\": \"p0\"}]}"
#define RULE(name) "{\"name\": \"" name "\", " WHO TO P0
#define DENY(name) "{\"name\": \"" name "\", " WHO TO "\"approval\": []}"

static bool
is_text(struct us_str got, const char *want, const char *what)
{
	bool same = us_str_is(got, want);

	ok(same, "%s", what);
	if (!same)
		printf("#  got: %.*s\n# want: %s\n", US_ARG(got), want);
	return same;
}

/* A draft from a whole JSON text. */
static bool
load(struct us_draft *d, const char *text, const char *services)
{
	struct us_json_value value;
	struct us_src *src;

	us_draft_init(d);
	src = us_draft_source(d, "test", us_str(text), US_FORMAT_JSON);
	return us_json_parse(src, &d->diags, &value) &&
	       us_draft_from_value(d, src, value, us_str(services));
}

static void
test_kept(void)
{
	static const char text[] =
	    "{ \"id\": \"x\", \"rules\" :[ " RULE("a") " ,\n\t" DENY(
		"b\\u00e9") "\n] , \"preapprovals\": [ ], \"version\": null}";
	struct us_rule_texts texts;
	struct us_draft d;
	uint32_t i;

	ok(load(&d, text, ""), "a workflow is read");
	is_text(d.rules, "[ " RULE("a") " ,\n\t" DENY("b\\u00e9") "\n]",
	    "its rules are kept as they are");
	is_text(d.preapprovals, "[ ]", "so are its pre-approvals");
	is_int(d.services.n, 0, "it has no services");
	is_int(d.text.n, 0, "and is no text of the language");
	texts = (struct us_rule_texts){d.rules, &d.index};
	i = us_rule_index_find(&d.index, US_STR("b\xc3\xa9"));
	if (is_int(i, 1, "a rule is found by its name, whatever its escapes"))
		is_text(us_rule_text(&texts, i), DENY("b\\u00e9"),
		    "and so is its text");
	ok(us_rule_index_find(&d.index, US_STR("c")) == US_NO_SYMBOL,
	    "another one is not");
	is_int(d.prog->rules.n, 2, "the program has them all");
	us_draft_free(&d);
}

/* However a workflow is wrapped, its rules are found. */
static void
test_forms(void)
{
	static const char *const texts[] = {"[" RULE("a") "]",
	    "{\"rules\": [" RULE("a") "]}",
	    "{\"workflow\": {\"rules\": [" RULE("a") "]}}",
	    "{\"workflow\": {\"services\": [], \"rules\": [" RULE("a") "]}}",
	    "{\"rules\": []}", "{\"workflow\": {\"rules\": []}}", "[]"};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		bool empty = !strstr(texts[i], "name");
		struct us_draft d;

		ok(load(&d, texts[i], ""), "form %zu", i);
		is_text(d.rules, empty ? "[]" : "[" RULE("a") "]", "its rules");
		is_int(d.index.places.n, !empty, "so many of them");
		us_draft_free(&d);
	}
}

#define BILLING "[{\"name\": \"billing\", \"accessTypes\": [\"read\"]}]"
#define USES \
	"{\"name\": \"u\", " WHO "\"resource\": {\"type\": \"integration\", " \
	"\"service\": \"billing\"}, \"approval\": []}"

static void
test_services(void)
{
	static const struct {
		const char *text, *kept, *want; /* want NULL: refused */
	} rows[] = {
	    {"[" USES "]", "", NULL},
	    {"[" USES "]", BILLING, BILLING},
	    {"{\"rules\": [" USES "]}", BILLING, BILLING},
	    {"{\"rules\": [" USES "], \"services\": null}", BILLING, BILLING},
	    {"{\"rules\": [" USES "], \"services\": []}", BILLING, NULL},
	    {"{\"rules\": [], \"services\": []}", BILLING, "[]"},
	    {"{\"rules\": [" USES "], \"services\": " BILLING "}", "[]",
		BILLING},
	    {"{\"rules\": [" USES "], \"services\": " BILLING "}", BILLING,
		BILLING},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct us_draft d;
		bool good = load(&d, rows[i].text, rows[i].kept);

		if (is_int(good, rows[i].want != NULL, "services %zu", i) &&
		    good)
			is_text(d.services, rows[i].want, "which there are");
		us_draft_free(&d);
	}
}

static void
test_language(void)
{
	static const char text[] = "# why\nservice s { access x; }\n"
				   "group g = okta \"1\" \"G\";\n"
				   "rule r { from group g; to s; deny; }\n";
	struct us_workflow_record record;
	struct us_draft d, again;

	us_draft_init(&d);
	ok(us_draft_from_text(&d, "test", us_str(text)), "a text is read");
	is_text(d.text, text, "and kept");
	is_text(d.services,
	    "[\n {\"name\": \"s\", \"accessTypes\": [\"x\"]}\n]",
	    "its services are exported");
	record = us_draft_record(&d);
	us_draft_init(&again);
	ok(us_draft_from_record(&again, &record),
	    "what is stored can be read again");
	ok(us_str_eq(again.rules, d.rules) && !again.text.n,
	    "the rules are the same, the text is another matter");
	us_draft_free(&again);
	us_draft_free(&d);
	us_draft_init(&d);
	ok(!us_draft_from_text(&d, "test", US_STR("rule r { from any; }")),
	    "half a rule is refused");
	ok(d.diags.errors && !d.prog, "with a reason, and without a program");
	us_draft_free(&d);
}

/* Places in a composed text become those of the body a rule came from. */
static void
test_say_of(void)
{
	static const char body[] =
	    "\n{" WHO TO "\"approval\": [{\"type\": 1}]}";
	static const char made[] =
	    "{\"name\": \"n\", " WHO TO "\"approval\": [{\"type\": 1}]}";
	struct us_src *sent = us_src_new("rule", us_str(body), US_FORMAT_JSON);
	struct us_draft_part part = {.sent = sent, .from = 1};
	struct us_workflow_record record = {.rules = {NULL, 0}};
	struct us_buf rules = {0}, json = {0};
	struct us_json_value value;
	struct us_diags diags = {0};
	struct us_draft d;

	us_json_parse(sent, &diags, &value);
	us_buf_puts(&rules, "[" RULE("n") ", ");
	part.at = (uint32_t)rules.n;
	part.len = sizeof(made) - 1;
	part.added = sizeof("\"name\": \"n\", ") - 1;
	us_buf_puts(&rules, made);
	us_buf_putc(&rules, ']');
	record.rules = us_buf_str(&rules);
	us_draft_init(&d);
	ok(!us_draft_from_record(&d, &record), "a bad rule is refused");
	us_draft_say_of(&d, &part);
	us_diags_json(&d.diags, &json);
	ok(strstr(json.p, "\"file\":\"rule\",\"line\":2,") &&
		strstr(json.p, "\"path\":\"approval[0].type\""),
	    "it is told where it was sent");
	us_draft_free(&d);
	us_diags_free(&diags);
	us_buf_free(&json);
	us_buf_free(&rules);
	us_src_free(sent);
}

static void
test_difference(void)
{
	static const struct {
		const char *from, *to;
		unsigned added, changed, removed;
	} rows[] = {
	    {"[]", "[]", 0, 0, 0},
	    {"[]", "[" RULE("a") "]", 1, 0, 0},
	    {"[" RULE("a") "]", "[]", 0, 0, 1},
	    {"[" RULE("a") "]", "[" RULE("a") "]", 0, 0, 0},
	    {"[" RULE("a") "]", "[" DENY("a") "]", 0, 1, 0},
	    {"[" RULE("a") "]", "[" RULE("b") "]", 1, 0, 1},
	    {"[" RULE("a") "," RULE("b") "]", "[" RULE("b") ",\n" RULE("a") "]",
		0, 0, 0},
	    {"[" RULE("a") "," RULE("b") "," RULE("c") "]",
		"[" DENY("c") "," RULE("b") "," RULE("d") "]", 1, 1, 1},
	    {"[" RULE("a") "]",
		"[{\"disabled\": null, " WHO TO "\"name\":\"a\"," P0 "]", 0, 0,
		0},
	    {"[" RULE("a") "]",
		"[{\"disabled\": true, \"name\":\"a\", " WHO TO P0 "]", 0, 1,
		0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct us_difference diff;
		struct us_rule_texts a, b;
		struct us_draft from, to;

		load(&from, rows[i].from, "");
		load(&to, rows[i].to, "");
		a = (struct us_rule_texts){from.rules, &from.index};
		b = (struct us_rule_texts){to.rules, &to.index};
		us_difference_find(&a, &b, &diff);
		is_int(diff.added.n, rows[i].added, "difference %zu: +", i);
		is_int(diff.changed.n, rows[i].changed, "difference %zu: ~", i);
		is_int(diff.replaced.n, rows[i].changed, "difference %zu", i);
		is_int(diff.removed.n, rows[i].removed, "difference %zu: -", i);
		us_difference_free(&diff);
		us_draft_free(&from);
		us_draft_free(&to);
	}
}

/* However much changes, an event stays small. */
static void
test_event(void)
{
	struct us_rule_texts none, all;
	struct us_draft from, to;
	struct us_difference diff;
	struct json_object *data, *flag = NULL, *names = NULL;
	struct us_buf text = {0};

	us_buf_putc(&text, '[');
	for (int i = 0; i < 3000; i++)
		us_buf_printf(&text,
		    "%s{\"name\": \"r%d\", " WHO TO "\"approval\": []}",
		    i ? "," : "", i);
	us_buf_putc(&text, ']');
	load(&from, "[]", "");
	load(&to, text.p, "");
	none = (struct us_rule_texts){from.rules, &from.index};
	all = (struct us_rule_texts){to.rules, &to.index};
	us_difference_find(&none, &all, &diff);
	is_int(diff.added.n, 3000, "3,000 rules are new");
	data = us_difference_json(&diff, &none, &all);
	json_object_object_get_ex(data, "added", &names);
	is_int(json_object_array_length(names), 1000, "1,000 are named");
	ok(json_object_object_get_ex(data, "truncated", &flag),
	    "and it says that there are more");
	ok(strlen(json_object_to_json_string(data)) < 128 * 1024,
	    "the event is bounded");
	json_object_put(data);
	us_difference_free(&diff);
	us_draft_free(&from);
	us_draft_free(&to);
	us_buf_free(&text);
}

static void
test_versions(void)
{
	static const struct {
		const char *text;
		uint64_t version; /* 0: none */
	} rows[] = {{"v1", 1}, {"v10", 10},
	    {"v999999999999999999", 999999999999999999}, {"", 0}, {"v", 0},
	    {"v0", 0}, {"v01", 0}, {"V1", 0}, {"1", 0}, {"v1x", 0}, {"v-1", 0},
	    {"v1000000000000000000", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t version = 0;
		bool good = us_version_parse(us_str(rows[i].text), &version);

		is_int(
		    good, rows[i].version != 0, "version \"%s\"", rows[i].text);
		if (good)
			ok(version == rows[i].version, "its number");
	}
}

int
main(void)
{
	test_kept();
	test_forms();
	test_services();
	test_language();
	test_say_of();
	test_difference();
	test_event();
	test_versions();
	return plan_done();
}
