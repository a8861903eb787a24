/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The directory from its file (SPEC 17), read as strictly as all JSON: a
 * misspelt group or role would be a right that somebody lacks, or has.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/directory.h"
#include "daemon/json_file.h"
#include "daemon/role.h"
#include "engine/check.h"
#include "engine/err.h"
#include "engine/json_request.h"
#include "engine/symtab.h"
#include "engine/vocab.h"

struct us_directory {
	atomic_uint users;
	struct us_arena arena;
	US_LIST(struct us_user) people; /* by the number of their symbol */
	struct us_symtab uids;
	unsigned roles; /* that somebody has */
};

/* A name that is known, or an error; its canonical form. */
static struct us_str
canonical_name(struct us_json_reader *r, struct us_json_value value)
{
	struct us_str name = us_json_name(r, value).s;

	us_json_check_name(r, value, name, "directory", us_directory_name);
	return us_directory_canonical(name);
}

static void
read_facts(struct us_json_reader *r, struct us_json_value properties,
    struct us_str directory, struct us_user *user)
{
	struct us_json_walk walk = us_json_walk(r->src, properties);
	struct us_json_value property;
	struct us_profile_fact *fact;
	struct us_word word;

	if (!us_json_is(r, properties, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &property)) {
		if (!us_json_word(r, property, &word))
			continue;
		fact = us_list_add(r->arena, &user->profile);
		fact->directory = directory;
		fact->property = us_json_key(r, property);
		fact->value = word.s;
	}
}

/* {directory: {property: value}} */
static void
read_profile(struct us_json_reader *r, struct us_json_value profile,
    struct us_user *user)
{
	struct us_json_walk walk = us_json_walk(r->src, profile);
	struct us_json_value facts;

	if (!us_json_is(r, profile, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &facts))
		read_facts(r, facts, canonical_name(r, facts), user);
}

static void
fill_user(
    struct us_json_reader *r, struct us_json_value value, struct us_user *user)
{
	enum { GROUPS, PROFILE, ROLES, NAME, COUNT };
	static const char *const names[] = {
	    "groups", "profile", "roles", "name"};
	static const struct us_json_shape shapes[] = {
	    {NULL, 0, US_BIT(COUNT) - 1}};
	static const struct us_json_form form =
	    US_FORM("a user", names, shapes);
	struct us_json_value slots[COUNT];
	struct us_word word;

	if (us_json_members(r, &form, value, slots) < 0)
		return;
	us_json_groups(r, slots[GROUPS], &user->groups);
	read_profile(r, slots[PROFILE], user);
	us_roles_read(r, slots[ROLES], &user->roles);
	if (us_json_word(r, slots[NAME], &word))
		user->name = word.s;
}

/* E-mails that differ by case alone are one person, who cannot be two. */
static void
read_user(struct us_json_reader *r, struct us_json_value value,
    struct us_directory *d)
{
	struct us_str uid = us_json_key(r, value);
	struct us_user *user;

	if (us_str_is_blank(uid) || uid.n > US_NAME_MAX) {
		us_json_error(r, US_DIAG_BAD_VALUE, value,
		    "a user is named by an e-mail of at most %d bytes",
		    US_NAME_MAX);
		return;
	}
	if (us_directory_find(d, uid)) {
		us_json_error(r, US_DIAG_DUPLICATE, value,
		    "\"%.*s\" is here twice; the case of letters does not "
		    "count in an e-mail",
		    US_ARG(uid));
		return;
	}
	us_symtab_add(r->arena, &d->uids, uid, (struct us_str){0});
	user = us_list_add(r->arena, &d->people);
	user->uid = uid;
	fill_user(r, value, user);
	d->roles |= us_roles_implied(user->roles);
}

static void
read_directory(struct us_json_reader *r, struct us_json_value value, void *what)
{
	enum { USERS, COUNT };
	static const char *const names[] = {"users"};
	static const struct us_json_shape shapes[] = {{NULL, US_BIT(USERS), 0}};
	static const struct us_json_form form =
	    US_FORM("a directory", names, shapes);
	struct us_json_value slots[COUNT], user;
	struct us_directory *d = what;
	struct us_json_walk walk;

	if (us_json_members(r, &form, value, slots) < 0 ||
	    !us_json_is(r, slots[USERS], US_JSON_OBJECT))
		return;
	walk = us_json_walk(r->src, slots[USERS]);
	while (us_json_each(r, &walk, &user))
		read_user(r, user, d);
}

struct us_directory *
us_directory_empty(void)
{
	struct us_directory *d = us_calloc(1, sizeof(*d));

	atomic_init(&d->users, 1);
	d->uids.fold = true;
	return d;
}

struct us_directory *
us_directory_load(const char *path, struct us_buf *error)
{
	struct us_directory *d = us_directory_empty();

	if (us_json_file_read(path, &d->arena, read_directory, d, error))
		return d;
	us_directory_unref(d);
	return NULL;
}

struct us_directory *
us_directory_ref(struct us_directory *d)
{
	atomic_fetch_add_explicit(&d->users, 1, memory_order_relaxed);
	return d;
}

void
us_directory_unref(struct us_directory *d)
{
	if (!d ||
	    atomic_fetch_sub_explicit(&d->users, 1, memory_order_acq_rel) != 1)
		return;
	us_arena_free(&d->arena);
	free(d);
}

const struct us_user *
us_directory_find(const struct us_directory *d, struct us_str uid)
{
	uint32_t i = us_symtab_find(&d->uids, uid, (struct us_str){0});

	return i == US_NO_SYMBOL ? NULL : &d->people.v[i];
}

uint32_t
us_directory_count(const struct us_directory *d)
{
	return d->people.n;
}

unsigned
us_directory_roles(const struct us_directory *d)
{
	return d->roles;
}
