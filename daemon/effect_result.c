/* SPDX-License-Identifier: Apache-2.0 */
/* What follows from a try of the task of an effect. */
#include "daemon/effect_scene.h"
#include "daemon/provision.h"
#include "engine/json_canon.h"

/* A call is carried out this long after it was given up, at most; ms. */
#define LATE_MS INT64_C(60000)

/* --- Results ------------------------------------------------------------ */

/* Try again, or look again. */
static int64_t
go_on(struct us_scene *s, struct us_str error)
{
	s->effect.tries++;
	s->effect.error = error;
	us_outbox_tried(s->change->txn, s->effect.task, s->change->arena);
	us_scene_keep(s);
	return us_backoff_ms(s->effect.tries);
}

static int64_t
stage(struct us_scene *s)
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
stand(struct us_scene *s, const struct us_permission *p)
{
	us_scene_end_task(s);
	s->effect.state = US_EFFECT_STANDING;
	s->effect.since = s->change->now;
	/* Now its end is known. */
	if (p)
		us_scene_set_end(s, p);
	if (us_scene_is_held(s))
		us_scene_keep(s);
	else
		us_scene_remove(s);
}

static void
provided(struct us_scene *s, struct us_str generated)
{
	struct us_lives lives = us_scene_lives(s);
	struct us_permission *p, *last = NULL, *untold = NULL;
	const struct us_live *live;
	bool stood = s->effect.stands, others = false;

	if (generated.n || !stood)
		s->effect.generated = generated;
	s->effect.stands = true;
	/*
	 * Told were lengths: time runs from now. By the clock of the ends, or
	 * one that was set back would make it too short.
	 */
	if (s->effect.until && s->effect.begun)
		s->effect.until += s->change->due_now - s->effect.begun;
	US_EACH (live, &lives.list) {
		others |= live->status == US_STATUS_DONE;
		if (!waits(live->status) ||
		    !(p = us_scene_request(s, live->id)))
			continue;
		if (!us_scene_is_told(s, p)) {
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
		us_scene_tell_again(s, untold);
		return;
	}
	/* Nobody else has it: the end is known to the second. */
	if (!others)
		s->effect.until = 0;
	stand(s, last);
}

/*
 * Some have it, and its provisioner says that it is not there: it is put in
 * place for them, of whom alone it is told, until it is there or they leave.
 */
static int64_t
restore(struct us_scene *s, struct us_str error)
{
	struct us_lives lives = us_scene_lives(s);
	struct us_permission *p;
	const struct us_live *live;

	s->effect.stands = false;
	s->effect.staged = false;
	s->effect.until = s->effect.begun = 0; /* they have ends */
	s->effect.public_key = s->effect.connect = (struct us_str){0};
	US_EACH (live, &lives.list)
		if (us_effect_holds(live->status) &&
		    (p = us_scene_request(s, live->id)))
			us_scene_set_grant(s, p);
	return go_on(s, error);
}

/*
 * It failed for good. absent: and left nothing behind. An errored request is
 * final and has no row in PERSON until it is cleaned up, so who fails is listed
 * before.
 */
static int64_t
failed(struct us_scene *s, struct us_str error, bool absent)
{
	struct us_step fail = {.event = US_EVENT_FAIL, .text = error},
		       clean = {.event = US_EVENT_CLEAN_UP};
	struct us_lives lives = us_scene_lives(s);
	US_LIST(struct us_permission *) all = {0};
	struct us_permission *p, **each;
	const struct us_live *live;

	if (!fail.text.n)
		fail.text = US_STR("the provisioner did not say why");
	US_EACH (live, &lives.list) {
		if (!waits(live->status) ||
		    !(p = us_scene_request(s, live->id)))
			continue;
		us_life_step(s->change, p, &fail);
		*us_list_add(s->change->arena, &all) = p;
	}
	if (us_scene_is_held(s)) {
		if (absent || !s->effect.stands)
			return restore(s, error);
		/* It stands; which end its provisioner knows is not known. */
		s->effect.until = 0;
		stand(s, NULL);
		return 0;
	}
	if (absent && s->change->now >= s->effect.late) {
		us_scene_end(s);
		return 0;
	}
	us_scene_remove(s);
	US_EACH (each, &all)
		us_life_step(s->change, *each, &clean);
	return 0;
}

/* Until when a try that is given up now may be carried out; wall clock. */
static int64_t
late_of(struct us_scene *s)
{
	const struct us_conf_provisioner *conf =
	    us_provisioner_named(s->change->org->conf, s->effect.provisioner);

	return s->change->now + LATE_MS +
	       (conf ? conf->timeout_seconds * INT64_C(1000) : 0);
}

static int64_t
provide_result(struct us_scene *s, enum us_work_result result,
    struct us_str error, struct us_str generated)
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
	if (result == US_WORK_ABSENT || result == US_WORK_FAILED ||
	    (!s->effect.staged && result == US_WORK_LATER &&
		s->effect.tries + 1 >= US_PROVIDE_TRIES))
		return failed(s, error, result == US_WORK_ABSENT);
	/* All left it while it was tried. */
	if (!us_scene_is_held(s)) {
		us_scene_remove(s);
		return 0;
	}
	if (result == US_WORK_LATER)
		return go_on(s, error);
	us_scene_step_all(s, is_approved, &staged);
	return stage(s);
}

/* --- Removals that do not succeed --------------------------------------- */

/* What the audit log says of it. In the order of canonical JSON. */
static void
append_audit(struct us_scene *s, enum us_action action, struct us_str error)
{
	struct us_buf data = {0};

	us_buf_puts(&data, "{\"error\":");
	us_canon_str(error, &data);
	us_buf_puts(&data, ",\"id\":");
	us_canon_str(s->effect.id, &data);
	us_buf_puts(&data, ",\"provisioner\":");
	us_canon_str(s->effect.provisioner, &data);
	us_buf_printf(&data, ",\"tries\":%u}", s->effect.tries);
	us_audit_append_text(s->change->txn, s->change->org->name,
	    s->change->now, action, &us_actor_self, us_buf_str(&data));
	us_buf_free(&data);
}

/* Once: effect.stuck is what all others know of it. */
static void
tell_stuck(struct us_scene *s, struct us_str error)
{
	struct us_permission *first;
	bool often = !s->effect.staged && s->effect.tries >= US_STUCK_TRIES;

	if (s->effect.stuck ||
	    (!often && s->change->now - s->effect.since < US_STUCK_MS))
		return;
	s->effect.stuck = true;
	us_effect_count_stuck(s->change->txn, s->change->org->name, true);
	append_audit(s, US_ACTION_PROVISIONING_STUCK, error);
	first = us_scene_request(s, s->effect.id);
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
remove_result(
    struct us_scene *s, enum us_work_result result, struct us_str error)
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
		us_scene_end(s);
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
		us_scene_step_all(s, is_cleaning, &give_up);
	return next;
}

void
us_effect_result(struct us_change *change, struct us_str key,
    enum us_work_result result, struct us_str error, struct us_str generated,
    int64_t *next)
{
	struct us_scene s = us_scene_look(change, key, NULL);

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
