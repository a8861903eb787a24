/* SPDX-License-Identifier: Apache-2.0 */
/* Writing JUnit XML. */
#include <errno.h>
#include <stdio.h>

#include "cli/junit.h"
#include "cli/out.h"

void
us_junit_free(struct us_junit *j)
{
	us_buf_free(&j->done);
	us_buf_free(&j->cases);
}

/*
 * XML 1.0 cannot say most control characters at all, and in an attribute it
 * reads line ends and tabs as spaces.
 */
static void
put_escaped(struct us_buf *out, struct us_str s, bool attribute)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c == '<')
			us_buf_puts(out, "&lt;");
		else if (c == '>')
			us_buf_puts(out, "&gt;");
		else if (c == '&')
			us_buf_puts(out, "&amp;");
		else if (c == '"')
			us_buf_puts(out, "&quot;");
		else if (c != '\n' && c != '\t')
			us_buf_putc(out, c < ' ' || c == 0x7f ? '?' : (char)c);
		else if (attribute)
			us_buf_printf(out, "&#%u;", c);
		else
			us_buf_putc(out, (char)c);
	}
}

static void
put_attribute(struct us_buf *out, const char *name, struct us_str value)
{
	us_buf_printf(out, " %s=\"", name);
	put_escaped(out, value, true);
	us_buf_putc(out, '"');
}

static void
begin_case(struct us_junit *j, const char *suite, struct us_str test)
{
	us_buf_puts(&j->cases, "    <testcase");
	put_attribute(&j->cases, "classname", us_str(suite));
	put_attribute(&j->cases, "name", test);
	j->suite_tests++;
}

static void
put_trouble(
    struct us_buf *out, const char *tag, const char *message, const char *text)
{
	us_buf_printf(out, ">\n      <%s", tag);
	put_attribute(out, "message", us_str(message));
	us_buf_putc(out, '>');
	put_escaped(out, us_str(text), false);
	us_buf_printf(out, "</%s>\n    </testcase>\n", tag);
}

void
us_junit_case(struct us_junit *j, const char *suite, struct us_str test,
    const char *message, const char *failure)
{
	begin_case(j, suite, test);
	if (!failure) {
		us_buf_puts(&j->cases, "/>\n");
		return;
	}
	put_trouble(&j->cases, "failure", message, failure);
	j->suite_failures++;
}

void
us_junit_error(struct us_junit *j, const char *suite, const char *text)
{
	begin_case(j, suite, US_STR("(the file)"));
	put_trouble(&j->cases, "error", "the file has errors", text);
	j->suite_errors++;
}

static void
put_counts(
    struct us_buf *out, unsigned tests, unsigned failures, unsigned errors)
{
	us_buf_printf(out, " tests=\"%u\" failures=\"%u\" errors=\"%u\">\n",
	    tests, failures, errors);
}

void
us_junit_end_suite(struct us_junit *j, const char *suite)
{
	us_buf_puts(&j->done, "  <testsuite");
	put_attribute(&j->done, "name", us_str(suite));
	put_counts(
	    &j->done, j->suite_tests, j->suite_failures, j->suite_errors);
	us_buf_str_add(&j->done, us_buf_str(&j->cases));
	us_buf_puts(&j->done, "  </testsuite>\n");
	us_buf_reset(&j->cases);
	j->tests += j->suite_tests;
	j->failures += j->suite_failures;
	j->errors += j->suite_errors;
	j->suite_tests = j->suite_failures = j->suite_errors = 0;
}

bool
us_junit_write(const struct us_junit *j, const char *path)
{
	struct us_buf head = {0};
	FILE *out = fopen(path, "w");
	bool written = out != NULL;

	us_buf_puts(
	    &head, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	put_counts(&head, j->tests, j->failures, j->errors);
	if (out) {
		errno = 0;
		fwrite(head.p, 1, head.n, out);
		if (j->done.n)
			fwrite(j->done.p, 1, j->done.n, out);
		fputs("</testsuites>\n", out);
		written = !ferror(out);
		written = fclose(out) == 0 && written;
	}
	if (!written)
		us_out_error("cannot write \"%s\": %s", path, strerror(errno));
	us_buf_free(&head);
	return written;
}
