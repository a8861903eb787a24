/* SPDX-License-Identifier: Apache-2.0 */
/* inventory.json and the store: what is found, what takes whose place. */
#include <time.h>
#include <unistd.h>

#include "daemon/inventory.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

static struct us_inventory *
load(const char *text, struct us_buf *error)
{
	struct folder folder = folder_new();
	struct us_inventory *inventory;

	us_buf_reset(error);
	inventory = us_inventory_load(
	    folder_write(&folder, "inventory.json", text), error);
	folder_remove(&folder);
	return inventory;
}

#define ITEM(more) "{\"items\":[{\"service\":\"ssh\"," more "}]}"
#define SESSION "\"accessTypes\":[\"session\"],\"id\":\"web-1\""

static void
test_refused(void)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
	    {"[]", "expected an inventory"},
	    {"{}", "\"items\" is missing"},
	    {"{\"items\": [], \"item\": 1}", "no member \"item\""},
	    {"{\"items\": [null]}", "expected an item"},
	    {"{\"items\": [{\"accessTypes\": [\"a\"], \"id\": \"x\"}]}",
		"needs a \"service\""},
	    {ITEM("\"id\":\"web-1\""), "\"accessTypes\" is missing"},
	    {ITEM("\"accessTypes\":[],\"id\":\"web-1\""), "one access type"},
	    {ITEM("\"accessTypes\":[\"sesion\"],\"id\":\"web-1\""),
		"did you mean \"session\""},
	    {ITEM("\"accessTypes\":[\"session\"]"), "needs a \"id\""},
	    {ITEM("\"accessTypes\":[\"session\"],\"id\":\" \""),
		"not only blanks"},
	    {ITEM("\"accessTypes\":[\"session\"],\"id\":\"a\\u202e\""),
		"are not seen"},
	    {ITEM(SESSION ",\"attribute\":{}"), "no member \"attribute\""},
	    {ITEM(SESSION ",\"attributes\":{\"parnt\":{\"id\":\"x\"}}"),
		"did you mean \"parent\""},
	    {ITEM(SESSION ",\"attributes\":{\"parent\":{\"di\":\"x\"}}"),
		"no key \"di\""},
	    {ITEM(SESSION ",\"attributes\":{\"parent\":true}"),
		"an object from key to value"},
	    {ITEM(SESSION ",\"attributes\":{\"sudo\":{\"x\":\"y\"}}"),
		"true or false"},
	    {ITEM(SESSION ",\"attributes\":{\"parent\":{\"id\":1}}"),
		"expected a string"},
	    {ITEM(SESSION ",\"connect\":{\"host\":\"x\"}"),
		"no member \"host\""},
	    {ITEM(SESSION ",\"connect\":\"x\""), "expected a way to connect"},
	    {ITEM(SESSION "},{\"service\":\"ssh\"," SESSION),
		"a name means one item"},
	    {ITEM(SESSION "},{\"service\":\"ssh\",\"accessTypes\":[\"group\"],"
			  "\"id\":\"web-1\""),
		"a name means one item"},
	    {ITEM(
		 SESSION "},{\"service\":\"ssh\",\"accessTypes\":[\"session\"],"
			 "\"id\":\"web-2\",\"aliases\":[\"web-1\"]"),
		"a name means one item"},
	};
	struct us_buf error = {0};
	struct us_inventory *inventory;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		inventory = load(rows[i].text, &error);
		if (!ok(!inventory && error.n && strstr(error.p, rows[i].says),
			"refused with \"%s\"", rows[i].says))
			tap_note("said", error.n ? error.p : "nothing");
		us_inventory_unref(inventory);
	}
	us_buf_reset(&error);
	ok(!us_inventory_load("/does/not/exist", &error) && error.n,
	    "a file that is not there");
	us_buf_free(&error);
}

/* --- File and store ----------------------------------------------------- */

static const char file_text[] =
    "{\"items\":["
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\"],\"id\":\"b\","
    "\"aliases\":[\"bee\"],\"label\":\"B\"},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"group\"],\"id\":\"g\","
    "\"aliases\":[\"bee\"]},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\"],\"id\":\"d\"},"
    "{\"service\":\"aws\",\"accessTypes\":[\"role\"],\"id\":\"b\"},"
    "{\"service\":\"ssh\",\"accessTypes\":[\"session\",\"group\"],\"id\":"
    "\"a\",\"attributes\":{\"parent\":{\"id\":[\"p\",null]},\"region\":null,"
    "\"sudo\":true},\"connect\":{\"hostname\":\"a.example.com\",\"user\":"
    "\"root\"},\"group\":\"G\"}]}";

static struct us_store *store;
static struct us_inventory *inventory;

