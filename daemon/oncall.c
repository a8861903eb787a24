/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On-call duty from its file: {integration: {service: [e-mails]}}, by person
 * and by service.
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "daemon/json_file.h"
#include "daemon/oncall.h"
#include "engine/check.h"
#include "engine/err.h"
#include "engine/json_request.h"
#include "engine/symtab.h"
#include "engine/vocab.h"

struct duty { /* of one person */
	US_LIST(struct us_oncall_service) services;
};

struct people { /* of one service */
	US_LIST(struct us_str) uids;
};

struct us_oncall {
	atomic_uint users;
	struct us_arena arena;
	struct us_symtab uids;
	US_LIST(struct duty) duties;	     /* by the number of the symbol */
	struct us_symtab services;	     /* integration, service */
	US_LIST(struct people) people;	     /* likewise */
	US_LIST(struct us_str) integrations; /* that the file names */
};

static void
add_duty(struct us_oncall *oncall, struct us_str integration,
    struct us_str service, struct us_str uid)
{
	struct us_str nothing = {0};
	uint32_t i = us_symtab_add(&oncall->arena, &oncall->uids, uid, nothing);
	struct us_oncall_service *on;

	if (i == oncall->duties.n)
		us_list_add(&oncall->arena, &oncall->duties);
	on = us_list_add(&oncall->arena, &oncall->duties.v[i].services);
	on->integration = integration;
	on->service = service;
	i = us_symtab_add(
	    &oncall->arena, &oncall->services, integration, service);
	if (i == oncall->people.n)
		us_list_add(&oncall->arena, &oncall->people);
	*us_list_add(&oncall->arena, &oncall->people.v[i].uids) = uid;
}

/* [e-mails] */
static void
read_service(struct us_json_reader *r, struct us_json_value list,
    struct us_str integration, struct us_oncall *oncall)
{
	struct us_json_walk walk = us_json_walk(r->src, list);
	struct us_str service = us_json_key(r, list);
	struct us_json_value item;
	struct us_word uid;

	if (us_str_is_blank(service) || service.n > US_NAME_MAX)
		us_json_error(r, US_DIAG_BAD_VALUE, list,
		    "the id of a service has 1 to %d bytes", US_NAME_MAX);
	if (!us_json_is(r, list, US_JSON_ARRAY))
		return;
	while (us_json_each(r, &walk, &item)) {
		if (!us_json_item_word(r, item, &uid))
			continue;
		if (us_str_is_blank(uid.s) || uid.s.n > US_NAME_MAX)
			us_json_error(r, US_DIAG_BAD_VALUE, item,
			    "who is on call is named by an e-mail of at most "
			    "%d bytes",
			    US_NAME_MAX);
		add_duty(oncall, integration, service, uid.s);
	}
}

static void
read_integration(struct us_json_reader *r, struct us_json_value value,
    struct us_oncall *oncall)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct us_str integration = us_json_key(r, value);
	struct us_json_value list;

	us_json_check_name(
	    r, value, integration, "integration", us_integration_name);
	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	*us_list_add(r->arena, &oncall->integrations) = integration;
	while (us_json_each(r, &walk, &list))
		read_service(r, list, integration, oncall);
}

static void
read_oncall(struct us_json_reader *r, struct us_json_value value, void *what)
{
	struct us_json_walk walk = us_json_walk(r->src, value);
	struct us_json_value integration;

	if (!value.has)
		us_json_error(r, US_DIAG_TYPE, value,
		    "expected an object from integration to services, found "
		    "null");
	if (!us_json_is(r, value, US_JSON_OBJECT))
		return;
	while (us_json_each(r, &walk, &integration))
		read_integration(r, integration, what);
}

struct us_oncall *
us_oncall_empty(void)
{
	struct us_oncall *oncall = us_calloc(1, sizeof(*oncall));

	atomic_init(&oncall->users, 1);
	oncall->uids.fold = true;
	return oncall;
}

struct us_oncall *
us_oncall_load(const char *path, struct us_buf *error)
{
	struct us_oncall *oncall = us_oncall_empty();

	if (us_json_file_read(path, &oncall->arena, read_oncall, oncall, error))
		return oncall;
	us_oncall_unref(oncall);
	return NULL;
}

struct us_oncall *
us_oncall_ref(struct us_oncall *oncall)
{
	atomic_fetch_add_explicit(&oncall->users, 1, memory_order_relaxed);
	return oncall;
}

void
us_oncall_unref(struct us_oncall *oncall)
{
	if (!oncall || atomic_fetch_sub_explicit(
			   &oncall->users, 1, memory_order_acq_rel) != 1)
		return;
	us_arena_free(&oncall->arena);
	free(oncall);
}

static bool
is_named(const struct us_oncall *oncall, struct us_str integration)
{
	const struct us_str *name;

	US_EACH (name, &oncall->integrations) {
		if (us_str_eq(*name, integration))
			return true;
	}
	return false;
}

static const struct duty *
find_duty(const struct us_oncall *oncall, struct us_str uid)
{
	static const struct duty none;
	uint32_t i = us_symtab_find(&oncall->uids, uid, (struct us_str){0});

	return i == US_NO_SYMBOL ? &none : &oncall->duties.v[i];
}

enum us_tri
us_oncall_any(const struct us_oncall *oncall, struct us_str integration,
    struct us_str uid)
{
	const struct us_oncall_service *on;

	if (!is_named(oncall, integration))
		return US_CANNOT_TELL;
	US_EACH (on, &find_duty(oncall, uid)->services) {
		if (us_str_eq(on->integration, integration))
			return US_YES;
	}
	return US_NO;
}

void
us_oncall_services(const struct us_oncall *oncall, struct us_str uid,
    struct us_arena *a, struct us_approver *approver)
{
	const struct us_oncall_service *on;

	US_EACH (on, &find_duty(oncall, uid)->services)
		*us_list_add(a, &approver->oncall) = *on;
}

const struct us_str *
us_oncall_people(const struct us_oncall *oncall, struct us_str integration,
    struct us_str service, uint32_t *n)
{
	uint32_t i = us_symtab_find(&oncall->services, integration, service);

	*n = i == US_NO_SYMBOL ? 0 : oncall->people.v[i].uids.n;
	return *n ? oncall->people.v[i].uids.v : NULL;
}
