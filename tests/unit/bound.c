/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A decision is bounded in time (SPEC 6), whatever the rules and the request
 * are: the nastiest that are allowed, by the index and without, which must
 * give one answer. Where instruments slow things down, only that is looked at.
 */
#include <time.h>

#include "engine/explain.h"
#include "tests/unit/load.h"

#define VALUES 256
#define VALUE 1024
#define GROUPS 5000
#define DECISION_MS 20
#define EXPLANATION_MS 1000
#define TRIES 5 /* the machine may be busy: the best of so many */

static bool timed;
static int rules = 500; /* of one kind */

static double
cpu_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct workload {
	struct us_prog *prog;
	struct us_matcher *index, *loop;
	struct us_arena arena;
	const struct us_request *req;
};

static struct workload
begin(struct us_buf *rules_text, struct us_buf *request)
{
	struct workload w = {.prog = test_program(rules_text->p)};

	w.req = test_request(request->p, &w.arena);
	w.index = us_matcher_new(w.prog);
	w.loop = us_matcher_new(w.prog);
	us_matcher_loop(w.loop);
	us_buf_free(rules_text);
	us_buf_free(request);
	return w;
}

static void
end(struct workload *w)
{
	us_matcher_free(w->index);
	us_matcher_free(w->loop);
	us_prog_unref(w->prog);
	us_arena_free(&w->arena);
}

static double
time_decision(struct us_matcher *m, const struct us_request *req)
{
	double best = 1e9, start, took;

	for (int i = 0; i < TRIES && best >= DECISION_MS; i++) {
		start = cpu_ms();
		us_decide(m, req);
		took = cpu_ms() - start;
		best = took < best ? took : best;
	}
	return best;
}

static void
test_decision(struct workload *w, const char *name)
{
	struct us_buf index = {0}, loop = {0};
	double by_index, by_loop;

	us_verdict_json(us_decide(w->index, w->req), &index);
	us_verdict_json(us_decide(w->loop, w->req), &loop);
	ok(us_str_eq(us_buf_str(&index), us_buf_str(&loop)), "%s: one answer",
	    name);
	us_buf_free(&index);
	us_buf_free(&loop);
	if (!timed)
		return;
	by_index = time_decision(w->index, w->req);
	by_loop = time_decision(w->loop, w->req);
	ok(by_index < DECISION_MS, "%s: %.2f ms by the index", name, by_index);
	ok(by_loop < DECISION_MS, "%s: %.2f ms by the loop", name, by_loop);
}

/* --- Many patterns, many values ---------------------------------------- */

/* By number, and what the values are made of. */
static const struct {
	const char *pattern, *unit;
} patterns[] = {
    /* beyond any limit */
    {"(a+)+x{0,%d}$", "a"},
    {"^(([a-z])+.)+[A-Z]{%d}([a-z])+$", "ab"},
    {"(.*)*x{1,%d}[yz]", "x"},
    {"(?:a?){30}a{30}b{0,%d}[XZ]", "a"},
    {"(.+)\\\\1[XZ]{%d}", "ab"},
    {"(?:(?:(?:(?:a*)*)*)*)*[XZ]{%d}", "a"},
    {"\\\\X*+\\\\w{%d}", "a"},
    /* decided, but not soon */
    {"[a-z]*x[0-9]{%d}q", "abcd"},
    {"a.*b.*c{%d}", "abc"},
    {"\\\\w+\\\\s\\\\d{%d}", "abcdefgh"},
    {".*x{%d}y", "axy"},
    {"(a|b|c|d)*e{%d}", "abcd"},
    {"(?i)(foo|bar|baz)+z{%d}", "FoObAr"},
    {"(?i)\xc3\xa9[\xc3\xa0-\xc3\xb6]+x{%d}", "\xc3\xa9\xc3\xa0x"},
    {"[^\xc3\xa9]{5}\xe2\x82\xac{%d}", "abc\xc3\xa8\xe2\x82\xac"},
    {"\\\\p{L}+\\\\d{%d}", "\xc3\xa9\xc3\xa0"},
    {"(?<=aaaa|bbbbbbbb)c{%d}", "aaaabc"},
    {"(?<!a)(?<!ab)(?<!abc)d{%d}", "abcdd"},
    {"(?=.*z{%d})a", "ab"},
    {"(?=.*z)[ab]y{0,%d}[XZ]", "abz"},
    {"a[a-f]{0,%d}[xz]", "abcdef"},
    /* read in two ways, or not to the end */
    {"(?=.*y)(?=.*w)(?=.*v)[ab]\\\\10{0,%d}[XZ]", "abz"},
    {"(?(?=.*z)(?=.*b)[ab]|(?=.*b)a)y{0,%d}[XZ]", "abz"},
    {"\\\\b[a-z]+\\\\b-{%d}", "ab -"},
    /* quick, and many */
    {"web[0-9]{%d}", "web1"},
    {"web-%d", "web-"},
    {"web-%d$", "web-"},
    {"^web-%d", "web-"},
    {"^web-%d$", "web-"},
    {"^(?:web|db)-%d", "web-"},
};

