/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas, lists in them, and growing texts. */
#include "engine/arena.h"
#include "engine/buf.h"
#include "tests/tap.h"

static void
test_arena(void)
{
	struct us_arena a = {0};
	unsigned char *p;
	size_t size;
	bool zeroed = true;

	p = us_arena_alloc(&a, 100);
	memset(p, 0xff, 100);
	is_int((uintptr_t)us_arena_alloc(&a, 1) % 16, 0, "pieces are aligned");
	us_arena_alloc(&a, 3 * 1024 * 1024);
	size = us_arena_size(&a);
	ok(size > 3 * 1024 * 1024, "a large piece has its block");
	us_arena_reset(&a);
	p = us_arena_alloc(&a, 100);
	for (int i = 0; i < 100; i++)
		zeroed &= p[i] == 0;
	ok(zeroed, "pieces are zeroed after a reset too");
	us_arena_alloc(&a, 3 * 1024 * 1024);
	is_int(us_arena_size(&a), (intmax_t)size, "a reset keeps the blocks");
	is_str(us_arena_printf(&a, "%s-%d", "x", 7), "x-7", "printf");
	is_str(us_arena_str(&a, US_STR("abc")).p, "abc", "a copy has its NUL");
	us_arena_free(&a);
	is_int(us_arena_size(&a), 0, "nothing is left");
}

static void
test_list(void)
{
	struct us_arena a = {0};
	US_LIST(int) list = {0};
	int *e, sum = 0;

	for (int i = 0; i < 1000; i++)
		*us_list_add(&a, &list) = i;
	US_EACH (e, &list)
		sum += *e;
	is_int(list.n, 1000, "all elements are there");
	is_int(sum, 999 * 1000 / 2, "and keep their values");
	us_arena_free(&a);
}

static void
test_large_list(void)
{
	struct us_arena a = {0};
	US_LIST(int) list = {0}, other = {0};
	const int n = 3 * 1024 * 1024;
	bool kept = true;

	for (int i = 0; i < n; i++) {
		*us_list_add(&a, &list) = i;
		if (i % 1000 == 0)
			*us_list_add(&a, &other) = i;
	}
	for (int i = 0; i < n; i++)
		kept &= list.v[i] == i;
	for (uint32_t i = 0; i < other.n; i++)
		kept &= other.v[i] == (int)i * 1000;
	ok(kept, "large and small lists keep their values");
	ok(us_arena_size(&a) < list.cap * sizeof(int) + 4 * 1024 * 1024,
	    "a large list leaves no old copies behind");
	us_arena_free(&a);
}

static void
test_buf(void)
{
	struct us_buf b = {0};

	is_str(us_buf_str(&b).p, "", "an empty text is a string");
	us_buf_puts(&b, "a");
	us_buf_putc(&b, 'b');
	us_buf_str_add(&b, US_STR("cd"));
	us_buf_printf(&b, "%03d", 5);
	is_str(b.p, "abcd005", "parts are joined");
	us_buf_reset(&b);
	for (int i = 0; i < 1000; i++)
		us_buf_puts(&b, "xyz");
	is_int(strlen(b.p), 3000, "it grows");
	us_buf_reset(&b);
	us_buf_json(&b, US_STR("a\"\\\n\t\r\x01\x7f\xc3\xa4/"));
	is_str(b.p, "\"a\\\"\\\\\\n\\t\\r\\u0001\\u007f\xc3\xa4/\"", "JSON");
	us_buf_reset(&b);
	us_buf_quote(&b, US_STR("a\"\\\n\t\r\xc3\xa4"));
	is_str(b.p, "\"a\\\"\\\\\\n\\t\\u{d}\xc3\xa4\"", "language");
	us_buf_reset(&b);
	us_buf_word(&b, US_STR("sre-2"), true);
	us_buf_putc(&b, ' ');
	us_buf_word(&b, US_STR("2sre"), true);
	us_buf_putc(&b, ' ');
	us_buf_word(&b, US_STR("any"), false);
	us_buf_putc(&b, ' ');
	us_buf_word(&b, US_STR("any"), true);
	is_str(b.p, "sre-2 \"2sre\" any \"any\"", "words");
	us_buf_free(&b);
}

int
main(void)
{
	test_arena();
	test_list();
	test_large_list();
	test_buf();
	return plan_done();
}
