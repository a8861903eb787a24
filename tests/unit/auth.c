/* SPDX-License-Identifier: Apache-2.0 */
/* Who calls: tokens and keys of two organisations, roles from all sources. */
#include "daemon/auth.h"
#include "daemon/apikey.h"
#include "daemon/binding.h"
#include "daemon/clock.h"
#include "daemon/http.h"
#include "daemon/org.h"
#include "daemon/records.h"
#include "daemon/token.h"
#include "daemon/world.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define NOW INT64_C(1800000000000)
#define HOUR INT64_C(3600000)

static struct us_world world;
static struct us_loop loop = {.world = &world};
static struct us_org acme = {.name = {"acme", 4}, .world = &world};
static struct us_org other = {.name = {"other", 5}, .world = &world};
static struct us_directory *people;

/* In place of the one of org.c: the directory of both. */
struct us_directory *
us_org_directory(struct us_org *org)
{
	(void)org;
	return us_directory_ref(people);
}

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (!f)
		exit(99);
	fputs(text, f);
	fclose(f);
}

static void
set_clock(const struct folder *f, int64_t now)
{
	static char path[300]; /* which the clock borrows */
	char text[32];

	snprintf(path, sizeof(path), "%s/clock", f->path);
	snprintf(text, sizeof(text), "%lld", (long long)now);
	write_file(path, text);
	us_clock_follow(path);
}

static void
set_people(const struct folder *f, const char *text)
{
	struct us_buf error = {0};
	char path[300];

	snprintf(path, sizeof(path), "%s/directory.json", f->path);
	write_file(path, text);
	us_directory_unref(people);
	people = us_directory_load(path, &error);
	if (!people)
		tap_note("directory:", error.p);
	us_buf_free(&error);
}

/* The status of a call with that bearer; what the caller is, in *got. */
static int
call_with(struct us_str bearer, struct us_org *org, struct us_caller *got)
{
	struct us_call call = {.bearer = bearer, .loop = &loop};
	struct us_txn *txn = us_txn_read(world.store);
	struct us_caller caller;
	int status = us_auth_caller(&call, org, txn, &caller);

	if (got)
		*got = caller;
	us_caller_done(&caller);
	if (status && got)
		ok(!got->directory && !got->roles, "who is refused is nobody");
	us_txn_abort(txn);
	us_arena_free(&call.arena);
	return status;
}

/* A token of the organisation acme; the caller frees it. */
static struct us_buf
token_of(const char *email, const char *client, unsigned roles)
{
	struct us_token token = {.org = acme.name,
	    .roles = roles,
	    .issued = NOW,
	    .expires = NOW + HOUR};
	struct us_buf text = {0};

	if (email)
		token.email = us_str(email);
	if (client)
		token.client_id = us_str(client);
	us_token_sign(world.key, &token, &text);
	return text;
}

static void
bind(enum us_role role, enum us_binding_kind kind, const char *id)
{
	struct us_binding binding = {acme.name, role, kind, us_str(id)};
	struct us_mark_record mark = {NOW, US_STR("root")};
	struct us_txn *txn = us_txn_write(world.store);

	us_binding_put(txn, &binding, &mark);
	us_txn_commit(txn);
}

static void
unbind(enum us_role role, enum us_binding_kind kind, const char *id)
{
	struct us_binding binding = {acme.name, role, kind, us_str(id)};
	struct us_txn *txn = us_txn_write(world.store);

	ok(us_binding_delete(txn, &binding), "%s is unbound", id);
	us_txn_commit(txn);
}

static void
has_roles(const char *email, const char *client, unsigned token_roles,
    unsigned want, const char *why)
{
	struct us_buf text = token_of(email, client, token_roles);
	struct us_caller got;

	is_int(call_with(us_buf_str(&text), &acme, &got), 0, "%s: taken", why);
	is_int(got.roles, want, "%s: roles", why);
	us_buf_free(&text);
}

static void
test_statuses(const struct folder *f)
{
	struct us_buf text = token_of("ana@example.com", NULL, 0);
	struct us_str good = us_buf_str(&text);
	struct us_caller got;

	is_int(call_with(US_STR(""), &acme, &got), 401, "no token");
	is_int(call_with(US_STR("x"), &acme, &got), 401, "no token at all");
	is_int(call_with(US_STR("x"), NULL, &got), 401,
	    "nor for what does not exist");
	is_int(call_with(good, &acme, &got), 0, "a good one");
	is_int(call_with(good, &other, &got), 403, "of another organisation");
	is_int(call_with(good, NULL, &got), 403, "of one that does not exist");
	set_clock(f, NOW + HOUR);
	is_int(call_with(good, &acme, NULL), 401, "an old one");
	is_int(call_with(good, &other, NULL), 401, "an old one, elsewhere");
	is_int(call_with(good, NULL, NULL), 401, "an old one, nowhere");
	set_clock(f, NOW);
	us_buf_free(&text);
}

