/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is done about effects. What holds after every step:
 *
 *	effect       its task   who holds it          who leaves it
 *	(none)       none       nobody                nobody
 *	PROVIDING    provide    APPROVED, or STAGED   only when nobody holds it
 *	 that stands provide    and DONE              likewise
 *	STANDING     none       DONE, at least one    nobody
 *	REMOVING     remove     APPROVED, who wait    any
 *
 * Nobody holds what is PROVIDING when all left before the result of a try
 * came: the try may be under way, so it is waited for, and then removed.
 * Likewise who comes while it is REMOVING waits until it is gone, and then it
 * is provided anew. What stands is PROVIDING again when somebody comes for whom
 * the provisioner has to know something new: a later end, another public key.
 */
#include "daemon/effect_parts.h"
#include "daemon/outbox.h"
#include "daemon/provision.h"
#include "engine/json_canon.h"

/* A removal that takes longer is told to be stuck; ms. */
#define STUCK_MS (INT64_C(3600) * 1000)
/* A call is carried out this long after it was given up, at most; ms. */
#define LATE_MS INT64_C(60000)

/* --- One effect and its requests ---------------------------------------- */

/* An effect in a transaction. */
struct scene {
	struct us_change *change;
	struct us_str key;
	struct us_effect_record effect;
	bool there;
	struct us_permission *self; /* whose step this is; or NULL */
};

static struct scene
look(struct us_change *change, struct us_str key, struct us_permission *self)
{
	struct scene s = {.change = change, .key = key, .self = self};

	s.there = us_effect_get(
	    change->txn, change->org->name, key, change->arena, &s.effect);
	return s;
}

static void
keep(struct scene *s)
{
	us_effect_put(s->change->txn, s->change->org->name, s->key, &s->effect);
}

static struct us_lives
lives_of(struct scene *s)
{
	return us_effect_lives(
	    s->change->txn, s->change->org->name, s->key, s->change->arena);
}

static bool
is_held(struct scene *s)
{
	struct us_lives lives = lives_of(s);
	const struct us_live *live;

	US_EACH (live, &lives.list)
		if (us_effect_holds(live->status))
			return true;
	return false;
}

/* That request; the one whose step this is must not have a second copy. */
static struct us_permission *
request(struct scene *s, struct us_str id)
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
static void
step_all(struct scene *s, bool (*which)(enum us_status status),
    const struct us_step *step)
{
	struct us_lives lives = lives_of(s);
	struct us_permission *p;
	const struct us_live *live;

	US_EACH (live, &lives.list) {
		if (which(live->status) && (p = request(s, live->id)))
			us_life_step(s->change, p, step);
	}
}

static void
release(struct scene *s)
{
	step_all(
	    s, us_effect_leaves, &(struct us_step){.event = US_EVENT_REMOVED});
}

/* --- Its task ----------------------------------------------------------- */

static void
end_task(struct scene *s)
{
	if (s->effect.task)
		us_outbox_done(s->change->txn, s->effect.task);
	s->effect.task = 0;
	s->effect.tries = 0;
	s->effect.staged = false;
	s->effect.error = (struct us_str){0};
}

/* In the place of any that it has. */
static void
begin_task(struct scene *s, enum us_work_kind kind, enum us_effect_state state)
{
	struct us_work work = {
	    .kind = kind, .ref = s->key, .channel = s->effect.provisioner};

	end_task(s);
	s->effect.task = us_outbox_add(s->change, &work);
	s->effect.state = state;
	s->effect.since = s->change->now;
	keep(s);
}

/* Due time; as it will be, if its time does not run yet. */
static int64_t
end_of(struct scene *s, const struct us_permission *p)
{
	int64_t end = s->change->due_now + 1000 * p->duration;

	if (p->due_end)
		return p->due_end;
	return p->last_end && p->last_end < end ? p->last_end : end;
}

/* Does the provisioner know all that p needs? People wait for no end. */
static bool
is_told(struct scene *s, const struct us_permission *p)
{
	if (p->public_key.n && !us_str_eq(s->effect.public_key, p->public_key))
		return false;
	return us_str_is(s->effect.type, "manual") ||
	       s->effect.until >= end_of(s, p);
}

