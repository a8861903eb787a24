/* SPDX-License-Identifier: Apache-2.0 */
/* Times and lengths. */
#include "engine/when.h"
#include "tests/tap.h"

static void
test_times(void)
{
	static const struct {
		const char *text;
		int64_t ms;
		const char *back;
	} rows[] = {
	    {"1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"},
	    {"2026-12-24T00:00:00Z", INT64_C(1798070400000),
		"2026-12-24T00:00:00Z"},
	    {"2000-02-29T23:59:59.5Z", INT64_C(951868799500),
		"2000-02-29T23:59:59.500Z"},
	    {"1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"},
	    {"2026-01-01T01:00:00+01:00", INT64_C(1767225600000),
		"2026-01-01T00:00:00Z"},
	    {"2025-12-31t19:00:00.1239-05:00", INT64_C(1767225600123),
		"2026-01-01T00:00:00.123Z"},
	    {"0000-03-01T00:00:00Z", INT64_C(-62162035200000),
		"0000-03-01T00:00:00Z"},
	    {"9999-12-31T23:59:60Z", INT64_C(253402300799000),
		"9999-12-31T23:59:59Z"},
	};
	struct us_buf b = {0};
	int64_t ms;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ok(us_when_parse(us_str(rows[i].text), &ms), "%s is a time",
		    rows[i].text);
		is_int(ms, rows[i].ms, "its milliseconds");
		us_buf_reset(&b);
		us_when_print(ms, &b);
		is_str(b.p, rows[i].back, "printed");
	}
	us_buf_reset(&b);
	us_when_print(INT64_MIN, &b);
	us_when_print(INT64_MAX, &b);
	is_str(b.p, "0000-01-01T00:00:00Z9999-12-31T23:59:59.999Z",
	    "what has no date is at the ends");
	us_buf_free(&b);
}

static void
test_no_times(void)
{
	static const char *const rows[] = {"", "2026-12-24",
	    "2026-12-24T00:00:00", "2026-13-01T00:00:00Z",
	    "2026-02-29T00:00:00Z", "2026-1-01T00:00:00Z",
	    "2026-01-01 00:00:00Z", "2026-01-01T24:00:00Z",
	    "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
	    "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00Zx",
	    "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+0100",
	    "1900-02-29T00:00:00Z"};
	int64_t ms;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ok(!us_when_parse(us_str(rows[i]), &ms), "\"%s\" is none",
		    rows[i]);
}

static void
test_lengths(void)
{
	static const struct {
		const char *text;
		int64_t seconds; /* 0: none */
		const char *back;
	} rows[] = {
	    {"30m", 1800, "30m"},
	    {"90m", 5400, "90m"},
	    {"120m", 7200, "2h"},
	    {"2h", 7200, "2h"},
	    {"5d", 432000, "5d"},
	    {"14d", 1209600, "2w"},
	    {"1w", 604800, "1w"},
	    {"0m", 0, NULL},
	    {"m", 0, NULL},
	    {"", 0, NULL},
	    {"10", 0, NULL},
	    {"10s", 0, NULL},
	    {"-1h", 0, NULL},
	    {"1.5h", 0, NULL},
	    {"99999999999999999999m", 0, NULL},
	    {"9999999w", 0, NULL},
	};
	struct us_buf b = {0};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		seconds = 0;
		us_length_parse(us_str(rows[i].text), &seconds);
		is_int(seconds, rows[i].seconds, "length \"%s\"", rows[i].text);
		if (!rows[i].back)
			continue;
		us_buf_reset(&b);
		us_length_print(seconds, &b);
		is_str(b.p, rows[i].back, "printed");
	}
	us_buf_free(&b);
}

int
main(void)
{
	test_times();
	test_no_times();
	test_lengths();
	return plan_done();
}
