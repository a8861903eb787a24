/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said about patterns: a table of what is known, and a property. For
 * patterns of any shape, what literals answer is what PCRE2 answers.
 */
#include "engine/pattern.h"
#include "engine/re.h"
#include "tests/tap.h"

/* Kinds as letters: c ^ $ =, with their texts; NULL when not literal. */
static const struct {
	const char *pattern, *literals;
} literal_table[] = {
    {"", "c:"},
    {"prod", "c:prod"},
    {"^prod", "^:prod"},
    {"prod$", "$:prod"},
    {"^prod$", "=:prod"},
    {"\\Aprod\\z", "=:prod"},
    {"prod\\Z", NULL},
    {"^a|b$", "^:a $:b"},
    {"^(a|b)$", "=:a =:b"},
    {"^roles/(?:owner|editor)$", "=:roles/owner =:roles/editor"},
    {"1|true", "c:1 c:true"},
    {"^https?$", "=:http =:https"},
    {"^prod-.*", "^:prod-"},
    {".*prod", "c:prod"},
    {"^prod-.*$", NULL},
    {"^.*prod", NULL},
    {"a*+b", NULL},
    {"a.c", NULL},
    {"^a\\.b$", "=:a.b"},
    {"^a[.]b$", "=:a.b"},
    {"\\Qa.b|c\\E", "c:a.b|c"},
    {"(?i)a1", NULL},
    {"(?i)1", "c:1"},
    {"(?i:a)b", NULL},
    {"a(?i)b", NULL},
    {"(?m)^a", NULL},
    {"(?x) a b # c", "c:ab"},
    {"a(?#comment)b", "c:ab"},
    {"\\x41\\u0042\\u{43}", "c:ABC"},
    {"\\x4", "c:x4"},
    {"\\u{0000000061}\\o{00000000142}", "c:ab"},
    {"\\u{ 61 }", NULL},
    {"\\o{ 141 }", NULL},
    {"^[\\E^]]$", NULL},
    {"^[\\Q\\E^]]$", NULL},
    {"(?xx)^[ ^]]$", NULL},
    {"^[\\Qa\\E]$", "=:a"},
    {"(?[a])b", NULL},
    {"(?>a)", NULL},
    {"(a)\\1", NULL},
    {"a\\b", NULL},
    {"(?=a)a", NULL},
    {"a(*SKIP)b", NULL},
    {"a^b", NULL},
    {"a$b", NULL},
    {"a{2}", NULL},
    {"a{,2}", NULL},
    {"a{x}", "c:a{x}"},
    {"[ab]", NULL},
    {"(a|b)(c|d)(e|f)(g|h)(i|j)", NULL},
};

static const char *
show_literals(struct us_arena *a, const struct us_literal *v, unsigned n)
{
	struct us_buf out = {0};
	const char *text;

	if (!v)
		return NULL;
	for (unsigned i = 0; i < n; i++)
		us_buf_printf(&out, "%s%c:%.*s", i ? " " : "",
		    "c^$="[v[i].kind], US_ARG(v[i].text));
	text = us_arena_str(a, us_buf_str(&out)).p;
	us_buf_free(&out);
	return text;
}

static void
test_literals(void)
{
	struct us_arena a = {0};
	const struct us_literal *v;
	unsigned n;

	for (size_t i = 0; i < sizeof(literal_table) / sizeof(literal_table[0]);
	    i++) {
		v = us_pattern_literals(
		    us_pattern_parse(&a, us_str(literal_table[i].pattern)), &a,
		    &n);
		is_str(show_literals(&a, v, n), literal_table[i].literals,
		    "/%s/", literal_table[i].pattern);
	}
	us_arena_free(&a);
}

