/* SPDX-License-Identifier: Apache-2.0 */
/* What makes a test file right under its rules. */
#include "engine/names.h"
#include "engine/testset.h"
#include "engine/vocab.h"

struct checker {
	const struct us_testset *ts;
	const struct us_ruleset *rs;
	struct us_diags *diags;
	struct us_names rules, groups; /* of rs */
};

static const char *const outcomes[] = {
#define US_OUTCOME(id, name, help) name,
#include "engine/outcome.def"
};

/* What can stand behind `granted`. */
static const char *const bys[] = {"auto", "persistent", "preapproval"};

#define COUNT(v) (sizeof(v) / sizeof((v)[0]))

static bool
is_one_of(struct us_str s, const char *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (us_str_is(s, v[i]))
			return true;
	}
	return false;
}

/* "unknown KIND "x"", with the nearest of what was offered to `near`. */
static void
unknown(struct checker *c, const char *kind, struct us_word word,
    struct us_nearest *near)
{
	us_diag_add(c->diags, US_DIAG_UNKNOWN_NAME, word.loc,
	    "unknown %s \"%.*s\"%s", kind, US_ARG(word.s),
	    us_nearest_hint(near, c->diags));
}

/* A word that must be one of a few. */
static void
check_listed(struct checker *c, const char *kind, struct us_word word,
    const char *const *v, size_t n)
{
	struct us_buf all = {0};

	if (is_one_of(word.s, v, n))
		return;
	for (size_t i = 0; i < n; i++)
		us_buf_printf(&all, "%s\"%s\"",
		    i == 0	 ? ""
		    : i + 1 == n ? " or "
				 : ", ",
		    v[i]);
	us_diag_add(c->diags, US_DIAG_UNKNOWN_NAME, word.loc,
	    "unknown %s \"%.*s\"; expected %s", kind, US_ARG(word.s), all.p);
	us_buf_free(&all);
}

static void
duplicate(struct checker *c, const char *kind, struct us_word word,
    struct us_loc first)
{
	struct us_diag *diag = us_diag_add(c->diags, US_DIAG_DUPLICATE,
	    word.loc, "%s \"%.*s\" is there twice; delete or rename one", kind,
	    US_ARG(word.s));

	us_diag_see(c->diags, diag, first, "the first is here");
}

/* True when name is among names; else ids are offered as what was meant. */
static bool
is_known(struct us_names *names, struct us_str name, struct us_nearest *near)
{
	for (uint32_t i = 0; i < names->n; i++) {
		if (us_str_eq(names->v[i].name, name))
			return true;
		us_nearest_offer(near, names->v[i].name);
	}
	return false;
}

/* --- Users --- */

static void
check_directory(struct checker *c, struct us_word word)
{
	struct us_nearest near = {.wanted = word.s};

	if (us_directory_known(word.s))
		return;
	for (unsigned i = 0; us_directory_name(i); i++)
		us_nearest_offer(&near, us_str(us_directory_name(i)));
	unknown(c, "directory", word, &near);
}

static void
check_group(struct checker *c, const struct us_test_group *ref)
{
	struct us_nearest near = {.wanted = ref->name.s};

	if (ref->id.s.p)
		check_directory(c, ref->name);
	else if (!c->rs->groups_broken &&
		 !is_known(&c->groups, ref->name.s, &near))
		unknown(c, "group", ref->name, &near);
}

static void
check_oncall(struct checker *c, const struct us_test_user *user)
{
	const struct us_test_oncall *o, *other;
	struct us_nearest near;

	US_EACH (o, &user->oncall) {
		near = (struct us_nearest){.wanted = o->integration.s};
		for (unsigned i = 0; us_integration_name(i); i++)
			us_nearest_offer(&near, us_str(us_integration_name(i)));
		if (!us_integration_known(o->integration.s))
			unknown(c, "integration", o->integration, &near);
		for (other = user->oncall.v; other < o; other++) {
			if (us_str_eq(other->integration.s, o->integration.s)) {
				duplicate(c, "oncall", o->integration,
				    other->integration.loc);
				break;
			}
		}
	}
}