static void
put_rule(int i, const char *who, const char *effect, struct us_buf *out)
{
	us_buf_printf(out,
	    "%s{\"name\":\"r%d\",\"requestor\":%s,\"resource\":{"
	    "\"type\":\"integration\",\"service\":\"aws\",\"filters\":{"
	    "\"tag\":{\"effect\":\"%s\",\"key\":\"env\",\"pattern\":\"",
	    i ? "," : "[", i, who, effect);
}

static void
put_request(const char *unit, struct us_buf *out)
{
	us_buf_puts(out, "{\"requestor\":{\"uid\":\"a@example.com\"},"
			 "\"resource\":{\"service\":\"aws\",\"attributes\":{"
			 "\"tag\":{\"env\":[");
	for (int i = 0; i < VALUES; i++) {
		us_buf_puts(out, i ? ",\"" : "\"");
		for (size_t k = 0; k + strlen(unit) < VALUE; k += strlen(unit))
			us_buf_puts(out, unit);
		us_buf_puts(out, "!\"");
	}
	us_buf_puts(out, "]}}}}");
}

static void
test_patterns(const char *effect)
{
	char name[128];

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		struct us_buf text = {0}, request = {0};
		struct workload w;

		for (int k = 0; k < rules; k++) {
			put_rule(k, "{\"type\":\"any\"}", effect, &text);
			us_buf_printf(&text, patterns[i].pattern, k + 1);
			us_buf_puts(
			    &text, "\"}}},\"approval\":[{\"type\":\"p0\"}]}");
		}
		us_buf_puts(&text, "]");
		put_request(patterns[i].unit, &request);
		w = begin(&text, &request);
		snprintf(
		    name, sizeof(name), "%s %s", effect, patterns[i].pattern);
		test_decision(&w, name);
		end(&w);
	}
}

/* --- Patterns as long as they may be ----------------------------------- */

static const struct {
	const char *name, *unit, *end, *value;
} longest[] = {
    {"look-aheads", "(?=.*z)", "[ab][XZ]", "abz"},
    {"alternatives", "abz|", "[XZ]y", "ab"},
    {"repeats", "[ab]*", "[XZ]", "ab"},
    {"nested repeats", "(?:a*b*)*", "[XZ]", "ab"},
    {"groups that keep", "(?>[ab]*z|)", "[XZ]", "abz"},
    {"references", "(a*)\\\\1", "[XZ]", "a"},
    {"bounded repeats", "[ab]{0,9}", "[XZ]", "ab"},
    {"letters", "ab", "[XZ]", "ab"},
};

static void
test_longest(void)
{
	for (size_t i = 0; i < sizeof(longest) / sizeof(longest[0]); i++) {
		struct us_buf text = {0}, request = {0};
		struct workload w;

		for (int k = 0; k < rules / 25; k++) {
			size_t begun;

			put_rule(k, "{\"type\":\"some\"}", "keep", &text);
			us_buf_printf(&text, "(?:%d)?", k);
			begun = text.n;
			while (text.n - begun < 4000)
				us_buf_puts(&text, longest[i].unit);
			us_buf_printf(&text,
			    "%s\"}}},\"approval\":[{\"type\":\"p0\"}]}",
			    longest[i].end);
		}
		us_buf_puts(&text, "]");
		put_request(longest[i].value, &request);
		w = begin(&text, &request);
		test_decision(&w, longest[i].name);
		end(&w);
	}
}

/* --- People ------------------------------------------------------------ */

static void
put_groups(int first, int n, struct us_buf *out)
{
	us_buf_puts(out, "\"groups\":[");
	for (int i = 0; i < n; i++)
		us_buf_printf(out, "%s{\"directory\":\"okta\",\"id\":\"g%d\"}",
		    i ? "," : "", first + i);
	us_buf_puts(out, "]");
}

/* Everybody is in everything, and everyone is outside of something. */
static void
test_groups(void)
{
	struct us_buf text = {0}, request = {0}, who = {0};
	struct workload w;

	for (int i = 0; i < rules / 5; i++) {
		us_buf_reset(&who);
		us_buf_puts(&who, "{\"type\":\"group\",");
		put_groups(i % 2 ? GROUPS : 0, GROUPS / 5, &who);
		us_buf_printf(
		    &who, ",\"effect\":\"%s\"}", i % 2 ? "remove" : "keep");
		put_rule(i, who.p, "keep", &text);
		us_buf_puts(&text, "(a+)+$\"}}},\"approval\":["
				   "{\"type\":\"group\",");
		put_groups(i % 2 ? GROUPS : 0, GROUPS / 5, &text);
		us_buf_puts(&text, "}]}");
	}
	us_buf_puts(&text, "]");
	us_buf_puts(&request, "{\"requestor\":{\"uid\":\"a@example.com\",");
	put_groups(0, GROUPS, &request);
	us_buf_puts(&request, "},\"approver\":{\"uid\":\"b@example.com\",");
	put_groups(0, GROUPS, &request);
	us_buf_puts(&request, "},\"resource\":{\"service\":\"aws\","
			      "\"attributes\":{\"tag\":{\"env\":\"aaa\"}}}}");
	w = begin(&text, &request);
	test_decision(&w, "thousands of groups");
	end(&w);
	us_buf_free(&who);
}

