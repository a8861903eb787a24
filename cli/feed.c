/* SPDX-License-Identifier: Apache-2.0 */
/* Cutting a stream into requests. */
#include <errno.h>
#include <string.h>

#include "cli/feed.h"
#include "engine/json_request.h"

static void
unreadable(struct us_feed *f, struct us_diags *diags)
{
	struct us_loc nowhere = {0};

	us_diag_add(diags, US_DIAG_UNREADABLE, nowhere,
	    "cannot read \"%s\": %s", f->name, strerror(errno));
	diags->unreadable = true;
}

bool
us_feed_open(struct us_feed *f, const char *path, struct us_diags *diags)
{
	bool standard = !path || strcmp(path, "-") == 0;

	*f = (struct us_feed){.name = standard ? "-" : path};
	f->in = standard ? stdin : fopen(path, "r");
	if (!f->in)
		unreadable(f, diags);
	return f->in != NULL;
}

void
us_feed_close(struct us_feed *f)
{
	if (f->in && f->in != stdin)
		fclose(f->in);
	us_buf_free(&f->line);
	us_buf_free(&f->first);
}

/* Reads one line without its end. What is beyond the limit is skipped. */
static bool
read_line(struct us_feed *f)
{
	int c = getc_unlocked(f->in);

	us_buf_reset(&f->line);
	f->too_long = false;
	if (c == EOF)
		return false;
	for (; c != EOF && c != '\n'; c = getc_unlocked(f->in)) {
		if (f->line.n < US_REQUEST_MAX)
			us_buf_putc(&f->line, (char)c);
		else
			f->too_long = true;
	}
	f->number++;
	return true;
}

static bool
read_line_not_blank(struct us_feed *f)
{
	do {
		if (!read_line(f))
			return false;
	} while (us_str_is_blank(us_buf_str(&f->line)));
	return true;
}

/* Every bracket and quote that opens in the line closes in it. */
static bool
is_whole(struct us_str line)
{
	bool quoted = false;
	long depth = 0;

	for (size_t i = 0; i < line.n; i++) {
		switch (line.p[i]) {
		case '\\':
			i += quoted;
			break;
		case '"':
			quoted = !quoted;
			break;
		case '{':
		case '[':
			depth += !quoted;
			break;
		case '}':
		case ']':
			depth -= !quoted;
			break;
		}
	}
	return !quoted && depth <= 0;
}

static bool
begins_object(struct us_str line)
{
	size_t i = 0;

	while (i < line.n && strchr(" \t\r", line.p[i]))
		i++;
	return i < line.n && line.p[i] == '{';
}

static struct us_src *
new_source(struct us_feed *f, const struct us_buf *text, uint32_t number,
    bool too_long, struct us_diags *diags)
{
	struct us_src *src =
	    us_src_new(f->name, us_buf_str(text), US_FORMAT_JSON);
	struct us_loc loc = {src, 0, 1};

	src->lines_before = number - 1;
	if (too_long)
		us_diag_add(diags, US_DIAG_LIMIT, loc,
		    "the request is larger than %d bytes, the limit",
		    US_REQUEST_MAX);
	return src;
}

/* The rest of the input belongs to the request that f->first begins. */
static struct us_src *
take_document(struct us_feed *f, uint32_t number, struct us_diags *diags)
{
	uint32_t last = number;
	bool too_long = false, more = f->ahead;

	while (more) {
		for (; last < f->number; last++)
			us_buf_putc(&f->first, '\n');
		if (f->first.n + f->line.n > US_REQUEST_MAX || f->too_long)
			too_long = true;
		else
			us_buf_str_add(&f->first, us_buf_str(&f->line));
		more = !too_long && read_line_not_blank(f);
	}
	f->ahead = false;
	f->end = true;
	return new_source(f, &f->first, number, too_long, diags);
}

/*
 * The first line tells what the input is: a request on each line when the
 * first is whole, or when the next begins another; else one document.
 */
static struct us_src *
take_first(struct us_feed *f, struct us_diags *diags)
{
	uint32_t number = f->number;

	if (f->too_long || is_whole(us_buf_str(&f->line)))
		return new_source(f, &f->line, number, f->too_long, diags);
	us_buf_str_add(&f->first, us_buf_str(&f->line));
	f->ahead = read_line_not_blank(f);
	if (f->ahead && begins_object(us_buf_str(&f->line)))
		return new_source(f, &f->first, number, false, diags);
	return take_document(f, number, diags);
}

struct us_src *
us_feed_next(struct us_feed *f, struct us_diags *diags)
{
	bool begun = f->begun;

	f->begun = true;
	if (f->end)
		return NULL;
	if (!f->ahead && !read_line_not_blank(f)) {
		if (ferror(f->in))
			unreadable(f, diags);
		f->end = true;
		return NULL;
	}
	f->ahead = false;
	if (!begun)
		return take_first(f, diags);
	return new_source(f, &f->line, f->number, f->too_long, diags);
}