#define BIT(id) US_ROLE_BIT(id)

static void
test_roles(void)
{
	const unsigned manager = BIT(MANAGER) | BIT(VIEWER);

	has_roles("nobody@example.com", NULL, 0, 0, "unknown to us");
	has_roles("Ana@Example.com", NULL, 0, manager, "reviewer in directory");
	has_roles("eve@example.com", NULL, 0, 0, "in the directory, no roles");
	has_roles("eve@example.com", NULL, BIT(OWNER), US_ROLE_ALL, "token");
	has_roles("nobody@example.com", NULL, BIT(IAM_OWNER),
	    BIT(IAM_OWNER) | BIT(IAM_VIEWER), "token, not in the directory");

	bind(US_ROLE_VIEWER, US_BINDING_USERS, "EVE@example.com");
	has_roles("eve@example.com", NULL, 0, BIT(VIEWER), "bound");
	has_roles("Eve@EXAMPLE.com", NULL, 0, BIT(VIEWER), "bound, other case");
	has_roles("eve@example.co", NULL, 0, 0, "an e-mail that is shorter");
	bind(US_ROLE_IAM_VIEWER, US_BINDING_GROUPS, "okta:00sre");
	has_roles("eve@example.com", NULL, 0, BIT(VIEWER) | BIT(IAM_VIEWER),
	    "bound by group too");
	has_roles("ana@example.com", NULL, 0, manager, "of another group");
	bind(US_ROLE_OWNER, US_BINDING_GROUPS, "entra-id:5f1c");
	has_roles(
	    "ana@example.com", NULL, 0, US_ROLE_ALL, "azure-ad is entra-id");
	unbind(US_ROLE_OWNER, US_BINDING_GROUPS, "entra-id:5f1c");
	has_roles("ana@example.com", NULL, 0, manager, "taken away");
	unbind(US_ROLE_VIEWER, US_BINDING_USERS, "eve@EXAMPLE.com");
	has_roles("eve@example.com", NULL, 0, BIT(IAM_VIEWER), "taken away");
}

/* What somebody was a moment ago is not what they are. */
static void
test_renew(void)
{
	struct us_buf text = token_of("eve@example.com", NULL, BIT(IAM_VIEWER));
	struct us_call call = {.bearer = us_buf_str(&text), .loop = &loop};
	struct us_directory *empty = us_directory_empty();
	struct us_txn *txn = us_txn_read(world.store);
	struct us_caller caller;

	bind(US_ROLE_VIEWER, US_BINDING_USERS, "eve@example.com");
	us_txn_abort(txn);
	txn = us_txn_read(world.store);
	is_int(us_auth_caller(&call, &acme, txn, &caller), 0, "a caller");
	is_int(caller.token_roles, BIT(IAM_VIEWER), "the token's role");
	is_int(caller.own_roles & BIT(VIEWER), BIT(VIEWER), "and a bound one");
	us_txn_abort(txn);
	unbind(US_ROLE_VIEWER, US_BINDING_USERS, "eve@example.com");
	txn = us_txn_read(world.store);
	us_caller_renew(&caller, &acme, txn, empty);
	is_int(caller.roles, BIT(IAM_VIEWER), "unbound: the token's is left");
	ok(!caller.user, "and not in the directory any more");
	us_txn_abort(txn);
	us_caller_done(&caller);
	us_directory_unref(empty);
	us_arena_free(&call.arena);
	us_buf_free(&text);
}

static void
test_agents(void)
{
	struct us_buf text = token_of("ana@example.com", "bot", 0);
	struct us_caller got;

	has_roles("ana@example.com", "bot", 0, 0,
	    "an agent does not have its human's roles");
	has_roles(NULL, "bot", BIT(VIEWER), BIT(VIEWER), "but its token's");
	is_int(call_with(us_buf_str(&text), &acme, &got), 0, "an agent");
	is_int(got.kind, US_CALLER_AGENT, "is one");
	us_buf_free(&text);
	text = token_of("ana@example.com", NULL, 0);
	is_int(call_with(us_buf_str(&text), &acme, &got), 0, "a person");
	is_int(got.kind, US_CALLER_PERSON, "is one");
	ok(got.user != NULL, "who is in the directory");
	us_buf_free(&text);
}

