/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers and texts of records, written and read. */
#include <assert.h>

#include "daemon/record_parts.h"

void
us_record_number(struct us_buf *out, uint64_t n, unsigned bytes)
{
	uint64_t little = htole64(n);

	us_buf_add(out, (const char *)&little, bytes);
}

void
us_record_str(struct us_buf *out, struct us_str s)
{
	assert(s.n <= UINT32_MAX);
	us_record_number(out, s.n, 4);
	us_buf_str_add(out, s);
}

struct us_str
us_record_take(struct us_record_in *in, size_t n)
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

uint64_t
us_record_take_number(struct us_record_in *in, unsigned bytes)
{
	struct us_str s = us_record_take(in, bytes);
	uint64_t n = 0;

	for (size_t i = s.n; i > 0; i--)
		n = n << 8 | (unsigned char)s.p[i - 1];
	return n;
}

int64_t
us_record_take_time(struct us_record_in *in)
{
	int64_t time = (int64_t)us_record_take_number(in, 8);

	if (time < -US_RECORD_TIME_MAX || time > US_RECORD_TIME_MAX)
		in->bad = true;
	return in->bad ? 0 : time;
}

struct us_str
us_record_take_str(struct us_record_in *in)
{
	return us_record_take(in, us_record_take_u32(in));
}

unsigned
us_record_take_choice(struct us_record_in *in, unsigned count)
{
	unsigned choice = (unsigned)us_record_take_number(in, 1);

	if (choice >= count)
		in->bad = true;
	return in->bad ? 0 : choice;
}

unsigned
us_record_begin(struct us_record_in *in, struct us_str value, unsigned newest)
{
	unsigned version;

	*in = (struct us_record_in){value, false};
	version = (unsigned)us_record_take_number(in, 1);
	if (version == 0 || version > newest)
		in->bad = true;
	return version;
}

bool
us_record_end(const struct us_record_in *in)
{
	return !in->bad && in->left.n == 0;
}