/* The end that it tells is that of whoever has it longest. */
static void
set_grant(struct scene *s, const struct us_permission *p)
{
	struct us_permission told = *p;
	struct us_buf grant = {0};

	if (s->effect.until > end_of(s, p)) {
		told.due_end = s->effect.until;
		told.duration = (told.due_end - s->change->due_now) / 1000;
	}
	s->effect.until = end_of(s, &told);
	s->effect.public_key = p->public_key;
	us_effect_grant(s->change, &told, s->effect.id, &grant);
	s->effect.grant = us_arena_str(s->change->arena, us_buf_str(&grant));
	us_buf_free(&grant);
}

static void
begin_providing(struct scene *s, const struct us_permission *p)
{
	const struct us_conf_provisioner *conf =
	    us_provisioner_for(s->change->org->conf, p->service);

	s->effect = (struct us_effect_record){.id = p->id,
	    .provisioner = us_str(conf->name),
	    .type = us_str(conf->type)};
	set_grant(s, p);
	begin_task(s, US_WORK_PROVIDE, US_EFFECT_PROVIDING);
}

static void
begin_removing(struct scene *s)
{
	begin_task(s, US_WORK_REMOVE, US_EFFECT_REMOVING);
}

/* It is not in place any more, or never was. */
static void
end_effect(struct scene *s)
{
	struct us_lives lives;
	struct us_permission *p;
	const struct us_live *live;

	end_task(s);
	us_effect_delete(s->change->txn, s->change->org->name, s->key);
	release(s);
	lives = lives_of(s);
	US_EACH (live, &lives.list) {
		if (!us_effect_holds(live->status) ||
		    !(p = request(s, live->id)))
			continue;
		begin_providing(s, p);
		return;
	}
}

/* --- What life.def calls for -------------------------------------------- */

/* What stands stays as it is until the provisioner knows of p. */
static void
tell_again(struct scene *s, const struct us_permission *p)
{
	set_grant(s, p);
	begin_task(s, US_WORK_PROVIDE, US_EFFECT_PROVIDING);
}

/*
 * Who left what is being provided waits no more: it is p's now. But then the
 * provisioner was told of nobody who has it.
 */
static void
take_over(struct scene *s, const struct us_permission *p)
{
	struct us_lives lives = lives_of(s);
	const struct us_live *live;

	release(s);
	US_EACH (live, &lives.list)
		if (us_effect_holds(live->status) &&
		    !us_str_eq(live->id, p->id))
			return;
	s->effect.until = 0;
	keep(s);
}

void
us_effect_provide(struct us_change *change, struct us_permission *p)
{
	struct scene s = look(change, us_effect_key_of(p, change->arena), p);
	struct us_step step = {.event = US_EVENT_PROVIDED};

	if (!s.there) {
		begin_providing(&s, p);
		return;
	}
	switch (s.effect.state) {
	case US_EFFECT_PROVIDING:
		take_over(&s, p);
		step.event = US_EVENT_STAGE;
		if (s.effect.staged)
			us_life_step(change, p, &step);
		break;
	case US_EFFECT_STANDING:
		if (!is_told(&s, p)) {
			tell_again(&s, p);
			break;
		}
		step.generated = s.effect.generated;
		us_life_step(change, p, &step);
		break;
	case US_EFFECT_REMOVING:
		break;
	}
}

void
us_effect_remove(struct us_change *change, struct us_permission *p)
{
	struct scene s = look(change, us_effect_key_of(p, change->arena), p);
	struct us_step gone = {.event = US_EVENT_REMOVED};

	if (!s.there)
		us_life_step(change, p, &gone);
	else if (s.effect.state == US_EFFECT_REMOVING)
		return;
	else if (is_held(&s))
		us_life_step(change, p, &gone);
	else if (s.effect.state == US_EFFECT_STANDING || s.effect.staged)
		begin_removing(&s);
}

/* --- Results ------------------------------------------------------------ */