static struct us_buf
make_key(const char *id, unsigned roles, int64_t expires, bool for_others)
{
	struct us_apikey_record record = {.name = US_STR("test"),
	    .roles = roles,
	    .created = NOW,
	    .expires = expires,
	    .created_by = US_STR("root"),
	    .for_others = for_others};
	struct us_txn *txn = us_txn_write(world.store);
	struct us_buf text = {0}, value = {0};
	struct us_key key = {0};

	us_apikey_new(acme.name, us_str(id), &text, record.hash);
	us_apikey_encode(&record, &value);
	us_key_text(&key, acme.name);
	us_key_text(&key, us_str(id));
	us_txn_put(txn, US_TABLE_APIKEY, us_key_str(&key), us_buf_str(&value));
	us_txn_commit(txn);
	us_buf_free(&value);
	return text;
}

static void
test_keys(const struct folder *f)
{
	struct us_buf text = make_key("k1", BIT(MANAGER), NOW + HOUR, true);
	struct us_buf eternal = make_key("k2", 0, 0, false);
	struct us_str key = us_buf_str(&text);
	struct us_caller got;

	is_int(call_with(key, &acme, &got), 0, "a key");
	is_int(got.kind, US_CALLER_KEY, "is one");
	is_int(got.roles, BIT(MANAGER) | BIT(VIEWER), "with its roles");
	ok(got.for_others, "and may ask for others");
	is_int(call_with(key, &other, &got), 403, "of another organisation");
	is_int(call_with(key, NULL, &got), 403, "of one that is not");
	is_int(call_with(us_buf_str(&eternal), &acme, &got), 0, "without end");
	ok(!got.for_others && !got.roles, "it may nothing");
	text.p[text.n - 1] ^= 1;
	is_int(call_with(key, &acme, NULL), 401, "a wrong secret");
	is_int(call_with(key, &other, NULL), 401, "a wrong one, elsewhere");
	text.p[text.n - 1] ^= 1;
	text.p[sizeof("usher_acme_k") - 1] = '2';
	is_int(call_with(key, &acme, NULL), 401, "the secret of another key");
	text.p[sizeof("usher_acme_k") - 1] = '3';
	is_int(call_with(key, &acme, NULL), 401, "of a key that is not");
	text.p[sizeof("usher_acme_k") - 1] = '1';
	set_clock(f, NOW + HOUR - 1);
	is_int(call_with(key, &acme, NULL), 0, "up to its end");
	set_clock(f, NOW + HOUR);
	is_int(call_with(key, &acme, NULL), 401, "and no longer");
	is_int(call_with(us_buf_str(&eternal), &acme, NULL), 0,
	    "one without end has none");
	set_clock(f, NOW);
	us_buf_free(&text);
	us_buf_free(&eternal);
}

/* The key of the caller of a moment ago expires, or is deleted. */
static void
test_renew_key(const struct folder *f)
{
	struct us_buf text = make_key("k4", BIT(MANAGER), NOW + HOUR, true);
	struct us_call call = {.bearer = us_buf_str(&text), .loop = &loop};
	struct us_txn *txn = us_txn_read(world.store);
	struct us_key row = {0};
	struct us_caller caller;

	is_int(us_auth_caller(&call, &acme, txn, &caller), 0, "a key calls");
	us_caller_renew(&caller, &acme, txn, people);
	ok(us_caller_holds(&caller, &acme, txn), "it holds");
	is_int(caller.roles, BIT(MANAGER) | BIT(VIEWER), "with its roles");
	set_clock(f, NOW + HOUR);
	ok(!us_caller_holds(&caller, &acme, txn), "expired, it does not");
	set_clock(f, NOW);
	us_txn_abort(txn);
	us_key_text(&row, acme.name);
	us_key_text(&row, US_STR("k4"));
	txn = us_txn_write(world.store);
	us_txn_delete(txn, US_TABLE_APIKEY, us_key_str(&row));
	us_txn_commit(txn);
	txn = us_txn_read(world.store);
	ok(!us_caller_holds(&caller, &acme, txn), "nor when deleted");
	us_caller_renew(&caller, &acme, txn, people);
	ok(!caller.roles && !caller.for_others, "and gives nothing");
	us_txn_abort(txn);
	us_caller_done(&caller);
	us_arena_free(&call.arena);
	us_buf_free(&text);
}

