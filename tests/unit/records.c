/* SPDX-License-Identifier: Apache-2.0 */
/* Records: written and read again, older versions, values that are damaged. */
#include "daemon/record_parts.h"
#include "daemon/records.h"
#include "tests/tap.h"

/*
 * A value for a decoder, at the end of its memory, so that a sanitizer sees
 * every byte that is read behind it.
 */
static char *
exact(struct us_str value)
{
	char *p = malloc(value.n ? value.n : 1);

	if (value.n)
		memcpy(p, value.p, value.n);
	return p;
}

static bool
inside(struct us_str s, struct us_str value)
{
	return s.n == 0 || (s.p >= value.p && s.p + s.n <= value.p + value.n);
}

/* The decoders as one shape: false, or true with all strings in the value. */
static bool
read_workflow(struct us_str value, bool *wild)
{
	struct us_workflow_record r;
	bool read = us_workflow_decode(value, &r);

	*wild =
	    read && !(inside(r.author, value) && inside(r.rules, value) &&
			inside(r.services, value) &&
			inside(r.preapprovals, value) && inside(r.text, value));
	return read;
}

static bool
read_apikey(struct us_str value, bool *wild)
{
	struct us_apikey_record r;
	bool read = us_apikey_decode(value, &r);

	*wild = read && !(inside(r.name, value) && inside(r.created_by, value));
	return read;
}

static bool
read_mark(struct us_str value, bool *wild)
{
	struct us_mark_record r;
	bool read = us_mark_decode(value, &r);

	*wild = read && !inside(r.created_by, value);
	return read;
}

typedef bool read_fn(struct us_str value, bool *wild);

/* --- What is written is read -------------------------------------------- */

static const struct us_workflow_record workflow = {
    .created = 1700000000123,
    .author = {"mia@example.com", 15},
    .rules = {"[{\"name\": \"a\"}]", 15},
    .services = {"[]", 2},
    .preapprovals = {"", 0},
    .text = {"a: any -> auto;\n\0\xff", 18},
    .rule_count = 200000,
    .added = 1,
    .changed = 0x01020304,
    .removed = UINT32_MAX,
};

static const struct us_apikey_record apikey = {
    .name = {"terraform", 9},
    .hash = {1, 2, 3, [31] = 255},
    .roles = 0x1f,
    .created = -1,
    .expires = US_RECORD_TIME_MAX,
    .created_by = {"mia@example.com", 15},
    .for_others = true,
};

static const struct us_mark_record mark = {
    .created = -US_RECORD_TIME_MAX,
    .created_by = {"mia@example.com", 15},
};

static void
is_workflow(const struct us_workflow_record *r)
{
	is_int(r->created, workflow.created, "created");
	ok(us_str_eq(r->author, workflow.author), "author");
	ok(us_str_eq(r->rules, workflow.rules), "rules");
	ok(us_str_eq(r->services, workflow.services), "services");
	ok(us_str_eq(r->preapprovals, workflow.preapprovals), "preapprovals");
	is_int(r->rule_count, workflow.rule_count, "rule_count");
}

static void
test_workflow(void)
{
	struct us_workflow_record r;
	struct us_buf b = {0};

	us_workflow_encode(&workflow, &b);
	is_int(b.p[0], 2, "a workflow is written in version 2");
	ok(us_workflow_decode(us_buf_str(&b), &r), "and read");
	is_workflow(&r);
	ok(us_str_eq(r.text, workflow.text), "text");
	is_int(r.added, workflow.added, "added");
	is_int(r.changed, workflow.changed, "changed");
	is_int(r.removed, workflow.removed, "removed");
	us_buf_free(&b);
}

static void
test_apikey(void)
{
	struct us_apikey_record r;
	struct us_buf b = {0};

	us_apikey_encode(&apikey, &b);
	ok(us_apikey_decode(us_buf_str(&b), &r), "a key is read");
	ok(us_str_eq(r.name, apikey.name), "name");
	ok(memcmp(r.hash, apikey.hash, sizeof(r.hash)) == 0, "hash");
	is_int(r.roles, apikey.roles, "roles");
	is_int(r.created, apikey.created, "created");
	is_int(r.expires, apikey.expires, "expires");
	ok(us_str_eq(r.created_by, apikey.created_by), "created_by");
	ok(r.for_others, "for_others");
	b.p[b.n - 1] = 2;
	ok(!us_apikey_decode(us_buf_str(&b), &r), "yes is 1 and not 2");
	us_buf_free(&b);
}