/* Try again, or look again. */
static int64_t
go_on(struct scene *s, struct us_str error)
{
	s->effect.tries++;
	s->effect.error = error;
	us_outbox_tried(s->change->txn, s->effect.task, s->change->arena);
	keep(s);
	return us_backoff_ms(s->effect.tries);
}

static int64_t
stage(struct scene *s)
{
	if (!s->effect.staged)
		s->effect.tries = 0;
	s->effect.staged = true;
	return go_on(s, (struct us_str){0});
}

static bool
is_approved(enum us_status status)
{
	return status == US_STATUS_APPROVED;
}

static bool
waits(enum us_status status)
{
	return us_life_has(status, US_EVENT_PROVIDED);
}

/* p: of those who have it now, who has it longest; or NULL. */
static void
stand(struct scene *s, const struct us_permission *p)
{
	end_task(s);
	s->effect.state = US_EFFECT_STANDING;
	s->effect.since = s->change->now;
	/* Now its end is known. */
	if (p)
		set_grant(s, p);
	if (is_held(s))
		keep(s);
	else
		begin_removing(s);
}

static void
provided(struct scene *s, struct us_str generated)
{
	struct us_lives lives = lives_of(s);
	struct us_permission *p, *last = NULL, *untold = NULL;
	const struct us_live *live;
	bool stood = s->effect.stands;

	if (generated.n || !stood)
		s->effect.generated = generated;
	s->effect.stands = true;
	/* Told were lengths: time runs from now. */
	if (s->effect.until)
		s->effect.until += s->change->now - s->effect.since;
	US_EACH (live, &lives.list) {
		if (!waits(live->status) || !(p = request(s, live->id)))
			continue;
		if (!is_told(s, p)) {
			untold = p;
			continue;
		}
		us_life_step(s->change, p,
		    &(struct us_step){.event = US_EVENT_PROVIDED,
			.generated = s->effect.generated});
		if (!last || p->due_end > last->due_end)
			last = p;
	}
	if (untold) {
		tell_again(s, untold);
		return;
	}
	/* Nobody else has it: the end is known to the second. */
	if (!stood)
		s->effect.until = 0;
	stand(s, last);
}

/*
 * It failed for good. absent: and left nothing behind. An errored request is
 * final and has no row in PERSON until it is cleaned up, so who fails is listed
 * before.
 */
static void
failed(struct scene *s, struct us_str error, bool absent)
{
	struct us_step fail = {.event = US_EVENT_FAIL, .text = error},
		       clean = {.event = US_EVENT_CLEAN_UP};
	struct us_lives lives = lives_of(s);
	US_LIST(struct us_permission *) all = {0};
	struct us_permission *p, **each;
	const struct us_live *live;

	if (!fail.text.n)
		fail.text = US_STR("the provisioner did not say why");
	US_EACH (live, &lives.list) {
		if (!waits(live->status) || !(p = request(s, live->id)))
			continue;
		us_life_step(s->change, p, &fail);
		*us_list_add(s->change->arena, &all) = p;
	}
	/* Others have it: what the provisioner knows now is not known. */
	if (s->effect.stands && is_held(s)) {
		s->effect.until = 0;
		stand(s, NULL);
		return;
	}
	if (absent && s->change->now >= s->effect.late) {
		end_effect(s);
		return;
	}
	begin_removing(s);
	US_EACH (each, &all)
		us_life_step(s->change, *each, &clean);
}

/* Until when a try that is given up now may be carried out; wall clock. */
static int64_t
late_of(struct scene *s)
{
	const struct us_conf_provisioner *conf =
	    us_provisioner_named(s->change->org->conf, s->effect.provisioner);

	return s->change->now + LATE_MS +
	       (conf ? conf->timeout_seconds * INT64_C(1000) : 0);
}

static int64_t
provide_result(struct scene *s, enum us_work_result result, struct us_str error,
    struct us_str generated)
{
	struct us_step staged = {.event = US_EVENT_STAGE};