static void
check_profile(struct checker *c, const struct us_test_user *user)
{
	const struct us_test_profile *f, *other;

	US_EACH (f, &user->profile) {
		check_directory(c, f->directory);
		for (other = user->profile.v; other < f; other++) {
			if (us_str_eq(other->directory.s, f->directory.s) &&
			    us_str_eq(other->property.s, f->property.s)) {
				duplicate(c, "profile property", f->property,
				    other->property.loc);
				break;
			}
		}
	}
}

static void
check_users(struct checker *c)
{
	static const char *const roles[] = {US_ROLE_REVIEWER};
	const struct us_test_user *user, *other;
	const struct us_test_group *ref;
	const struct us_word *role;

	US_EACH (user, &c->ts->users) {
		for (other = c->ts->users.v; other < user; other++) {
			if (us_str_eq_nocase(other->uid.s, user->uid.s)) {
				duplicate(c, "user", user->uid, other->uid.loc);
				break;
			}
		}
		if (user->broken)
			continue;
		US_EACH (ref, &user->groups)
			check_group(c, ref);
		US_EACH (role, &user->roles)
			check_listed(c, "role", *role, roles, COUNT(roles));
		check_oncall(c, user);
		check_profile(c, user);
	}
}

/* --- Requests --- */

static const struct us_service *
check_service(struct checker *c, struct us_word word)
{
	const struct us_service *service = us_ruleset_service(c->rs, word.s);
	struct us_nearest near = {.wanted = word.s};

	if (service || c->rs->services_broken)
		return service;
	US_EACH (service, &c->rs->services)
		us_nearest_offer(&near, service->name.s);
	unknown(c, "service", word, &near);
	return NULL;
}

static void
check_access(
    struct checker *c, const struct us_service *service, struct us_word access)
{
	struct us_nearest near = {.wanted = access.s};
	const struct us_word *known;

	if (!access.s.p || us_service_access(service, access.s) >= 0)
		return;
	US_EACH (known, &service->access)
		us_nearest_offer(&near, known->s);
	unknown(c, "access type", access, &near);
}

static void
check_key(struct checker *c, const struct us_service_filter *filter,
    const struct us_test_attr *attr)
{
	struct us_nearest near = {.wanted = attr->key.s};
	const struct us_word *key;

	if (us_filter_has_key(filter, attr->key.s))
		return;
	US_EACH (key, &filter->keys)
		us_nearest_offer(&near, key->s);
	unknown(c, "key", attr->key, &near);
}

static void
check_attr(struct checker *c, const struct us_service *service,
    const struct us_test_attr *attr)
{
	const struct us_service_filter *filter =
	    us_service_find_filter(service, attr->filter.s);
	struct us_nearest near = {.wanted = attr->filter.s};

	if (!filter) {
		US_EACH (filter, &service->filters)
			us_nearest_offer(&near, filter->name.s);
		unknown(c, "filter", attr->filter, &near);
	} else if (attr->boolean != (filter->kind == US_BOOLEAN)) {
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, attr->filter.loc,
		    attr->boolean
			? "\"%.*s\" has keys; write it with a key and \"=\""
			: "\"%.*s\" is true or false; write it with \"is\"",
		    US_ARG(attr->filter.s));
	} else if (!attr->boolean) {
		check_key(c, filter, attr);
	}
}

/* Has `attr` been said before in the request? */
static void
check_attr_twice(struct checker *c, const struct us_test *test,
    const struct us_test_attr *attr)
{
	const struct us_test_attr *other;

	for (other = test->attrs.v; other < attr; other++) {
		if (us_str_eq(other->filter.s, attr->filter.s) &&
		    us_str_eq(other->key.s, attr->key.s)) {
			duplicate(
			    c, "attribute", attr->filter, other->filter.loc);
			return;
		}
	}
}

