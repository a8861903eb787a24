/* SPDX-License-Identifier: Apache-2.0 */
/* Facts about people, from the newest directory and on-call list. */
#include "daemon/org_parts.h"
#include "daemon/role.h"
#include "daemon/sources.h"
#include "engine/vocab.h"

struct us_sources
us_sources_now(struct us_org *org)
{
	struct us_org_state *state = org->state;
	struct us_sources sources;

	/*
	 * The number first: what is replaced after it was read is seen now,
	 * and taken for stale once more, in vain.
	 */
	sources.generation = us_sources_generation(org);
	pthread_mutex_lock(&state->lock);
	sources.directory = us_directory_ref(state->directory);
	sources.oncall = us_oncall_ref(state->oncall);
	sources.inventory = us_inventory_ref(state->inventory);
	pthread_mutex_unlock(&state->lock);
	return sources;
}

void
us_sources_done(struct us_sources *sources)
{
	us_directory_unref(sources->directory);
	us_oncall_unref(sources->oncall);
	us_inventory_unref(sources->inventory);
	*sources = (struct us_sources){0};
}

uint64_t
us_sources_generation(const struct us_org *org)
{
	return atomic_load(&org->state->replaced);
}

void
us_sources_changed(struct us_org *org)
{
	atomic_fetch_add(&org->state->replaced, 1);
}

struct us_person *
us_known_person(
    const struct us_sources *sources, struct us_str uid, struct us_arena *a)
{
	const struct us_user *user = us_directory_find(sources->directory, uid);
	struct us_person *person;
	struct us_oncall_fact *fact;

	if (!uid.n)
		return NULL;
	person = us_arena_alloc(a, sizeof(*person));
	person->uid = uid;
	for (unsigned i = 0; us_integration_name(i); i++) {
		fact = us_list_add(a, &person->oncall);
		fact->integration = us_str(us_integration_name(i));
		fact->state =
		    us_oncall_any(sources->oncall, fact->integration, uid);
	}
	if (!user)
		return person;
	person->groups = user->groups;
	person->profile.v = user->profile.v;
	person->profile.n = user->profile.n;
	return person;
}

struct us_session *
us_known_session(const struct us_sources *sources, struct us_str client,
    struct us_str owner, struct us_str provider, struct us_arena *a)
{
	struct us_session *session = us_arena_alloc(a, sizeof(*session));
	const struct us_user *user = NULL;

	/* An absent member is a NULL, and no empty text. */
	if (client.n)
		session->client_id = client;
	if (provider.n)
		session->provider_id = provider;
	if (owner.n) {
		session->owner = owner;
		user = us_directory_find(sources->directory, owner);
	}
	if (user)
		session->owner_groups = user->groups;
	return session;
}

struct us_approver *
us_known_approver(const struct us_sources *sources, struct us_str uid,
    unsigned roles, struct us_arena *a)
{
	struct us_approver *approver = us_arena_alloc(a, sizeof(*approver));
	const struct us_user *user = us_directory_find(sources->directory, uid);

	approver->uid = uid;
	if (user)
		approver->groups = user->groups;
	if (roles & US_ROLE_BIT(MANAGER))
		*us_list_add(a, &approver->roles) = US_STR(US_ROLE_REVIEWER);
	us_oncall_services(sources->oncall, uid, a, approver);
	return approver;
}