	if (result == US_WORK_LOST) {
		if (!s->effect.staged)
			s->effect.late = late_of(s);
		result = US_WORK_LATER;
	}
	if (result == US_WORK_ABSENT && s->effect.staged)
		result = US_WORK_LATER;
	if (result == US_WORK_DONE) {
		provided(s, generated);
		return 0;
	}
	if (result == US_WORK_ABSENT) {
		failed(s, error, true);
		return 0;
	}
	if (result == US_WORK_FAILED ||
	    (!s->effect.staged && result == US_WORK_LATER &&
		s->effect.tries + 1 >= US_PROVIDE_TRIES)) {
		failed(s, error, false);
		return 0;
	}
	/* All left it while it was tried. */
	if (!is_held(s)) {
		begin_removing(s);
		return 0;
	}
	if (result == US_WORK_LATER)
		return go_on(s, error);
	step_all(s, is_approved, &staged);
	return stage(s);
}

/* --- Removals that do not succeed --------------------------------------- */

/* What the audit log says of it. In the order of canonical JSON. */
static void
append_audit(struct scene *s, enum us_action action, struct us_str error)
{
	static const struct us_actor self = {{US_SELF, sizeof(US_SELF) - 1},
	    {US_SELF, sizeof(US_SELF) - 1}, NULL};
	struct us_buf data = {0};

	us_buf_puts(&data, "{\"error\":");
	us_canon_str(error, &data);
	us_buf_puts(&data, ",\"id\":");
	us_canon_str(s->effect.id, &data);
	us_buf_puts(&data, ",\"provisioner\":");
	us_canon_str(s->effect.provisioner, &data);
	us_buf_printf(&data, ",\"tries\":%u}", s->effect.tries);
	us_audit_append_text(s->change->txn, s->change->org->name,
	    s->change->now, action, &self, us_buf_str(&data));
	us_buf_free(&data);
}

/* Once, when it has been tried often, or long. */
static void
tell_stuck(struct scene *s, struct us_str error)
{
	struct us_permission *first;
	bool often = !s->effect.staged && s->effect.tries >= US_STUCK_TRIES;

	if (s->effect.stuck ||
	    (!often && s->change->now - s->effect.since < STUCK_MS))
		return;
	s->effect.stuck = true;
	append_audit(s, US_ACTION_PROVISIONING_STUCK, error);
	first = request(s, s->effect.id);
	if (!first)
		return;
	first->error = error;
	us_notice_add(s->change, US_NOTICE_STUCK, first);
}

static bool
is_cleaning(enum us_status status)
{
	return status == US_STATUS_CLEANUP_SUBMITTED;
}

static int64_t
remove_result(struct scene *s, enum us_work_result result, struct us_str error)
{
	struct us_step give_up = {.event = US_EVENT_GIVE_UP, .text = error};
	int64_t next;

	switch (result) {
	case US_WORK_DONE:
	case US_WORK_ABSENT:
		/* What comes of a try that was lost goes, too. */
		if (s->change->now < s->effect.late)
			return s->effect.late - s->change->now;
		if (s->effect.stuck)
			append_audit(
			    s, US_ACTION_PROVISIONING_FREED, s->effect.error);
		end_effect(s);
		return 0;
	case US_WORK_ACCEPTED:
		return stage(s);
	case US_WORK_FAILED:
		/* What was begun has come to nothing: begin again. */
		s->effect.staged = false;
		break;
	case US_WORK_LATER:
	case US_WORK_LOST:
		break;
	}
	s->effect.tries++;
	tell_stuck(s, error);
	s->effect.tries--;
	next = go_on(s, error);
	if (!s->effect.staged && s->effect.tries >= US_CLEANUP_TRIES)
		step_all(s, is_cleaning, &give_up);
	return next;
}

void
us_effect_result(struct us_change *change, struct us_str key,
    enum us_work_result result, struct us_str error, struct us_str generated,
    int64_t *next)
{
	struct scene s = look(change, key, NULL);

	/* What programs say goes into JSON. */
	error.n = us_utf8_bad(error.p, error.n);
	*next = 0;
	if (!s.there)
		return;
	if (s.effect.state == US_EFFECT_PROVIDING)
		*next = provide_result(&s, result, error, generated);
	else if (s.effect.state == US_EFFECT_REMOVING)
		*next = remove_result(&s, result, error);
}
