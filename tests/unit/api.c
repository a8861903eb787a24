/* SPDX-License-Identifier: Apache-2.0 */
/* The public calls: what they return, and how long it lives. */
#include "engine/usher.h"
#include "tests/tap.h"

static const char text[] = "group g = okta \"g\" \"\";\n"
			   "rule a {\n\tfrom group g;\n\tto aws;\n"
			   "\tapprove reviewers;\n}\n";
static const char yaml[] =
    "- name: a\n  requestor: {type: any}\n  resource: {type: any}\n"
    "  approval:\n    - type: p0\n      options: {cooldown: 3}\n";
static const char asks[] =
    "{\"requestor\":{\"uid\":\"ana@example.com\"},"
    "\"resource\":{\"service\":\"aws\"}}";

static void
test_errors(void)
{
	static const char wrong[] =
	    "rule a { from any; to any; approve persistent; }\n"
	    "rule a { from group nobody; to awz; deny; }\n";
	struct usher_problems *problems;

	ok(!usher_load_text("w", wrong, sizeof(wrong) - 1, &problems),
	    "with an error nothing is loaded");
	is_int(usher_problems_count(problems), 3, "all errors are told");
	ok(strstr(usher_problem_text(problems, 0), "w:2:6: error: ") != NULL,
	    "with their place: %s", usher_problem_text(problems, 0));
	ok(strstr(usher_problem_json(problems, 2), "\"line\":2") != NULL,
	    "as JSON too");
	is_str(usher_problem_text(problems, 3), NULL, "and no more");
	usher_problems_free(problems);
	usher_problems_free(NULL);
	is_int(usher_problems_count(NULL), 0, "no problems are none");
	ok(!usher_load_json("j", "[", 1, NULL), "who does not ask is not told");
}

static void
test_warnings(void)
{
	struct usher_problems *problems;
	struct usher_rules *rules =
	    usher_load_yaml("y", yaml, sizeof(yaml) - 1, &problems);

	ok(rules != NULL, "warnings do not stop a load");
	ok(strstr(usher_problem_text(problems, 0), "[not-interpreted]") != NULL,
	    "but are told");
	is_int(usher_rules_count(rules), 1, "one rule");
	usher_problems_free(problems);
	usher_rules_free(rules);
}

static void
test_sources(void)
{
	static const char more[] =
	    "rule b { from group g; to ssh; approve persistent; }\n";
	const struct usher_source sources[] = {
	    {"1", more, sizeof(more) - 1, USHER_TEXT},
	    {"2", text, sizeof(text) - 1, USHER_TEXT},
	};
	struct usher_rules *rules = usher_load_sources(sources, 2, NULL);

	ok(rules != NULL, "groups are shared among sources");
	is_int(usher_rules_count(rules), 2, "and rules add up");
	usher_rules_free(rules);
}

static void
test_decide(void)
{
	struct usher_rules *rules =
	    usher_load_text("t", text, sizeof(text) - 1, NULL);
	struct usher_decider *d = usher_decider_new(rules);
	struct usher_answer answer;
	char *large;

	usher_rules_free(rules);
	is_int(usher_decide(d, asks, sizeof(asks) - 1, &answer), 0,
	    "a decider outlives its rules");
	is_int(answer.outcome, USHER_NO_ROUTE, "the outcome");
	is_str(answer.by, NULL, "granted by nothing");
	is_int(strlen(answer.json), (intmax_t)answer.json_size, "the size");
	is_int(usher_explain(d, asks, sizeof(asks) - 1, &answer), 0, "explain");
	ok(strstr(answer.json, "\"text\":\"be in group g\"") != NULL,
	    "says what would help: %s", answer.json);
	is_int(usher_decide(d, "{}", 2, &answer), -1, "no request");
	is_int(answer.outcome, USHER_UNKNOWN, "is a refusal");
	ok(answer.error && strstr(answer.error, "[missing]"),
	    "with its reason: %s", answer.error);
	ok(!strncmp(answer.json, "{\"error\":", 9), "as JSON");
	large = calloc(1, 2 * 1024 * 1024);
	is_int(usher_decide(d, large, 2 * 1024 * 1024, &answer), -1,
	    "a request too large");
	ok(strstr(answer.error, "[limit]") != NULL, "says so");
	free(large);
	is_int(usher_decide(d, asks, sizeof(asks) - 1, &answer), 0,
	    "and the next one is decided");
	usher_decider_free(d);
	usher_decider_free(NULL);
}

int
main(void)
{
	test_errors();
	test_warnings();
	test_sources();
	test_decide();
	return plan_done();
}
