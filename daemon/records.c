/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Encodings of records. The first byte is the version; numbers are
 * little-endian; a text is its length in 4 bytes and its bytes. Nothing may
 * follow the last member. A later version adds members at the end, which are
 * zero in records of an earlier one.
 *
 * Versions of a workflow record
 * 1  created, author, rules, services, preapprovals, rule_count
 * 2  and text, added, changed, removed
 * A saved workflow does not change, so one of version 1 stays as it is until
 * something is written in its place.
 */
#include <assert.h>

#include "daemon/records.h"

#define WORKFLOW_VERSION 2
#define APIKEY_VERSION 1
#define MARK_VERSION 1

/* --- Writing ------------------------------------------------------------ */

static void
put_number(struct us_buf *out, uint64_t n, unsigned bytes)
{
	for (; bytes; bytes--, n >>= 8)
		us_buf_putc(out, (char)(n & 0xff));
}

static void
put_str(struct us_buf *out, struct us_str s)
{
	assert(s.n <= UINT32_MAX);
	put_number(out, s.n, 4);
	us_buf_str_add(out, s);
}

void
us_workflow_encode(const struct us_workflow_record *r, struct us_buf *out)
{
	put_number(out, WORKFLOW_VERSION, 1);
	put_number(out, (uint64_t)r->created, 8);
	put_str(out, r->author);
	put_str(out, r->rules);
	put_str(out, r->services);
	put_str(out, r->preapprovals);
	put_number(out, r->rule_count, 4);
	put_str(out, r->text);
	put_number(out, r->added, 4);
	put_number(out, r->changed, 4);
	put_number(out, r->removed, 4);
}

void
us_apikey_encode(const struct us_apikey_record *r, struct us_buf *out)
{
	put_number(out, APIKEY_VERSION, 1);
	put_str(out, r->name);
	us_buf_add(out, (const char *)r->hash, sizeof(r->hash));
	put_number(out, r->roles, 4);
	put_number(out, (uint64_t)r->created, 8);
	put_number(out, (uint64_t)r->expires, 8);
	put_str(out, r->created_by);
	put_number(out, r->for_others, 1);
}

void
us_mark_encode(const struct us_mark_record *r, struct us_buf *out)
{
	put_number(out, MARK_VERSION, 1);
	put_number(out, (uint64_t)r->created, 8);
	put_str(out, r->created_by);
}

/* --- Reading ------------------------------------------------------------ */

/* What is left of a value; bad once something was not there. */
struct reader {
	struct us_str left;
	bool bad;
};

/* The next n bytes; empty when there are not so many. */
static struct us_str
take(struct reader *in, size_t n)
{
	struct us_str s = {in->left.p, n};

	if (in->bad || n > in->left.n) {
		in->bad = true;
		return (struct us_str){"", 0};
	}
	in->left.p += n;
	in->left.n -= n;
	return s;
}

static uint64_t
take_number(struct reader *in, unsigned bytes)
{
	struct us_str s = take(in, bytes);
	uint64_t n = 0;

	for (size_t i = s.n; i > 0; i--)
		n = n << 8 | (unsigned char)s.p[i - 1];
	return n;
}

static uint32_t
take_u32(struct reader *in)
{
	return (uint32_t)take_number(in, 4);
}

static struct us_str
take_str(struct reader *in)
{
	return take(in, take_u32(in));
}

/* Begins to read; the version, which is not above newest. */
static unsigned
take_version(struct reader *in, struct us_str value, unsigned newest)
{
	unsigned version;

	*in = (struct reader){value, false};
	version = (unsigned)take_number(in, 1);
	if (version == 0 || version > newest)
		in->bad = true;
	return version;
}

static bool
is_read(const struct reader *in)
{
	return !in->bad && in->left.n == 0;
}

bool
us_workflow_decode(struct us_str value, struct us_workflow_record *r)
{
	struct reader in;
	unsigned version = take_version(&in, value, WORKFLOW_VERSION);

	*r = (struct us_workflow_record){.text = US_STR("")};
	r->created = (int64_t)take_number(&in, 8);
	r->author = take_str(&in);
	r->rules = take_str(&in);
	r->services = take_str(&in);
	r->preapprovals = take_str(&in);
	r->rule_count = take_u32(&in);
	if (version >= 2) {
		r->text = take_str(&in);
		r->added = take_u32(&in);
		r->changed = take_u32(&in);
		r->removed = take_u32(&in);
	}
	return is_read(&in);
}

bool
us_apikey_decode(struct us_str value, struct us_apikey_record *r)
{
	struct reader in;
	struct us_str hash;
	uint64_t for_others;

	take_version(&in, value, APIKEY_VERSION);
	*r = (struct us_apikey_record){0};
	r->name = take_str(&in);
	hash = take(&in, sizeof(r->hash));
	memcpy(r->hash, hash.p, hash.n);
	r->roles = take_u32(&in);
	r->created = (int64_t)take_number(&in, 8);
	r->expires = (int64_t)take_number(&in, 8);
	r->created_by = take_str(&in);
	for_others = take_number(&in, 1);
	r->for_others = for_others == 1;
	return is_read(&in) && for_others <= 1;
}

bool
us_mark_decode(struct us_str value, struct us_mark_record *r)
{
	struct reader in;

	take_version(&in, value, MARK_VERSION);
	*r = (struct us_mark_record){0};
	r->created = (int64_t)take_number(&in, 8);
	r->created_by = take_str(&in);
	return is_read(&in);
}
