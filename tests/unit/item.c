/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From arguments to items: each service and access type of the table, with and
 * without an inventory; what contradicts it; what cannot be claimed.
 */
#include "daemon/clock.h"
#include "daemon/item_parts.h"
#include "daemon/list.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"
#include "tests/unit/item_cases.h"

static struct us_shelf shelf;
static struct us_service_list services;
static struct us_arena fixed;

/* The built-in services, and one of the company's own. */
static void
make_services(void)
{
	static const char *const filters[] = {"table", "pii"};
	uint32_t n;
	struct us_service *v = us_vocab_services(&fixed, &n), *own;
	struct us_service_filter *filter;

	own = us_arena_alloc(&fixed, (n + 1) * sizeof(*own));
	memcpy(own, v, n * sizeof(*v));
	services.v = own;
	services.n = n + 1;
	own += n;
	own->name.s = US_STR("billing-db");
	us_list_add(&fixed, &own->access)->s = US_STR("read");
	for (size_t i = 0; i < 2; i++) {
		filter = us_list_add(&fixed, &own->filters);
		filter->name.s = us_str(filters[i]);
		filter->kind = i ? US_BOOLEAN : US_KEYED;
	}
}

static struct us_inventory *
load(const char *text)
{
	struct folder folder = folder_new();
	struct us_buf error = {0};
	struct us_inventory *inventory;
	char path[300];
	FILE *f;

	snprintf(path, sizeof(path), "%s/inventory.json", folder.path);
	f = fopen(path, "w");
	if (!f)
		exit(99);
	fputs(text, f);
	fclose(f);
	inventory = us_inventory_load(path, &error);
	if (!ok(inventory != NULL, "the inventory loads"))
		tap_note("error", error.p);
	us_buf_free(&error);
	folder_remove(&folder);
	return inventory;
}

/* Arguments with a '|' between them. */
static uint32_t
split(const char *line, struct us_str *argv)
{
	uint32_t n = 0;

	for (;; line++) {
		argv[n].p = line;
		argv[n].n = strcspn(line, "|");
		line += argv[n++].n;
		if (!*line)
			return n;
	}
}

static bool
read_wish(enum us_wish_verb verb, const char *line, struct us_arena *a,
    struct us_wish *wish, struct us_buf *error)
{
	struct us_str argv[80];

	return us_wish_read(
	    verb, argv, split(line, argv), &services, &shelf, a, wish, error);
}

/* --- What is asked for -------------------------------------------------- */

static void
test_wanted(void)
{
	struct us_arena a = {0};
	struct us_buf error = {0};
	struct us_wish wish;
	struct us_request req;

	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		us_buf_reset(&error);
		if (!read_wish(
			US_WISH_REQUEST, wanted[i].line, &a, &wish, &error)) {
			ok(false, "%s", wanted[i].line);
			tap_note("error", error.p);
			continue;
		}
		is_str(wish.items.v[0].item.p, wanted[i].item, "%s",
		    wanted[i].line);
		is_str(wish.items.v[0].attributes.p, wanted[i].attributes,
		    "its attributes");
		req = (struct us_request){0};
		ok(us_attrs_read(wish.items.v[0].attributes, &a, &req) &&
			req.attrs.n == wish.items.v[0].attrs.n,
		    "which can be read back");
		us_arena_reset(&a);
	}
	us_arena_free(&a);
	us_buf_free(&error);
}

/* --- What is refused ---------------------------------------------------- */

/* What an inventory knows, nobody can say instead: in no service. */
static const char *const claims[] = {"--tag|p0_grantable=true", "--tag=a",
    "--arn|x", "--group-id|x", "--group.id=x", "--name|x", "--attributes|{}",
    "--destination|x", "--oncall", "--namespace|x", "--roles|owner",
    "--groups|sre", "--label|x"};

