/* SPDX-License-Identifier: Apache-2.0 */
/* Writing to the two outputs. */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/out.h"

void
us_out(const struct us_buf *text)
{
	if (text->n)
		fwrite(text->p, 1, text->n, stdout);
}

int
us_out_finish(int status, int bad)
{
	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	us_out_error("cannot write to standard output: %s",
	    errno ? strerror(errno) : "an earlier write failed");
	return bad;
}

/* They stand in strings only, where JSON lets them be written so. */
void
us_out_json(struct json_object *value)
{
	const char *p = json_object_to_json_string_ext(
	    value, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);

	for (; *p; p++) {
		if (*p == 0x7F)
			fputs("\\u007f", stdout);
		else if (*p == '\xC2' && (p[1] & 0xE0) == 0x80)
			printf("\\u00%02x", (unsigned char)*++p);
		else
			putchar(*p);
	}
	putchar('\n');
}

void
us_out_follow(FILE *in)
{
	struct stat st;

	if (fstat(fileno(in), &st) == 0 && !S_ISREG(st.st_mode))
		setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
}

bool
us_out_colour(FILE *stream)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (no && *no)
		return false;
	if (term && strcmp(term, "dumb") == 0)
		return false;
	return isatty(fileno(stream));
}

void
us_out_error(const char *fmt, ...)
{
	va_list ap;

	fputs("usher: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

void
us_out_diags(const struct us_diags *diags)
{
	bool colour = us_out_colour(stderr);
	const struct us_diag *diag;
	struct us_buf text = {0};

	if (!diags->list.n)
		return;
	US_EACH (diag, &diags->list)
		us_diag_text(diag, colour, &text);
	/* In the order of what led to it, where both outputs are one. */
	fflush(stdout);
	fwrite(text.p, 1, text.n, stderr);
	us_buf_free(&text);
}

int
us_out_status(const struct us_diags *diags)
{
	if (diags->unreadable)
		return US_EXIT_BAD;
	return diags->errors ? US_EXIT_NO : US_EXIT_OK;
}

void
us_out_count(struct us_buf *out, uint32_t n, const char *what)
{
	if (n)
		us_buf_printf(out, "%u", n);
	else
		us_buf_puts(out, "no");
	us_buf_printf(out, " %s%s", what, n == 1 ? "" : "s");
}
