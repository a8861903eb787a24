/* SPDX-License-Identifier: Apache-2.0 */
/* Effects in a transaction: their requests, their tasks. */
#include "daemon/effect_scene.h"
#include "daemon/provision.h"

struct us_scene
us_scene_look(
    struct us_change *change, struct us_str key, struct us_permission *self)
{
	struct us_scene s = {.change = change, .key = key, .self = self};

	s.there = us_effect_get(
	    change->txn, change->org->name, key, change->arena, &s.effect);
	return s;
}

void
us_scene_keep(struct us_scene *s)
{
	us_effect_put(s->change->txn, s->change->org->name, s->key, &s->effect);
}

struct us_lives
us_scene_lives(struct us_scene *s)
{
	return us_effect_lives(
	    s->change->txn, s->change->org->name, s->key, s->change->arena);
}

bool
us_scene_is_held(struct us_scene *s)
{
	struct us_lives lives = us_scene_lives(s);
	const struct us_live *live;

	US_EACH (live, &lives.list)
		if (us_effect_holds(live->status))
			return true;
	return false;
}

/* That request; the one whose step this is must not have a second copy. */
struct us_permission *
us_scene_request(struct us_scene *s, struct us_str id)
{
	struct us_permission *p;

	if (s->self && us_str_eq(s->self->id, id))
		return s->self;
	p = us_arena_alloc(s->change->arena, sizeof(*p));
	if (!us_permission_get(s->change->txn, s->change->org->name, id,
		s->change->arena, p)) {
		us_txn_damaged(
		    s->change->txn, "a request that is live is not there");
		return NULL;
	}
	return p;
}

/* Makes it happen to all of these requests that `which` tells. */
void
us_scene_step_all(struct us_scene *s, bool (*which)(enum us_status status),
    const struct us_step *step)
{
	struct us_lives lives = us_scene_lives(s);
	struct us_permission *p;
	const struct us_live *live;

	US_EACH (live, &lives.list) {
		if (which(live->status) && (p = us_scene_request(s, live->id)))
			us_life_step(s->change, p, step);
	}
}

void
us_scene_release(struct us_scene *s)
{
	us_scene_step_all(
	    s, us_effect_leaves, &(struct us_step){.event = US_EVENT_REMOVED});
}

/* --- Its task ----------------------------------------------------------- */

void
us_scene_end_task(struct us_scene *s)
{
	if (s->effect.task)
		us_outbox_done(s->change->txn, s->effect.task);
	s->effect.task = 0;
	s->effect.tries = 0;
	s->effect.staged = false;
	s->effect.error = (struct us_str){0};
}

/* In the place of any that it has. */
void
us_scene_begin_task(
    struct us_scene *s, enum us_work_kind kind, enum us_effect_state state)
{
	struct us_work work = {
	    .kind = kind, .ref = s->key, .channel = s->effect.provisioner};

	us_scene_end_task(s);
	s->effect.task = us_outbox_add(s->change, &work);
	s->effect.state = state;
	s->effect.since = s->change->now;
	s->effect.begun = s->change->due_now;
	us_scene_keep(s);
}

/* Due time; as it will be, if its time does not run yet. */
static int64_t
us_scene_end_of(struct us_scene *s, const struct us_permission *p)
{
	int64_t end = s->change->due_now + 1000 * p->duration;

	if (p->due_end)
		return p->due_end;
	return p->last_end && p->last_end < end ? p->last_end : end;
}

/* Does the provisioner know all that p needs? People wait for no end. */
bool
us_scene_is_told(struct us_scene *s, const struct us_permission *p)
{
	if (p->public_key.n && !us_str_eq(s->effect.public_key, p->public_key))
		return false;
	return us_str_is(s->effect.type, "manual") ||
	       s->effect.until >= us_scene_end_of(s, p);
}

/* The end that it tells is that of whoever has it longest. */
void
us_scene_set_end(struct us_scene *s, const struct us_permission *p)
{
	struct us_permission told = *p;
	struct us_buf grant = {0};

	told.public_key = s->effect.public_key;
	told.connect = s->effect.connect;
	if (s->effect.until > us_scene_end_of(s, p)) {
		told.due_end = s->effect.until;
		told.duration = (told.due_end - s->change->due_now) / 1000;
	}
	s->effect.until = us_scene_end_of(s, &told);
	us_effect_grant(s->change, &told, s->effect.id, &grant);
	s->effect.grant = us_arena_str(s->change->arena, us_buf_str(&grant));
	us_buf_free(&grant);
}

void
us_scene_set_grant(struct us_scene *s, const struct us_permission *p)
{
	if (p->public_key.n)
		s->effect.public_key = p->public_key;
	if (p->connect.n)
		s->effect.connect = p->connect;
	us_scene_set_end(s, p);
}

void
us_scene_provide(struct us_scene *s, const struct us_permission *p)
{
	const struct us_conf_provisioner *conf =
	    us_provisioner_for(s->change->org->conf, p->service);

	s->effect = (struct us_effect_record){.id = p->id,
	    .provisioner = us_str(conf->name),
	    .type = us_str(conf->type)};
	us_scene_set_grant(s, p);
	us_scene_begin_task(s, US_WORK_PROVIDE, US_EFFECT_PROVIDING);
}

void
us_scene_remove(struct us_scene *s)
{
	us_scene_begin_task(s, US_WORK_REMOVE, US_EFFECT_REMOVING);
}

/* It is not in place any more, or never was. */
void
us_scene_end(struct us_scene *s)
{
	struct us_lives lives;
	struct us_permission *p;
	const struct us_live *live;

	us_scene_end_task(s);
	if (s->effect.stuck)
		us_effect_count_stuck(
		    s->change->txn, s->change->org->name, false);
	us_effect_delete(s->change->txn, s->change->org->name, s->key);
	us_scene_release(s);
	lives = us_scene_lives(s);
	US_EACH (live, &lives.list) {
		if (!us_effect_holds(live->status) ||
		    !(p = us_scene_request(s, live->id)))
			continue;
		us_scene_provide(s, p);
		return;
	}
}

/* What stands stays as it is until the provisioner knows of p. */
void
us_scene_tell_again(struct us_scene *s, const struct us_permission *p)
{
	us_scene_set_grant(s, p);
	us_scene_begin_task(s, US_WORK_PROVIDE, US_EFFECT_PROVIDING);
}
