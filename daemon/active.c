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

struct us_active *
us_active_new(uint64_t version, int64_t created, struct us_draft *draft)
{
	struct us_active *active = us_calloc(1, sizeof(*active));

	active->users = 1;
	active->version = version;
	active->created = created;
	active->prog = draft->prog;
	draft->prog = NULL;
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
}

uint64_t
us_org_generation(const struct us_org *org)
{
	return atomic_load(&org->state->generation);
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
	for (unsigned i = 0; i < loop->world->org_count; i++) {
		us_matcher_free(loop->orgs[i].matcher);
		us_active_unref(loop->orgs[i].active);
	}
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

struct us_loop_org *
us_loop_adopt(struct us_loop *loop, struct us_org *org)
{
	struct us_loop_org *own = &loop->orgs[org->index];
	uint64_t generation = us_org_generation(org);
	struct us_active *old = own->active;

	if (old && own->generation == generation)
		return own;
	/*
	 * What is published after the number was read is adopted now, and once
	 * more, in vain, at the next call.
	 */
	own->generation = generation;
	own->active = us_org_active(org);
	us_matcher_free(own->matcher);
	own->matcher = us_matcher_new(own->active->prog);
	retire(org, old);
	return own;
}