/* The id of what is found, or "". */
static const char *
find(struct us_txn *txn, const char *access, const char *name)
{
	static char id[300];
	struct us_shelf shelf = {inventory, txn, US_STR("acme")};
	struct us_str type = {0};
	struct us_arena a = {0};
	struct us_thing thing = {0};

	if (access)
		type = us_str(access);
	id[0] = '\0';
	if (us_shelf_find(
		&shelf, US_STR("ssh"), type, us_str(name), &a, &thing))
		snprintf(id, sizeof(id), "%.*s %.*s", US_ARG(thing.id),
		    US_ARG(thing.label));
	us_arena_free(&a);
	return id;
}

static bool
put_id(void *arg, const struct us_thing *thing)
{
	struct us_buf *out = arg;

	us_buf_printf(
	    out, "%.*s%.*s ", US_ARG(thing->id), US_ARG(thing->label));
	return true;
}

static const char *
scan(struct us_txn *txn, const char *access, const char *after)
{
	static struct us_buf out;
	struct us_shelf shelf = {inventory, txn, US_STR("acme")};
	struct us_str type = {0}, from = {0};

	if (access)
		type = us_str(access);
	if (after)
		from = us_str(after);
	us_buf_reset(&out);
	us_buf_puts(&out, "");
	us_shelf_scan(&shelf, US_STR("ssh"), type, from, put_id, &out);
	return out.n ? out.p : "";
}

static bool
put(struct us_txn *txn, const char *id, const char *access, const char *alias)
{
	struct us_arena a = {0};
	struct us_thing thing = {
	    .service = US_STR("ssh"), .id = us_str(id), .label = US_STR("!")};
	struct us_thing other;
	bool good;

	*us_list_add(&a, &thing.access) = us_str(access);
	if (alias)
		*us_list_add(&a, &thing.aliases) = us_str(alias);
	good = us_shelf_put(txn, US_STR("acme"), &thing, &a, &other);
	us_arena_free(&a);
	return good;
}

static bool
take(struct us_txn *txn, const char *id)
{
	struct us_arena a = {0};
	struct us_thing thing;
	bool good = us_shelf_take(
	    txn, US_STR("acme"), US_STR("ssh"), us_str(id), &a, &thing);

	us_arena_free(&a);
	return good;
}

static void
test_file(void)
{
	is_str(find(NULL, "session", "b"), "b B", "by id");
	is_str(find(NULL, "session", "bee"), "b B", "by alias");
	is_str(find(NULL, "group", "bee"), "g ",
	    "which is another's for another access type");
	is_str(find(NULL, "group", "b"), "", "not listed for it");
	is_str(find(NULL, NULL, "a"), "a ", "for any");
	is_str(find(NULL, "session", "A"), "", "names compare exactly");
	is_str(find(NULL, "session", ""), "", "nothing has no name");
	is_str(scan(NULL, "session", NULL), "a bB d ", "in order");
	is_str(scan(NULL, NULL, NULL), "a bB d g ", "of all access types");
	is_str(scan(NULL, NULL, "b"), "d g ", "behind one");
	is_str(scan(NULL, NULL, "bb"), "d g ", "and behind none");
}

static void
test_store(void)
{
	struct us_txn *txn = us_txn_write(store);

	is_str(scan(txn, "session", NULL), "a bB d ", "an empty store");
	ok(put(txn, "b", "session", "new"), "an item is put");
	ok(put(txn, "c", "session", "see"), "and another");
	is_str(find(txn, "session", "b"), "b !", "it has the file's place");
	is_str(
	    find(txn, "session", "bee"), "", "under the names of the file too");
	is_str(find(txn, "group", "bee"), "g ", "but not another's");
	is_str(find(txn, "session", "new"), "b !", "and has its own");
	is_str(scan(txn, "session", NULL), "a b! c! d ", "merged");
	is_str(scan(txn, "session", "a"), "b! c! d ", "behind one of the file");
	is_str(scan(txn, "session", "b"), "c! d ", "behind one of the store");
	ok(!put(txn, "x", "session", "see"), "an alias that is another's");
	ok(!put(txn, "x", "session", "c"), "an alias that is another's id");
	ok(put(txn, "x", "group", "see"), "for another access type it is free");
	is_str(find(txn, "group", "see"), "x !", "found by it");
	is_str(find(txn, "session", "see"), "c !", "as the other is");
	ok(put(txn, "c", "session", NULL), "replaced");
	is_str(find(txn, "session", "see"), "", "without its alias");
	ok(take(txn, "b") && !take(txn, "b"), "taken out once");
	is_str(find(txn, "session", "new"), "", "it is gone");
	is_str(find(txn, "session", "bee"), "b B", "the file's comes back");
	ok(!take(txn, "d"), "what the file has cannot be taken out");
	ok(take(txn, "c") && take(txn, "x"), "the others too");
	is_str(scan(txn, NULL, NULL), "a bB d g ", "nothing is left");
	us_txn_abort(txn);
}

