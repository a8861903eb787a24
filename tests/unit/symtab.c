/* SPDX-License-Identifier: Apache-2.0 */
/* Interning, and the vocabulary that names are looked up in. */
#include "engine/symtab.h"
#include "engine/vocab.h"
#include "tests/tap.h"

static void
test_symbols(void)
{
	struct us_arena a = {0};
	struct us_symtab t = {0};
	struct us_str none = {0}, name;
	bool dense = true, found = true;

	is_int(us_symtab_find(&t, US_STR("x"), none), US_NO_SYMBOL,
	    "an empty table has nothing");
	for (unsigned i = 0; i < 5000; i++) {
		name = us_str(us_arena_printf(&a, "n%u", i));
		dense &= us_symtab_add(&a, &t, name, none) == i;
	}
	ok(dense, "numbers are dense, in order");
	for (unsigned i = 0; i < 5000; i++) {
		name = us_str(us_arena_printf(&a, "n%u", i));
		found &= us_symtab_find(&t, name, none) == i;
	}
	ok(found, "everything is found again");
	is_int(us_symtab_add(&a, &t, US_STR("n7"), none), 7, "no doubles");
	is_int(us_symtab_find(&t, US_STR("N7"), none), US_NO_SYMBOL,
	    "case counts");
	us_arena_free(&a);
}

static void
test_pairs(void)
{
	struct us_arena a = {0};
	struct us_symtab t = {0}, folded = {.fold = true};

	us_symtab_add(&a, &t, US_STR("okta"), US_STR("ab"));
	us_symtab_add(&a, &t, US_STR("ab"), US_STR("okta"));
	us_symtab_add(&a, &t, US_STR("oktaa"), US_STR("b"));
	us_symtab_add(&a, &t, US_STR("okta"), US_STR(""));
	is_int(t.symbols.n, 4, "both parts count");
	is_int(us_symtab_find(&t, US_STR("oktaa"), US_STR("b")), 2, "found");
	us_symtab_add(&a, &folded, US_STR("Ana@example.com"), US_STR(""));
	is_int(us_symtab_find(
		   &folded, US_STR("aNA@EXAMPLE.com"), (struct us_str){0}),
	    0, "a folded table does not look at case");
	us_arena_free(&a);
}

static void
test_vocab(void)
{
	struct us_arena a = {0};
	uint32_t n;
	struct us_service *v = us_vocab_services(&a, &n), *aws = NULL;
	const struct us_service_filter *tag, *role;
	struct us_str one;

	for (uint32_t i = 0; i < n; i++) {
		if (us_str_is(v[i].name.s, "aws"))
			aws = &v[i];
	}
	ok(aws != NULL, "aws is there");
	is_int(us_service_access(aws, US_STR("permission-set")), 1,
	    "it has permission sets");
	is_int(us_service_access(aws, US_STR("permission")), -1,
	    "and no permissions");
	tag = us_service_find_filter(aws, US_STR("tag"));
	role = us_service_find_filter(aws, US_STR("role"));
	ok(us_filter_has_key(tag, US_STR("whatever")), "tags have any key");
	ok(us_filter_has_key(role, US_STR("arn")), "roles have an arn");
	ok(!us_filter_has_key(role, US_STR("ar")), "but no ar");
	is_int(role->carried, 1, "only roles carry a role");
	is_str(us_directory_known(US_STR("azure-ad")), "entra-id",
	    "azure-ad and entra-id are one directory");
	is_str(us_directory_known(US_STR("ldap")), NULL, "no ldap");
	one = us_directory_canonical(US_STR("azure-ad"));
	is_str(one.p, "entra-id", "the one name of azure-ad");
	ok(us_directory_canonical(one).p == one.p,
	    "a canonical name is one already");
	ok(us_str_is(us_directory_canonical(US_STR("ldap")), "ldap"),
	    "an unknown directory keeps its name");
	ok(!us_directory_canonical((struct us_str){0}).p, "and none is none");
	ok(us_integration_known(US_STR("incidentio")), "incidentio is known");
	ok(!us_integration_known(US_STR("slack")), "slack is not");
	us_arena_free(&a);
}

int
main(void)
{
	test_symbols();
	test_pairs();
	test_vocab();
	return plan_done();
}