static void
test_refused(void)
{
	struct us_arena a = {0};
	struct us_buf error = {0}, line = {0};
	struct us_wish wish;

	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
		us_buf_reset(&error);
		if (!ok(!read_wish(US_WISH_REQUEST, refused[i].line, &a, &wish,
			    &error) &&
			    error.n && strstr(error.p, refused[i].says),
			"%s: %s", refused[i].line, refused[i].says))
			tap_note("said", error.n ? error.p : "nothing");
		ok(!wish.help, "which is no help");
		us_arena_reset(&a);
	}
	for (size_t i = 0; i < sizeof(wanted) / sizeof(*wanted); i++) {
		bool all = true;

		for (size_t k = 0; k < sizeof(claims) / sizeof(*claims); k++) {
			us_buf_reset(&error);
			us_buf_reset(&line);
			us_buf_printf(
			    &line, "%s|%s", wanted[i].line, claims[k]);
			all = all && !read_wish(US_WISH_REQUEST, line.p, &a,
					 &wish, &error);
			us_arena_reset(&a);
		}
		ok(all, "nothing can be claimed: %s", wanted[i].line);
	}
	us_arena_free(&a);
	us_buf_free(&error);
	us_buf_free(&line);
}

/* --- One thing, however it is spelt ------------------------------------- */

static bool
same_attributes(const struct us_wish *a, const struct us_wish *b)
{
	const us_attr_list *x = &a->items.v[0].attrs, *y = &b->items.v[0].attrs;
	const struct us_attr *attr, *other;
	uint32_t found = 0;

	US_EACH (attr, x) {
		struct us_buf one = {0}, two = {0};

		us_attrs_json(attr, 1, &one);
		US_EACH (other, y) {
			us_buf_reset(&two);
			us_attrs_json(other, 1, &two);
			found += us_str_eq(us_buf_str(&one), us_buf_str(&two));
		}
		us_buf_free(&one);
		us_buf_free(&two);
	}
	return found == x->n && x->n == y->n;
}

static bool
read_pair(const char *const line[2], struct us_arena *a, struct us_wish wish[2])
{
	struct us_buf error = {0};
	bool good = true;

	for (unsigned i = 0; good && i < 2; i++) {
		good = read_wish(US_WISH_REQUEST, line[i], a, &wish[i], &error);
		if (!good)
			tap_note(line[i], error.p);
	}
	us_buf_free(&error);
	return good;
}

static void
test_spellings(void)
{
	struct us_arena a = {0};
	struct us_wish wish[2];

	for (size_t i = 0; i < sizeof(equal) / sizeof(*equal); i++) {
		const char *const line[] = {equal[i].one, equal[i].other};

		if (!ok(read_pair(line, &a, wish), "%s and %s can be read",
			line[0], line[1]))
			continue;
		is_str(wish[0].items.v[0].item.p, wish[1].items.v[0].item.p,
		    "they are one item");
		if (!ok(same_attributes(&wish[0], &wish[1]),
			"of which the same is known")) {
			tap_note("one", wish[0].items.v[0].attributes.p);
			tap_note("other", wish[1].items.v[0].attributes.p);
		}
		us_arena_reset(&a);
	}
	for (size_t i = 0; i < sizeof(different) / sizeof(*different); i++) {
		const char *const line[] = {
		    different[i].one, different[i].other};

		ok(read_pair(line, &a, wish) &&
			!us_str_eq(
			    wish[0].items.v[0].item, wish[1].items.v[0].item),
		    "two: %s and %s", line[0], line[1]);
		us_arena_reset(&a);
	}
	us_arena_free(&a);
}

/* Is the attribute, or one of the filter, in the list? */
static bool
has_attribute(const char *list, const char *name)
{
	struct us_str word, filter, key, own_filter, own_key;

	us_item_split(us_str(name), &filter, &key);
	while (us_item_word(&list, &word)) {
		us_item_split(word, &own_filter, &own_key);
		if (us_str_eq(filter, own_filter) &&
		    (!key.p || !own_key.p || us_str_eq(key, own_key)))
			return true;
	}
	return false;
}