static void
test_copy(void)
{
	struct us_buf text = token_of("eve@example.com", NULL, 0);
	struct us_call call = {.bearer = us_buf_str(&text), .loop = &loop};
	struct us_txn *txn = us_txn_read(world.store);
	struct us_caller caller, copy;
	struct us_actor actor;
	struct us_arena a = {0};

	is_int(us_auth_caller(&call, &acme, txn, &caller), 0, "a caller");
	us_caller_copy(&caller, &a, &copy);
	us_caller_done(&caller);
	us_arena_free(&call.arena);
	us_txn_abort(txn);
	actor = us_caller_actor(&copy);
	is_str(actor.email.p, "eve@example.com", "its copy outlives the call");
	is_str(actor.provider.p, "usherd", "with its provider");
	ok(actor.groups && actor.groups->n == 1 &&
		us_str_is(actor.groups->v[0].id, "00sre"),
	    "and its groups");
	us_caller_done(&copy);
	us_arena_free(&a);
	us_buf_free(&text);
}

static void
test_ids(void)
{
	static const struct {
		enum us_binding_kind kind;
		const char *given, *want; /* NULL: refused */
	} rows[] = {
	    {US_BINDING_USERS, "Ana@Example.COM", "ana@example.com"},
	    {US_BINDING_USERS, "ana", NULL},
	    {US_BINDING_USERS, "", NULL},
	    {US_BINDING_USERS, "@b", NULL},
	    {US_BINDING_USERS, "a@", NULL},
	    {US_BINDING_USERS, "a@b\n", NULL},
	    {US_BINDING_USERS, "a@\xff", NULL},
	    {US_BINDING_GROUPS, "okta:00Abc", "okta:00Abc"},
	    {US_BINDING_GROUPS, "azure-ad:x:y", "entra-id:x:y"},
	    {US_BINDING_GROUPS, "workspace:e@x.com", "workspace:e@x.com"},
	    {US_BINDING_GROUPS, "okta:", NULL},
	    {US_BINDING_GROUPS, ":00abc", NULL},
	    {US_BINDING_GROUPS, "otka:00abc", NULL},
	    {US_BINDING_GROUPS, "00abc", NULL},
	};
	struct us_arena a = {0};
	char longest[300];
	struct us_str id;
	const char *wrong;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		wrong =
		    us_binding_id(rows[i].kind, us_str(rows[i].given), &a, &id);
		is_str(wrong ? NULL : id.p, rows[i].want, "the id \"%s\"",
		    rows[i].given);
	}
	memset(longest, 'a', sizeof(longest));
	longest[1] = '@';
	ok(!us_binding_id(
	       US_BINDING_USERS, (struct us_str){longest, 255}, &a, &id),
	    "255 bytes");
	ok(us_binding_id(US_BINDING_USERS, (struct us_str){longest, 256}, &a,
	       &id) != NULL,
	    "256 bytes");
	us_arena_free(&a);
}

static void
test_role_names(void)
{
	for (enum us_role role = 0; role < US_ROLE_COUNT; role++) {
		is_int(us_role_find(us_str(us_role_name(role))), role,
		    "the name of role %u", (unsigned)role);
		ok(us_roles_implied(1u << role) & 1u << role,
		    "a role implies itself");
	}
	is_int(us_role_find(US_STR("security-reviewer")), US_ROLE_MANAGER,
	    "one fact, two names");
	is_int(us_role_find(US_STR("Owner")), US_ROLE_COUNT, "no role");
	is_int(us_roles_implied(0), 0, "nothing implies nothing");
}

int
main(void)
{
	struct folder f = folder_new();

	if (us_store_open(f.path, (size_t)64 << 20, 0, NULL, &world.store) ||
	    !(world.key = us_token_key_open(f.path))) {
		printf("Bail out! no store or no key\n");
		return 99;
	}
	set_clock(&f, NOW);
	set_people(&f,
	    "{\"users\": {\"ana@example.com\": {\"roles\": "
	    "[\"security-reviewer\"], \"groups\": [{\"directory\": "
	    "\"azure-ad\", \"id\": \"5f1c\"}]},"
	    "\"eve@example.com\": {\"groups\": [{\"directory\": \"okta\", "
	    "\"id\": \"00sre\"}]}}}");
	test_role_names();
	test_ids();
	test_statuses(&f);
	test_roles();
	test_renew();
	test_agents();
	test_keys(&f);
	test_renew_key(&f);
	test_copy();
	us_directory_unref(people);
	us_token_key_free(world.key);
	us_store_close(world.store);
	folder_remove(&f);
	return plan_done();
}