/* u unanchored, e everything, d dot, s slow. */
static const struct {
	const char *pattern, *facts;
} fact_table[] = {
    {"prod", "u"},
    {"^prod", ""},
    {"prod|^x", "u"},
    {"(1|true)", "u"},
    {"^(1|true)", ""},
    {".*prod.*", ""},
    {".*prod", "u"},
    {"\\bprod\\b", ""},
    {"(?=prod)p", ""},
    {".+", ""},
    {".*", "e"},
    {"", "e"},
    {"^", "e"},
    {"$", "e"},
    {"^$", ""},
    {"^.*$", "e"},
    {"(?s)^.*$", "e"},
    {"^(.*)$", "e"},
    {"^[\\s\\S]*$", "e"},
    {"^a|", "e"},
    {"^.+$", ""},
    {"^a*+^", ""},
    {"^a?$", ""},
    {"(?!a)", ""},
    {"^a.b", "d"},
    {"^a\\.b", ""},
    {"^a.", "d"},
    {"^a.$", "d"},
    {".com$", "d"},
    {"^a.*", ""},
    {"^a..b", ""},
    {"^(a|b).c", "d"},
    {"^(x|a.b)$", "d"},
    {"^(a+)+", "s"},
    {"^(a|a)*", "es"},
    {"^(a|ab|b)*$", "s"},
    {"^(\\w+\\s?)*$", "s"},
    {"^(.*,)*$", "s"},
    {"^.*.*.*x", "s"},
    {"^(x+x+)+y", "s"},
    {"^(([a-z])+.)+[A-Z]([a-z])+$", "s"},
    {"^(.*)*x", "s"},
    {"^(?:a?){30}a", "s"},
    {"^(prod|staging)-[a-z0-9]+$", ""},
    {"^[a-z]+(-[a-z]+)*$", ""},
    {"^([^,]*,)*$", ""},
    {"^(a++)+$", ""},
    {"^(prod|preprod)*$", ""},
    {"^.*:.*$", ""},
    {"^([a-z]|[0-9])*$", ""},
    {"^(a?b?)?$", ""},
};

static void
test_facts(void)
{
	struct us_arena a = {0};
	const struct us_pattern *p;
	char facts[8];
	size_t at, n;

	for (size_t i = 0; i < sizeof(fact_table) / sizeof(fact_table[0]);
	    i++) {
		p = us_pattern_parse(&a, us_str(fact_table[i].pattern));
		n = 0;
		if (us_pattern_is_unanchored(p))
			facts[n++] = 'u';
		if (us_pattern_matches_everything(p))
			facts[n++] = 'e';
		if (us_pattern_has_literal_dot(p, &at))
			facts[n++] = 'd';
		if (us_pattern_is_slow(p, &at))
			facts[n++] = 's';
		facts[n] = '\0';
		is_str(facts, fact_table[i].facts, "facts of /%s/",
		    fact_table[i].pattern);
	}
	us_arena_free(&a);
}

static uint64_t state = 88172645463325252u;

static unsigned
below(unsigned n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (unsigned)((state >> 20) % n);
}

static const char *const tokens[] = {"a", "b", "a", "b", "A", "B", "^", "$",
    "^", "$", ".", "|", "|", "(", "(", ")", ")", "*", "+", "?", "{2}", "{0,1}",
    "{1}", "{", "}", "[", "]", "[^", "-", "\\", "\\Q", "\\E", "(?i)",
    "(?:", "(?i:", "(?-i)", "(?x)", "(?s)", "(?m)", "(?#c)", "\\.", "\\A",
    "\\z", "\\Z", "\\b", "\\x61", "\\u0061", "\\u{61}", "\\x6", "\\u{g}", "\\1",
    "(?=", "(?!", "(?>", "(?<n>", "\n", " ", "#", ".*", ".*?", "a*", "b+",
    "[a]", "[ab]", "\\d", "\\\\", "\xc3\xa9", "\\K", "[[:alpha:]]", "[\\Q]\\E]",
    ",", "\\G", "\\N", "\\R", "\\101", "\\0", "\\cA", "\\e", "1", "\\8", "x",
    "u", "(?xx)", "[a b]", "(?^)", "(?n)", "(*ACCEPT)", "(?|", "(?(1)",
    "\\k<n>", "\\p{L}", "\\pL", "\\h", "\\U", "E", "\\N{U+61}", "(?J)", "(?U)",
    "\\o{141}", "{,2}", "[\\E^", "[\\Q\\E^", "[ ^", "]]", "\\o{00000000141}",
    "\\u{0000000061}", "\\o{ 141 }"};
static const char *const letters[] = {"a", "b", "a", "b", "A", "\n", ".",
    "\xc3\xa9", "B", "E", "x", "u", "]", "1", " ", "-"};

static struct us_str
random_text(char *out, unsigned pieces, const char *const *from, unsigned n)
{
	size_t len = 0;

	for (unsigned i = 0; i < pieces; i++) {
		const char *piece = from[below(n)];

		memcpy(out + len, piece, strlen(piece));
		len += strlen(piece);
	}
	out[len] = '\0';
	return (struct us_str){out, len};
}

