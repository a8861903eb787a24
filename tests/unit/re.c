/* SPDX-License-Identifier: Apache-2.0 */
/* Patterns on PCRE2: what is refused, what the options mean, the limits. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "engine/check.h"
#include "engine/re.h"
#include "tests/random.h"
#include "tests/tap.h"
#include "tests/unit/heap.h"

static struct us_re_scratch *scratch;

static const struct {
	const char *pattern, *value;
	enum us_tri want;
} matches[] = {
    {"", "", US_YES},
    {"", "x", US_YES},
    {"prod", "nonprod", US_YES},
    {"prod", "PROD", US_NO},
    {"(?i)prod", "PROD", US_YES},
    {"x$", "x", US_YES},
    {"x$", "x\n", US_NO},
    {"x\\Z", "x\n", US_YES},
    {"a.b", "a\nb", US_NO},
    {"^.$", "\xc3\xa9", US_YES},
    {"^\\u00e9$", "\xc3\xa9", US_YES},
    {"^\\u{e9}$", "\xc3\xa9", US_YES},
    {"^\\x61$", "a", US_YES},
    {"^\\x6$", "x6", US_YES},
    {"^\\d$", "\xd9\xa3", US_NO},
    {"^\\w$", "\xc3\xa9", US_NO},
    {"^\\p{L}$", "\xc3\xa9", US_YES},
    {"(a)(b)(c)", "abc", US_YES},
};

static void
test_matches(void)
{
	struct us_re_error error;
	struct us_re *re;

	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		re = us_re_compile(us_str(matches[i].pattern), &error);
		if (!ok(re != NULL, "/%s/ compiles", matches[i].pattern))
			continue;
		ok(us_re_size(re) > 0, "and has a size");
		is_int(us_re_match(re, us_str(matches[i].value), scratch),
		    matches[i].want, "/%s/ on %s", matches[i].pattern,
		    matches[i].value);
		us_re_free(re);
	}
}

static const struct {
	const char *pattern;
	size_t offset;
} refused[] = {
    {"(", 1},
    {"a[", 2},
    {"a)", 1},
    {"a**", 2},
    {"(*UCP)a", 0},
    {"(*UTF)a", 0},
    {"(*LIMIT_MATCH=1)a", 0},
    {"(*COMMIT)a", 0},
    {"a\\C", 3},
    {"ab(?C)c", 2},
    {"ab(?C'text')c", 2},
    {"a(?R)?", 1},
    {"(a)(?1)", 3},
    {"(a)(?-1)", 3},
    {"(?+1)(a)", 0},
    {"(?<n>a)(?&n)", 7},
    {"(?P<n>a)(?P>n)", 8},
    {"(a)\\g<1>", 3},
    {"(a)\\g'1'", 3},
    {"(a)(?(R)b)", 3},
    {"\xff", 0},
    {"a\xc3", 1},
    {"\xed\xa0\x80", 0},
};

static void
test_refused(void)
{
	struct us_re_error error;
	struct us_re *re;

	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		error.text[0] = '\0';
		re = us_re_compile(us_str(refused[i].pattern), &error);
		ok(!re && error.text[0], "case %zu is refused: %s", i,
		    error.text);
		is_int((intmax_t)error.offset, (intmax_t)refused[i].offset,
		    "and the place is right");
		us_re_free(re);
	}
}

/* The short way to say that a pattern is taken, and PCRE2 itself. */
static bool
is_told_right(struct us_str pattern)
{
	struct us_re_error error;
	struct us_re *re = us_re_compile(pattern, &error);
	bool right = us_re_accepts(pattern, &error) == (re != NULL);

	if (!right)
		printf("# /%.*s/\n", US_ARG(pattern));
	us_re_free(re);
	return right;
}

static void
test_accepts(void)
{
	static const char letters[] = "ab()()|.*.*\\.^$ -/?+";
	static const char *const parts[] = {"()", "(|", "(.*", "|", "\\.", "a"};
	char text[US_PATTERN_MAX];
	uint64_t seed = 5;
	size_t n, wrong = 0;

	for (unsigned i = 0; i < 20000; i++) {
		n = random_below(&seed, 12);
		for (size_t k = 0; k < n; k++)
			text[k] =
			    letters[random_below(&seed, sizeof(letters) - 1)];
		wrong += !is_told_right((struct us_str){text, n});
	}
	is_int((intmax_t)wrong, 0, "what is accepted is what compiles");
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		size_t part = strlen(parts[i]);

		for (n = 0; n + part <= sizeof(text); n += part)
			memcpy(text + n, parts[i], part);
		ok(is_told_right((struct us_str){text, n}),
		    "also %s again and again", parts[i]);
		for (n = 0; n + part <= 20 * part; n += part)
			memcpy(text + n, parts[i], part);
		memset(text + n, ')', 20);
		ok(is_told_right((struct us_str){text, n + 20}),
		    "and with ) behind 20 of it");
	}
}

