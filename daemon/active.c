/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Active workflows: who publishes them, who adopts them. A loop looks at a
 * number before each call; only when that has moved does it take the lock, for
 * as long as it takes to copy a pointer.
 */
#include <malloc.h>
#include <stdlib.h>

#include "daemon/org_parts.h"
#include "daemon/world.h"
#include "engine/err.h"

static void
copy_word(struct us_arena *a, const struct us_word *from, struct us_word *to)
{
	/* Its place is in a source that the draft takes with it. */
	*to = (struct us_word){.s = us_arena_str(a, from->s)};
}

static void
copy_filter(struct us_arena *a, const struct us_service_filter *from,
    struct us_service_filter *to)
{
	const struct us_word *key;

	copy_word(a, &from->name, &to->name);
	to->kind = from->kind;
	to->carried = from->carried;
	US_EACH (key, &from->keys)
		copy_word(a, key, us_list_add(a, &to->keys));
}

static void
copy_service(
    struct us_arena *a, const struct us_service *from, struct us_service *to)
{
	const struct us_service_filter *filter;
	const struct us_word *access;

	copy_word(a, &from->name, &to->name);
	to->builtin = from->builtin;
	US_EACH (access, &from->access)
		copy_word(a, access, us_list_add(a, &to->access));
	US_EACH (filter, &from->filters)
		copy_filter(a, filter, us_list_add(a, &to->filters));
}

/* The services of the draft, which is freed before the program is. */
static void
copy_services(struct us_active *active, const struct us_ruleset *rs)
{
	struct us_service *to =
	    us_arena_alloc(&active->arena, rs->services.n * sizeof(*to));

	for (uint32_t i = 0; i < rs->services.n; i++)
		copy_service(&active->arena, &rs->services.v[i], &to[i]);
	active->services.v = to;
	active->services.n = rs->services.n;
}

struct us_active *
us_active_new(uint64_t version, int64_t created, struct us_draft *draft)
{
	struct us_active *active = us_calloc(1, sizeof(*active));

	active->users = 1;
	active->version = version;
	active->created = created;
	active->prog = draft->prog;
	draft->prog = NULL;
	copy_services(active, draft->rs);
	/* The rules of the default cannot be found: nobody saved them. */
	if (version) {
		active->index = draft->index;
		draft->index = (struct us_rule_index){.arena = {0}};
	}
	return active;
}

struct us_active *
us_active_ref(struct us_active *active)
{
	atomic_fetch_add_explicit(&active->users, 1, memory_order_relaxed);
	return active;
}

void
us_active_unref(struct us_active *active)
{
	if (!active || atomic_fetch_sub(&active->users, 1) != 1)
		return;
	us_prog_unref(active->prog);
	us_rule_index_free(&active->index);
	us_arena_free(&active->arena);
	free(active);
}

struct us_active *
us_org_active(struct us_org *org)
{
	struct us_active *active;

	pthread_mutex_lock(&org->state->lock);
	active = us_active_ref(org->state->active);
	pthread_mutex_unlock(&org->state->lock);
	return active;
}

void
us_org_publish(struct us_org *org, struct us_active *active)
{
	struct us_org_state *state = org->state;
	struct us_active *old;

	pthread_mutex_lock(&state->lock);
	old = state->active;
	state->active = active;
	atomic_fetch_add(&state->generation, 1);
	pthread_mutex_unlock(&state->lock);
	us_active_unref(old);
	us_org_review(org);
}

uint64_t
us_org_generation(const struct us_org *org)
{
	return atomic_load(&org->state->generation);
}

struct us_decider
us_decider_now(struct us_org *org)
{
	struct us_active *active = us_org_active(org);

	return (struct us_decider){active, us_matcher_new(active->prog)};
}

void
us_decider_done(struct us_decider *decider)
{
	us_matcher_free(decider->matcher);
	us_active_unref(decider->active);
	*decider = (struct us_decider){0};
}

struct us_loop *
us_loop_new(struct us_world *world, unsigned index)
{
	struct us_loop *loop = us_calloc(1, sizeof(*loop));

	loop->index = index;
	loop->world = world;
	loop->orgs = us_calloc(world->org_count, sizeof(*loop->orgs));
	return loop;
}

void
us_loop_free(struct us_loop *loop)
{
	if (!loop)
		return;
	for (unsigned i = 0; i < loop->world->org_count; i++)
		us_decider_done(&loop->orgs[i].decider);
	free(loop->orgs);
	free(loop);
}

/* From so many rules, or bytes of a body, on. */
#define RULES_LARGE 10000
#define BODY_LARGE (4 * 1024 * 1024)

void
us_org_settle(struct us_org *org, size_t body)
{
	struct us_active *active = us_org_active(org);
	bool large = active->index.places.n > RULES_LARGE || body > BODY_LARGE;

	us_active_unref(active);
	if (large)
		malloc_trim(0);
}

static void
unref_on_worker(void *arg)
{
	struct us_active *active = arg;
	bool large = active->index.places.n > RULES_LARGE;

	us_active_unref(active);
	if (large)
		malloc_trim(0);
}

/* A large program takes long to free: not here, if that can be. */
static void
retire(struct us_org *org, struct us_active *active)
{
	if (active && !us_worker_submit(org->worker, unref_on_worker, active))
		us_active_unref(active);
}

const struct us_decider *
us_loop_adopt(struct us_loop *loop, struct us_org *org)
{
	struct us_loop_org *own = &loop->orgs[org->index];
	uint64_t generation = us_org_generation(org);
	struct us_decider old = own->decider;

	if (old.active && own->generation == generation)
		return &own->decider;
	/*
	 * What is published after the number was read is adopted now, and once
	 * more, in vain, at the next call.
	 */
	own->generation = generation;
	own->decider = us_decider_now(org);
	us_matcher_free(old.matcher);
	retire(org, old.active);
	return &own->decider;
}