static void
test_subjects(void)
{
	struct us_buf text = {0}, request = {0}, who = {0};
	struct workload w;

	for (int i = 0; i < rules; i++) {
		us_buf_reset(&who);
		us_buf_printf(&who,
		    "{\"type\":\"agentic\",\"agent\":{\"type\":\"provider\","
		    "\"providerId\":\"p\",\"subjectPattern\":"
		    "\"(?=.*z)[ab]y{0,%d}[XZ]\"},\"user\":{\"type\":\"any\"}}",
		    i);
		put_rule(i, who.p, "remove", &text);
		us_buf_printf(&text,
		    "(b+)+x{0,%d}$\"}}},\"approval\":[{\"type\":\"p0\"}]}", i);
	}
	us_buf_puts(&text, "]");
	us_buf_puts(&request, "{\"requestor\":null,\"agent\":{"
			      "\"providerId\":\"p\",\"subject\":\"");
	for (int i = 0; i + 2 < VALUE; i += 2)
		us_buf_puts(&request, "ab");
	us_buf_puts(&request, "z\"},\"resource\":{\"service\":\"aws\"}}");
	w = begin(&text, &request);
	test_decision(&w, "subjects of agents");
	end(&w);
	us_buf_free(&who);
}

/* --- Explanations ------------------------------------------------------ */

/* Not on a loop: a second is bound enough. */
static void
test_explanation(const char *pattern, const char *unit)
{
	struct us_buf text = {0}, request = {0};
	struct us_arena arena = {0};
	struct workload w;
	double start;

	for (int k = 0; k < rules * 2; k++) {
		put_rule(k, "{\"type\":\"any\"}", "keep", &text);
		us_buf_printf(&text, pattern, k + 1);
		us_buf_puts(&text, "\"}}},\"approval\":[{\"type\":\"p0\","
				   "\"options\":{\"requireReason\":true}}]}");
	}
	us_buf_puts(&text, "]");
	put_request(unit, &request);
	w = begin(&text, &request);
	start = cpu_ms();
	us_explain(w.index, w.req, &arena);
	start = cpu_ms() - start;
	ok(!timed || start < EXPLANATION_MS, "explained %s: %.2f ms", pattern,
	    start);
	end(&w);
	us_arena_free(&arena);
}

/* What other rules cost does not keep one from being told why it fails. */
static void
test_rules_of_others(void)
{
	struct us_buf text = {0}, request = {0}, who = {0};
	struct us_arena arena = {0};
	const struct us_why *why;
	const struct us_line_why *line;
	const struct us_part *part;
	struct workload w;
	unsigned untold = 0;

	for (int k = 0; k < rules * 3; k++) {
		us_buf_reset(&who);
		us_buf_printf(
		    &who, "{\"type\":\"user\",\"uid\":\"u%d@example.com\"}", k);
		put_rule(k, who.p, "keep", &text);
		us_buf_printf(&text,
		    "[a-z]x[0-9]{%d}q\"}}},\"approval\":[{\"type\":\"p0\"}]}",
		    k + 1);
	}
	us_buf_puts(&text, "]");
	us_buf_puts(&request, "{\"requestor\":{\"uid\":\"a@example.com\"},"
			      "\"resource\":{\"service\":\"aws\","
			      "\"attributes\":{\"tag\":{\"env\":\"");
	for (int i = 0; i < VALUE; i += 4)
		us_buf_puts(&request, "abcx");
	us_buf_puts(&request, "\"}}}}");
	w = begin(&text, &request);
	why = us_explain(w.index, w.req, &arena);
	US_EACH (line, &why->rules) {
		US_EACH (part, &line->parts)
			untold += part->holds == US_CANNOT_TELL;
	}
	is_int(untold, 0, "of rules for others it is told why they fail");
	end(&w);
	us_arena_free(&arena);
	us_buf_free(&who);
}

int
main(void)
{
	const char *instrumented = getenv("USHER_INSTRUMENTED");

	timed = !instrumented || !*instrumented;
	if (!timed)
		rules = 50;
	test_patterns("keep");
	test_patterns("remove");
	test_longest();
	test_groups();
	test_subjects();
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i += 3)
		test_explanation(patterns[i].pattern, patterns[i].unit);
	test_rules_of_others();
	return plan_done();
}