static bool
literal_matches(const struct us_literal *l, struct us_str v)
{
	struct us_str t = l->text;

	if (t.n > v.n || !t.n)
		return !t.n && (l->kind != US_LITERAL_EXACT || !v.n);
	switch (l->kind) {
	case US_LITERAL_PREFIX:
		return !memcmp(v.p, t.p, t.n);
	case US_LITERAL_SUFFIX:
		return !memcmp(v.p + v.n - t.n, t.p, t.n);
	case US_LITERAL_EXACT:
		return us_str_eq(v, t);
	default:
		return memmem(v.p, v.n, t.p, t.n);
	}
}

static bool
any_matches(const struct us_literal *v, unsigned n, struct us_str value)
{
	for (unsigned i = 0; i < n; i++)
		if (literal_matches(&v[i], value))
			return true;
	return false;
}

struct tally {
	unsigned long compared, wrong, ones, witnesses, good;
};

static void
try_pattern(struct us_str pattern, struct us_re *re, struct us_re_scratch *s,
    struct tally *tally)
{
	struct us_arena a = {0};
	struct us_buf witness = {0};
	const struct us_pattern *p = us_pattern_parse(&a, pattern);
	unsigned n;
	const struct us_literal *v = us_pattern_literals(p, &a, &n);
	const struct us_literal *one = us_pattern_one_literal(pattern, &a);
	bool all = us_pattern_matches_everything(p);
	struct us_str value;
	enum us_tri got;
	char text[64];

	if (one) {
		tally->ones++;
		tally->wrong += n != 1 || one->kind != v->kind ||
				!us_str_eq(one->text, v->text);
	}
	us_re_scratch_begin(s);
	if (us_pattern_witness(p, &witness)) {
		tally->witnesses++;
		tally->good +=
		    us_re_match(re, us_buf_str(&witness), s) == US_YES;
	}
	for (int i = 0; i < 12 && (v || all); i++) {
		value = random_text(text, below(7), letters, 16);
		us_re_scratch_begin(s);
		got = us_re_match(re, value, s);
		if (got == US_CANNOT_TELL)
			continue;
		tally->compared++;
		if ((v && (got == US_YES) != any_matches(v, n, value)) ||
		    (all && got == US_NO && !strchr(text, '\n'))) {
			tally->wrong++;
			printf("# /%.*s/ on %s\n", US_ARG(pattern), text);
		}
	}
	us_buf_free(&witness);
	us_arena_free(&a);
}

static void
test_property(void)
{
	struct us_re_scratch *s = us_re_scratch_new();
	struct us_re_error error;
	struct us_re *re;
	struct us_str pattern;
	struct tally tally = {0};
	char text[256];

	for (int i = 0; i < 60000; i++) {
		pattern = random_text(text, 1 + below(i % 3 ? 7 : 14), tokens,
		    below(3) ? sizeof(tokens) / sizeof(char *) : 20);
		re = us_re_compile(pattern, &error);
		if (re)
			try_pattern(pattern, re, s, &tally);
		us_re_free(re);
	}
	is_int((intmax_t)tally.wrong, 0,
	    "literals answer as PCRE2 does: %lu comparisons", tally.compared);
	ok(tally.compared > 100000, "and these are many");
	ok(tally.ones > 1000, "%lu are told without reading them", tally.ones);
	ok(tally.good * 10 > tally.witnesses * 7,
	    "most witnesses match: %lu of %lu", tally.good, tally.witnesses);
	us_re_scratch_free(s);
}

/* Shapes that are deep, long or cut off. */
static void
test_hard(void)
{
	struct us_arena a = {0};
	struct us_buf witness = {0};
	const struct us_pattern *p;
	char text[4096];
	size_t at;
	unsigned n;

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = '(';
	p = us_pattern_parse(&a, (struct us_str){text, sizeof(text)});
	ok(!us_pattern_literals(p, &a, &n), "4096 open groups");
	memset(text, 'a', sizeof(text));
	p = us_pattern_parse(&a, (struct us_str){text, sizeof(text)});
	ok(us_pattern_literals(p, &a, &n) && n == 1, "4096 letters");
	for (size_t i = 0; i < sizeof(tokens) / sizeof(char *); i++)
		for (size_t k = 1; k <= strlen(tokens[i]); k++) {
			p = us_pattern_parse(&a, (struct us_str){tokens[i], k});
			us_pattern_recurses(p, &at);
			us_pattern_is_slow(p, &at);
		}
	ok(true, "pieces cut off anywhere");
	p = us_pattern_parse(&a, US_STR("()(?:\\1{65535}){65535}"));
	ok(us_pattern_witness(p, &witness),
	    "nothing, four thousand million times");
	us_buf_free(&witness);
	us_arena_free(&a);
}

int
main(void)
{
	test_literals();
	test_facts();
	test_property();
	test_hard();
	return plan_done();
}