/* What an option sets tells items apart, or only the inventory can say it. */
static void
test_table(void)
{
	for (uint32_t i = 0; i < services.n; i++) {
		const struct us_service *s = &services.v[i];
		const struct us_word *access;

		US_EACH (access, &s->access) {
			const struct us_item_row *row =
			    us_item_row(s->name.s, access->s);

			for (unsigned k = 0; k < us_item_option_count; k++) {
				const struct us_item_option *o =
				    &us_item_options[k];

				if (!us_item_option_fits(
					o, s->name.s, access->s))
					continue;
				ok(has_attribute(row->context, o->sets) ||
					has_attribute(row->inventory, o->sets),
				    "%.*s %.*s --%s claims nothing",
				    US_ARG(s->name.s), US_ARG(access->s),
				    o->name);
			}
		}
	}
}

/* --- The rest of a command ---------------------------------------------- */

static void
test_many(void)
{
	struct us_arena a = {0};
	struct us_buf error = {0}, line = {0};
	struct us_wish wish;

	ok(read_wish(US_WISH_REQUEST,
	       "aws|role|A|B|--reason|INC-42|--duration|2h|A|--|--C", &a, &wish,
	       &error),
	    "several items %s", error.n ? error.p : "");
	is_int(wish.items.n, 3, "one that is named twice is one");
	is_str(wish.items.v[2].item.p, "--C", "-- ends the options");
	is_int(wish.duration, 7200, "duration");
	ok(us_str_is(wish.reason, "INC-42"), "reason");
	is_str(wish.items.v[1].arguments.p, "[\"aws\",\"role\",\"B\"]",
	    "how to ask for it again");
	is_str(wish.items.v[1].label.p, "B", "label");
	ok(read_wish(US_WISH_REQUEST,
	       "aws|role|arn:aws:iam::111122223333:role/A|A|"
	       "--account|111122223333",
	       &a, &wish, &error) &&
		wish.items.n == 1,
	    "an ARN, and a name with its account, are one item");
	is_str(wish.items.v[0].arguments.p,
	    "[\"aws\",\"role\",\"arn:aws:iam::111122223333:role/A\","
	    "\"--account\",\"111122223333\"]",
	    "its options are arguments too");
	ok(read_wish(US_WISH_REQUEST, "ssh|session|w1|--public-key|ssh-x a", &a,
	       &wish, &error) &&
		us_str_is(wish.public_key, "ssh-x a"),
	    "a key");
	is_str(wish.items.v[0].label.p, "Web 1", "the inventory's label");
	is_str(wish.items.v[0].connect.p,
	    "{\"hostname\":\"web-1.example.com\"}", "and how to get there");
	for (unsigned i = 0; i <= US_ITEMS_MAX; i++)
		us_buf_printf(&line, "%s%u", i ? "|" : "aws|role|", i);
	ok(!read_wish(US_WISH_REQUEST, line.p, &a, &wish, &error) &&
		strstr(error.p, "50 are the most"),
	    "fifty at once are the most");
	us_arena_free(&a);
	us_buf_free(&error);
	us_buf_free(&line);
}

static void
test_verbs(void)
{
	struct us_arena a = {0};
	struct us_buf error = {0};
	struct us_wish wish;

	ok(!read_wish(US_WISH_GRANT, "aws|role|A", &a, &wish, &error) &&
		strstr(error.p, "grant needs --to"),
	    "a grant is for somebody");
	us_buf_reset(&error);
	ok(!read_wish(
	       US_WISH_ALLOW, "aws|role|A|--to|a@b", &a, &wish, &error) &&
		strstr(error.p, "allow needs --length"),
	    "what is allowed has an end");
	us_buf_reset(&error);
	ok(read_wish(US_WISH_ALLOW,
	       "aws|role|A|--to|group:okta:1|--length|5 days|--start|"
	       "12/24/2026",
	       &a, &wish, &error),
	    "allow");
	ok(us_str_is(wish.to, "group:okta:1"), "whom");
	is_int(wish.length, 5 * 86400, "for how long");
	ok(us_str_is(wish.start, "12/24/2026"), "from when");
	us_arena_free(&a);
	us_buf_free(&error);
}