static double
milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static const char *const catastrophic[] = {"(a+)+$", "(a|b|ab)*c",
    "(a|b|ab)*[CD]", "^(\\w+\\s?)*$", "(x+x+)+y", "(x+x+)+[YZ]",
    "^(([a-z])+.)+[A-Z]([a-z])+$", "(.*)*x", "(.*)*[XZ]", "(?:a?){30}a{30}",
    ".*.*.*[XZ]", "(?:a|b|c)*[a-z]*[XZ]", "(.+)\\1[XZ]", "(?:(?:a*)*)*[XZ]"};

/* Texts of 1 KiB that nearly match; the machine may be busy: best of three. */
static void
test_limits(void)
{
	static const char *const units[] = {"a", "ab", "x", "abc ",
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", "abcx"};
	struct us_re_error error;
	struct us_re *re;
	char value[1024];
	double start, took, best, worst;

	for (size_t i = 0; i < sizeof(catastrophic) / sizeof(char *); i++) {
		re = us_re_compile(us_str(catastrophic[i]), &error);
		worst = 0;
		for (size_t u = 0; u < sizeof(units) / sizeof(char *); u++) {
			for (size_t k = 0; k < sizeof(value); k++)
				value[k] = units[u][k % strlen(units[u])];
			value[sizeof(value) - 1] = '!';
			best = 1e9;
			for (int n = 0; n < 3; n++) {
				us_re_scratch_begin(scratch);
				start = milliseconds();
				us_re_match(re,
				    (struct us_str){value, sizeof(value)},
				    scratch);
				took = milliseconds() - start;
				best = took < best ? took : best;
			}
			worst = best > worst ? best : worst;
		}
		printf("# /%s/ %.2f ms\n", catastrophic[i], worst);
		ok(worst < 20, "/%s/ ends in time", catastrophic[i]);
		us_re_free(re);
	}
}

static void
test_cannot_tell(void)
{
	struct us_re_error error;
	struct us_re *re = us_re_compile(us_str("^(a+)+$"), &error);

	is_int(us_re_match(
		   re, US_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"), scratch),
	    US_CANNOT_TELL, "over the limit is neither yes nor no");
	is_int(us_re_match(re, US_STR("aaaaaaaa"), scratch), US_YES,
	    "and the scratch goes on working");
	us_re_free(re);
}

static void
test_no_allocation(void)
{
	struct us_re_error error;
	unsigned long before = heap_calls;
	struct us_re *re = us_re_compile(us_str("^(a+)+$|b(.*)\\1"), &error);

	if (!COUNTS_HEAP) {
		skip("a sanitizer has the allocator");
	} else {
		ok(heap_calls > before, "compiling is counted");
		us_re_match(re, US_STR("aaaaaaaaaaaaaaaaaaaaaaaaaa!"), scratch);
		before = heap_calls;
		us_re_match(re, US_STR("aaaaaaaaaaaaaaaaaaaaaaaaaa!"), scratch);
		us_re_match(re, US_STR("xxbabab"), scratch);
		is_int(heap_calls - before, 0, "matching allocates nothing");
	}
	us_re_free(re);
}

#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#endif
#define REFUSE_EXEC_GAIN 1
#define CANNOT_REFUSE 99

/* In a process that may not write code: how many answers are not the same. */
static int
count_differences(void)
{
	struct us_re_error error;
	struct us_re *re;
	int wrong = 0;

	if (prctl(PR_SET_MDWE, REFUSE_EXEC_GAIN, 0, 0, 0))
		return CANNOT_REFUSE;
	scratch = us_re_scratch_new();
	for (size_t i = 0; i < sizeof(matches) / sizeof(matches[0]); i++) {
		re = us_re_compile(us_str(matches[i].pattern), &error);
		wrong += us_re_match(re, us_str(matches[i].value), scratch) !=
			 matches[i].want;
		us_re_free(re);
	}
	re = us_re_compile(us_str("^(a+)+$"), &error);
	wrong += us_re_match(re, US_STR("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!"),
		     scratch) != US_CANNOT_TELL;
	us_re_free(re);
	us_re_scratch_free(scratch);
	return wrong;
}

/*
 * A hardened service may not write code and has the interpreter. This comes
 * first: PCRE2 keeps the memory of code that it has written once.
 */
static void
test_interpreter(void)
{
	int status = 0;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0)
		_exit(count_differences());
	if (waitpid(child, &status, 0) == child &&
	    WEXITSTATUS(status) == CANNOT_REFUSE)
		skip("this kernel cannot refuse new code");
	else
		is_int(status, 0, "without the JIT answers are the same");
}

int
main(void)
{
	test_interpreter();
	scratch = us_re_scratch_new();
	test_matches();
	test_refused();
	test_accepts();
	test_limits();
	test_cannot_tell();
	test_no_allocation();
	us_re_scratch_free(scratch);
	return plan_done();
}