static void
check_request(struct checker *c, const struct us_test *test)
{
	const struct us_service *service;
	const struct us_test_attr *attr;

	if (!test->given) {
		us_diag_add(c->diags, US_DIAG_MISSING, test->name.loc,
		    "test \"%.*s\" has no \"request\"", US_ARG(test->name.s));
		return;
	}
	service = check_service(c, test->service);
	if (service)
		check_access(c, service, test->access);
	US_EACH (attr, &test->attrs) {
		if (service)
			check_attr(c, service, attr);
		check_attr_twice(c, test, attr);
	}
}

/* --- Expectations --- */

static void
check_missing(struct checker *c, const struct us_expect *e)
{
	const struct us_option_row *row;
	const struct us_word *word;
	const char *words[8];
	size_t n = 0;

	if (e->missing.n && !us_str_is(e->outcome.s, "incomplete"))
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, e->missing.v[0].loc,
		    "only \"incomplete\" can be \"missing\" something");
	for (row = us_options; row < us_options + us_option_count; row++) {
		if (row->bit & US_OPTION_REQUIRE)
			words[n++] = row->word;
	}
	US_EACH (word, &e->missing)
		check_listed(c, "requirement", *word, words, n);
}

static void
check_outcome(struct checker *c, const struct us_expect *e)
{
	const struct us_word *rule;
	struct us_nearest near;

	check_listed(c, "outcome", e->outcome, outcomes, COUNT(outcomes));
	if (e->by.s.p)
		check_listed(c, "way to be granted", e->by, bys, COUNT(bys));
	if (e->by.s.p && is_one_of(e->outcome.s, outcomes, COUNT(outcomes)) &&
	    !us_str_is(e->outcome.s, "granted"))
		us_diag_add(c->diags, US_DIAG_FORBIDDEN, e->by.loc,
		    "\"%.*s\" does not go with \"%.*s\", only with \"granted\"",
		    US_ARG(e->by.s), US_ARG(e->outcome.s));
	check_missing(c, e);
	US_EACH (rule, &e->rules) {
		near = (struct us_nearest){.wanted = rule->s};
		if (!is_known(&c->rules, rule->s, &near))
			unknown(c, "rule", *rule, &near);
	}
}

static void
check_expects(struct checker *c, const struct us_test *test)
{
	const struct us_expect *e, *outcome = NULL;

	if (test->expects.n == 0)
		us_diag_add(c->diags, US_DIAG_MISSING, test->name.loc,
		    "test \"%.*s\" expects nothing; add a line like \"expect "
		    "pending;\"",
		    US_ARG(test->name.s));
	US_EACH (e, &test->expects) {
		if (e->kind != US_EXPECT_OUTCOME)
			continue;
		if (outcome)
			us_diag_see(c->diags,
			    us_diag_add(c->diags, US_DIAG_DUPLICATE, e->loc,
				"a test can expect only one outcome"),
			    outcome->loc, "the first is here");
		outcome = e;
		check_outcome(c, e);
	}
}

static void
check_tests(struct checker *c)
{
	struct us_names names = {0};
	const struct us_test *test;
	uint32_t first;

	US_EACH (test, &c->ts->tests) {
		first = us_names_add(
		    &names, test->name.s, (uint32_t)(test - c->ts->tests.v));
		if (first != US_NAMES_NEW)
			duplicate(c, "test", test->name,
			    c->ts->tests.v[first].name.loc);
		if (test->broken)
			continue;
		check_request(c, test);
		check_expects(c, test);
	}
	us_names_free(&names);
}

unsigned
us_testset_check(const struct us_testset *ts, const struct us_ruleset *rs,
    struct us_diags *diags)
{
	struct checker c = {.ts = ts, .rs = rs, .diags = diags};
	uint32_t before = diags->errors;

	for (uint32_t i = 0; i < rs->rules.n; i++)
		us_names_add(&c.rules, rs->rules.v[i].name.s, i);
	for (uint32_t i = 0; i < rs->groups.n; i++)
		us_names_add(&c.groups, rs->groups.v[i].name.s, i);
	check_users(&c);
	check_tests(&c);
	us_names_free(&c.rules);
	us_names_free(&c.groups);
	return diags->errors - before;
}