static void
test_help(void)
{
	static const struct {
		const char *line, *says;
	} rows[] = {
	    {"--help", "file-transfer"},
	    {"--help", "billing-db"},
	    {"aws|-h", "permission-set"},
	    {"aws|role|--help", "--account ACCOUNT"},
	    {"aws|role|x|--nonsense|--help", "usher request aws role Deploy"},
	    {"k8s|resource|-h", "(needed)"},
	    {"ssh|session|-h", "usher ls ssh session"},
	    {"billing-db|read|--help", "billing-db read NAME"},
	};
	struct us_arena a = {0};
	struct us_buf error = {0};
	struct us_wish wish;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		us_buf_reset(&error);
		if (!ok(!read_wish(
			    US_WISH_REQUEST, rows[i].line, &a, &wish, &error) &&
			    wish.help && strstr(error.p, rows[i].says),
			"%s", rows[i].line))
			tap_note("said", error.p);
	}
	for (uint32_t i = 0; i < services.n; i++) {
		const struct us_service *s = &services.v[i];
		const struct us_word *access;

		US_EACH (access, &s->access) {
			us_buf_reset(&error);
			us_wish_help(US_STR("allow"), s->name.s, access->s,
			    &services, &error);
			ok(strstr(error.p, "\nexample:\n  usher allow") &&
				strstr(error.p, "--length"),
			    "help of %.*s %.*s", US_ARG(s->name.s),
			    US_ARG(access->s));
		}
	}
	us_arena_free(&a);
	us_buf_free(&error);
}

static void
test_lengths(void)
{
	static const struct {
		const char *text;
		int64_t seconds;
	} rows[] = {{"30m", 1800}, {"2h", 7200}, {"10 minutes", 600},
	    {"2 hours", 7200}, {"5 days", 432000}, {"1 week", 604800},
	    {"1 month", 2592000}, {"1 Hour", 3600}, {"3d", 259200}, {"", 0},
	    {"2", 0}, {"h", 0}, {"0h", 0}, {"-2h", 0}, {"2 h 3", 0},
	    {"2 fortnights", 0}, {"1.5h", 0}, {" 2h", 0}, {"2s", 0},
	    {"99999999999999999999h", 0}, {"40000 days", 0}};
	int64_t seconds;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		seconds = 0;
		ok(us_wish_length(us_str(rows[i].text), &seconds) ==
			(rows[i].seconds > 0),
		    "length \"%s\"", rows[i].text);
		is_int(seconds, rows[i].seconds, "in seconds");
	}
}

/* --- ls ----------------------------------------------------------------- */

#define ENOUGH_US INT64_C(3600000000)

static bool
may(void *arg, const struct us_wanted *w, struct us_arena *a, bool *has)
{
	(void)a;
	*has = us_str_is(w->item, "web-1");
	return !arg || !us_str_is(w->item, arg);
}

static enum us_listed
list(const char *line, const char *not, struct us_buf *out)
{
	struct us_arena a = {0};
	struct us_str argv[80];
	enum us_listed listed;

	us_buf_reset(out);
	listed = us_list_read(argv, split(line, argv), &services, &shelf,
	    ENOUGH_US, &a, may, (void *)not, out);
	us_arena_free(&a);
	return listed;
}