static void
test_mark(void)
{
	struct us_mark_record r;
	struct us_buf b = {0};

	us_mark_encode(&mark, &b);
	ok(us_str_eq(us_buf_str(&b), US_STR("\1\0\0\0\0\0\0\xe0\xff"
					    "\x0f\0\0\0mia@example.com")),
	    "a mark's bytes are these on every machine");
	ok(us_mark_decode(us_buf_str(&b), &r), "a mark is read");
	is_int(r.created, mark.created, "created");
	ok(us_str_eq(r.created_by, mark.created_by), "created_by");
	b.p[1] = (char)0xff;
	b.p[7] = (char)0xdf;
	ok(!us_mark_decode(us_buf_str(&b), &r), "no time is further away");
	us_buf_free(&b);
}

/* --- Versions ----------------------------------------------------------- */

/* As an older usherd wrote it: no text, no counts of changes. */
static const char workflow_1[] = "\1"
				 "\x7b\x68\xe5\xcf\x8b\x01\0\0"
				 "\x0f\0\0\0mia@example.com"
				 "\x0f\0\0\0[{\"name\": \"a\"}]"
				 "\2\0\0\0[]"
				 "\0\0\0\0"
				 "\x40\x0d\3\0";

static void
test_versions(void)
{
	struct us_str old = {workflow_1, sizeof(workflow_1) - 1};
	struct us_workflow_record r;
	struct us_buf b = {0};
	char bytes[256];

	ok(us_workflow_decode(old, &r), "version 1 is read");
	is_workflow(&r);
	ok(r.text.p && r.text.n == 0, "it has no text");
	is_int(r.added | r.changed | r.removed, 0, "and no changes");
	us_workflow_encode(&r, &b);
	is_int(b.p[0], 2, "what is written in its place is version 2");
	ok(us_workflow_decode(us_buf_str(&b), &r), "which is read");
	is_workflow(&r);
	us_buf_free(&b);

	memcpy(bytes, old.p, old.n);
	bytes[0] = 2;
	ok(!us_workflow_decode((struct us_str){bytes, old.n}, &r),
	    "version 2 has more members");
	bytes[0] = 3;
	ok(!us_workflow_decode((struct us_str){bytes, old.n}, &r),
	    "a later version is not read");
	bytes[0] = 0;
	ok(!us_workflow_decode((struct us_str){bytes, old.n}, &r),
	    "nor is version 0");
}

/* --- Damage ------------------------------------------------------------- */

/* Tells whether every text in the value is read or refused, but not more. */
static bool
reads_well(read_fn *read, struct us_str value, bool *taken)
{
	char *p = exact(value);
	bool wild;

	*taken = read((struct us_str){p, value.n}, &wild);
	free(p);
	return !wild;
}

static void
test_cut(const char *name, read_fn *read, struct us_str value)
{
	bool taken, any = false, well = true;

	for (size_t n = 0; n < value.n; n++) {
		well &= reads_well(read, (struct us_str){value.p, n}, &taken);
		any |= taken;
	}
	ok(well && !any, "%s: no cut value is read", name);
}

/* Numbers that are the same on every run. */
static uint32_t
draw(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

static void
test_noise(const char *name, read_fn *read, struct us_str value)
{
	char *bytes = malloc(value.n + 8);
	bool taken, well = true;
	unsigned read_all = 0;
	uint32_t state = 1;

	for (int i = 0; i < 20000; i++) {
		size_t n = value.n + draw(&state) % 8;

		memset(bytes, 0, value.n + 8);
		memcpy(bytes, value.p, value.n);
		for (uint32_t k = draw(&state) % 4 + 1; k > 0; k--)
			bytes[draw(&state) % n] = (char)draw(&state);
		well &= reads_well(read, (struct us_str){bytes, n}, &taken);
		read_all += taken;
	}
	free(bytes);
	ok(well && read_all > 0, "%s: damaged values stay inside; %u read",
	    name, read_all);
}

static void
test_damage(void)
{
	struct us_buf b = {0};

	us_workflow_encode(&workflow, &b);
	test_cut("workflow", read_workflow, us_buf_str(&b));
	test_noise("workflow", read_workflow, us_buf_str(&b));
	us_buf_reset(&b);
	us_apikey_encode(&apikey, &b);
	test_cut("key", read_apikey, us_buf_str(&b));
	test_noise("key", read_apikey, us_buf_str(&b));
	us_buf_reset(&b);
	us_mark_encode(&mark, &b);
	test_cut("mark", read_mark, us_buf_str(&b));
	test_noise("mark", read_mark, us_buf_str(&b));
	us_buf_putc(&b, '\0');
	ok(!us_mark_decode(us_buf_str(&b), &(struct us_mark_record){0}),
	    "nothing may follow a record");
	us_buf_free(&b);
	test_cut("workflow 1", read_workflow,
	    (struct us_str){workflow_1, sizeof(workflow_1) - 1});
	test_noise("workflow 1", read_workflow,
	    (struct us_str){workflow_1, sizeof(workflow_1) - 1});
}

int
main(void)
{
	test_workflow();
	test_apikey();
	test_mark();
	test_versions();
	test_damage();
	return plan_done();
}
