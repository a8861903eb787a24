/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a body: of a known length, or in chunks (RFC 9112, 7.1). */
#include "daemon/http_parts.h"

#define LINE_MAX_BYTES 256
#define TRAILERS_MAX 32

void
us_body_begin(struct us_body *b, const struct us_head *head, size_t limit)
{
	*b = (struct us_body){.limit = limit, .left = head->length};
	b->step = head->chunked ? US_STEP_SIZE : US_STEP_DATA;
	if (!head->chunked && head->length == 0)
		b->step = US_STEP_DONE;
}

static void
pass(struct us_str *in, size_t n)
{
	in->p += n;
	in->n -= n;
}

/* Takes what is there of the bytes that are left. DONE: the step is. */
static enum us_body_result
take(struct us_body *b, struct us_str *in, enum us_body_step after)
{
	size_t n = b->left < in->n ? (size_t)b->left : in->n;

	/* Left as a whole and not what came: an announced length is enough
	 * to refuse it. */
	if (b->left > b->limit || b->bytes.n > b->limit - b->left)
		return US_READ_OVER;
	us_buf_add(&b->bytes, in->p, n);
	pass(in, n);
	b->left -= n;
	if (b->left)
		return US_READ_MORE;
	b->step = after;
	return US_READ_DONE;
}

/* SIZE [; extensions], which nobody uses and we pass over. */
static bool
read_size(struct us_str line, uint64_t *size)
{
	size_t i = 0;

	*size = 0;
	for (; i < line.n && us_hex_value(line.p[i]) >= 0; i++)
		*size = *size * 16 + (uint64_t)us_hex_value(line.p[i]);
	if (i == 0 || i > 15)
		return false;
	return i == line.n || line.p[i] == ';';
}

static bool
use_line(struct us_body *b, struct us_str line)
{
	if (memchr(line.p, '\n', line.n) || memchr(line.p, '\r', line.n))
		return false;
	if (b->step == US_STEP_SIZE) {
		b->step = US_STEP_CHUNK;
		if (!read_size(line, &b->left))
			return false;
		if (b->left == 0)
			b->step = US_STEP_TRAILER;
		return true;
	}
	if (b->step == US_STEP_CHUNK_END) {
		b->step = US_STEP_SIZE;
		return line.n == 0;
	}
	if (line.n == 0)
		b->step = US_STEP_DONE;
	return b->trailers++ < TRAILERS_MAX;
}

static enum us_body_result
take_line(struct us_body *b, struct us_str *in)
{
	const char *end = in->n ? memmem(in->p, in->n, "\r\n", 2) : NULL;
	struct us_str line = {in->p, end ? (size_t)(end - in->p) : in->n};

	/* The CR of its end may have come alone. */
	if (!end)
		return line.n > LINE_MAX_BYTES + 1 ? US_READ_BAD : US_READ_MORE;
	pass(in, line.n + 2);
	return line.n <= LINE_MAX_BYTES && use_line(b, line) ? US_READ_DONE
							     : US_READ_BAD;
}

enum us_body_result
us_body_read(struct us_body *b, struct us_str *in)
{
	enum us_body_result result = US_READ_DONE;

	while (b->step != US_STEP_DONE && result == US_READ_DONE) {
		if (b->step == US_STEP_DATA)
			result = take(b, in, US_STEP_DONE);
		else if (b->step == US_STEP_CHUNK)
			result = take(b, in, US_STEP_CHUNK_END);
		else
			result = take_line(b, in);
	}
	return result;
}