static void
test_list(void)
{
	struct us_buf out = {0};

	is_int(list("ssh|session", "nosudo", &out), US_LISTED, "a list");
	is_str(out.p,
	    "{\"ok\":true,\"term\":\"\",\"arg\":\"destination\",\"items\":["
	    "{\"key\":\"bare\",\"group\":\"\",\"value\":\"bare\","
	    "\"isPreexisting\":false},"
	    "{\"key\":\"web-1\",\"group\":\"web\",\"value\":\"Web 1\","
	    "\"isPreexisting\":true}],\"isTruncated\":false}",
	    "of what there is a route for");
	list("ssh|session|destination|--size|1", NULL, &out);
	ok(strstr(out.p, "\"bare\"") && !strstr(out.p, "\"nosudo\"") &&
		strstr(out.p, "\"isTruncated\":true"),
	    "so many, and there are more");
	list("ssh|session|--like|WEB 1|--all", NULL, &out);
	ok(!strstr(out.p, "\"bare\"") && strstr(out.p, "\"web-1\"") &&
		strstr(out.p, "\"term\":\"WEB 1\""),
	    "all terms are in it");
	list("ssh|session|--like|web 2", NULL, &out);
	ok(strstr(out.p, "\"items\":[]"), "or it is not listed");
	is_int(list("ssh|session|web-1", NULL, &out), US_LISTED_ERROR,
	    "a word too many");
	is_int(list("ssh|session|--size|many", NULL, &out), US_LISTED_ERROR,
	    "no number");
	is_int(list("ssh|session|--reason|x", NULL, &out), US_LISTED_ERROR,
	    "no option of ls");
	is_int(list("ssh|--help", NULL, &out), US_LISTED_HELP, "help");
	is_int(
	    list("k8s|resource", NULL, &out), US_LISTED, "what must be said");
	ok(strstr(out.p, "\"view\""), "is not known in a list");
	us_buf_free(&out);
}

#define LONG 5000
#define SLOW_US 1000
#define LIST_US 20000
#define MOST_SLOW 20

/* Each takes as long as it can, and there is nothing to be had. */
static bool
may_slowly(void *arg, const struct us_wanted *w, struct us_arena *a, bool *has)
{
	int64_t end = us_clock_ticks() + SLOW_US;

	(void)w;
	(void)a;
	(void)has;
	while (us_clock_ticks() < end)
		;
	++*(unsigned *)arg;
	return false;
}

static void
test_slow_list(void)
{
	struct us_str argv[] = {US_STR("ssh"), US_STR("session")};
	struct us_arena a = {0};
	struct us_buf out = {0};
	unsigned decided = 0;

	is_int(us_list_read(argv, 2, &services, &shelf, LIST_US, &a, may_slowly,
		   &decided, &out),
	    US_LISTED_CUT, "it is cut");
	ok(decided > 0 && decided <= MOST_SLOW,
	    "however long it is, few slow decisions are made");
	ok(strstr(out.p, "\"items\":[],\"isTruncated\":true"),
	    "and the list says that there may be more");
	us_buf_free(&out);
	us_arena_free(&a);
}

/* What is not listed takes time too. */
static void
test_long_list(void)
{
	const struct us_inventory *before = shelf.file;
	struct us_str argv[] = {US_STR("ssh"), US_STR("session"),
	    US_STR("--like"), US_STR("nosuch")};
	struct us_arena a = {0};
	struct us_buf text = {0}, out = {0};
	struct us_inventory *long_one;

	us_buf_puts(&text, "{\"items\":[");
	for (unsigned i = 0; i < LONG; i++)
		us_buf_printf(&text,
		    "%s{\"service\":\"ssh\",\"id\":\"h%u\",\"accessTypes\":[\"%"
		    "s\"]}",
		    i ? "," : "", i, i % 2 ? "group" : "session");
	us_buf_puts(&text, "]}");
	long_one = load(text.p);
	shelf.file = long_one;
	is_int(list("ssh|session|--like|nosuch", NULL, &out), US_LISTED,
	    "a long inventory is looked through");
	us_buf_reset(&out);
	is_int(us_list_read(argv, 4, &services, &shelf, 0, &a, may, NULL, &out),
	    US_LISTED_CUT, "as long as there is time");
	us_arena_free(&a);
	test_slow_list();
	shelf.file = before;
	us_inventory_unref(long_one);
	us_buf_free(&text);
	us_buf_free(&out);
}

int
main(void)
{
	struct us_inventory *inventory = load(inventory_text);

	make_services();
	shelf.file = inventory;
	test_wanted();
	test_refused();
	test_spellings();
	test_table();
	test_many();
	test_verbs();
	test_help();
	test_lengths();
	test_list();
	test_long_list();
	us_inventory_unref(inventory);
	us_arena_free(&fixed);
	return plan_done();
}