/* Found, and refused, in whatever spelling: file and store. */
static void
test_spellings(void)
{
	static const char text[] =
	    "{\"items\":[{\"service\":\"gcloud\",\"accessTypes\":[\"role\"],"
	    "\"id\":\"viewer\"},{\"service\":\"gcloud\",\"accessTypes\":["
	    "\"role\"],\"id\":\"roles/viewer\"}]}";
	struct us_txn *txn = us_txn_write(store);
	struct us_str org = US_STR("acme"), role = US_STR("role");
	struct us_thing thing = {.service = US_STR("gcloud"),
			    .id = US_STR("viewer")},
			other, found;
	struct us_shelf shelf = {NULL, txn, org};
	struct us_buf error = {0};
	struct us_arena a = {0};

	ok(!load(text, &error) && strstr(error.p, "a name means one item"),
	    "a thing is not listed under two spellings");
	*us_list_add(&a, &thing.access) = role;
	ok(us_shelf_put(txn, org, &thing, &a, &other), "one of the store");
	ok(us_shelf_find(&shelf, thing.service, role,
	       US_STR("role\nroles/viewer"), &a, &found) &&
		us_str_is(found.id, "viewer"),
	    "is filed under its canonical form");
	other = thing;
	other.id = US_STR("roles/viewer");
	ok(!us_shelf_put(txn, org, &other, &a, &found) &&
		us_str_is(found.id, "viewer"),
	    "which is no other's");
	ok(us_shelf_take(txn, org, thing.service, thing.id, &a, &found) &&
		!us_shelf_find(&shelf, thing.service, role,
		    US_STR("role\nroles/viewer"), &a, &found),
	    "until it is taken out");
	us_txn_abort(txn);
	us_arena_free(&a);
	us_buf_free(&error);
}

/* What is written is what is read. */
static void
test_json(void)
{
	struct us_shelf shelf = {inventory, NULL, US_STR("acme")};
	struct us_str any = {0};
	struct us_arena a = {0};
	struct us_buf out = {0};
	struct us_thing thing;

	us_shelf_find(&shelf, US_STR("ssh"), any, US_STR("a"), &a, &thing);
	us_thing_json(&thing, &out);
	is_str(out.p,
	    "{\"service\":\"ssh\",\"accessTypes\":[\"session\",\"group\"],"
	    "\"id\":\"a\",\"aliases\":[],\"group\":\"G\",\"attributes\":{"
	    "\"parent\":{\"id\":[\"p\",null]},\"region\":null,\"sudo\":true},"
	    "\"connect\":{\"hostname\":\"a.example.com\",\"user\":\"root\"}}",
	    "an item as JSON");
	us_arena_free(&a);
	us_buf_free(&out);
}

#define MANY 100000

static void
test_many(void)
{
	struct us_buf text = {0}, error = {0};
	struct us_inventory *few = inventory;
	struct timespec begin, end;
	char name[32];
	bool all = true;

	us_buf_puts(&text, "{\"items\":[");
	for (unsigned i = 0; i < MANY; i++)
		us_buf_printf(&text,
		    "%s{\"service\":\"ssh\",\"accessTypes\":[\"session\"],"
		    "\"id\":\"host-%u\",\"aliases\":[\"h%u\"],\"attributes\":{"
		    "\"parent\":{\"id\":\"p\"}}}",
		    i ? "," : "", i, i);
	us_buf_puts(&text, "]}");
	inventory = load(text.p, &error);
	if (!ok(inventory != NULL, "%d items load", MANY))
		tap_note("error", error.p);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "h%u", i);
		all = all && *find(NULL, "session", name);
	}
	clock_gettime(CLOCK_MONOTONIC, &end);
	ok(all, "all are found by alias");
	ok(end.tv_sec - begin.tv_sec < 10, "and by hash");
	us_inventory_unref(inventory);
	inventory = few;
	us_buf_free(&text);
	us_buf_free(&error);
}

int
main(void)
{
	struct folder folder = folder_new();
	struct us_buf error = {0};

	test_refused();
	inventory = load(file_text, &error);
	if (!ok(inventory != NULL, "an inventory loads"))
		tap_note("error", error.p);
	if (us_store_open(folder.path, (size_t)1 << 28, 0, NULL, &store))
		exit(99);
	test_file();
	test_store();
	test_spellings();
	test_json();
	test_many();
	us_inventory_unref(inventory);
	us_store_close(store);
	us_buf_free(&error);
	folder_remove(&folder);
	return plan_done();
}
