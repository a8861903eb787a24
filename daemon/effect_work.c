/* SPDX-License-Identifier: Apache-2.0 */
/* What life.def calls for: an effect is put in place, or taken away. */
#include "daemon/effect_scene.h"

/*
 * Who left what is being provided waits no more: it is p's now. But then the
 * provisioner was told of nobody who has it.
 */
static void
take_over(struct us_scene *s, const struct us_permission *p)
{
	struct us_lives lives = us_scene_lives(s);
	const struct us_live *live;

	us_scene_release(s);
	US_EACH (live, &lives.list)
		if (us_effect_holds(live->status) &&
		    !us_str_eq(live->id, p->id))
			return;
	s->effect.until = 0;
	us_scene_keep(s);
}

void
us_effect_provide(struct us_change *change, struct us_permission *p)
{
	struct us_scene s =
	    us_scene_look(change, us_effect_key_of(p, change->arena), p);
	struct us_step step = {.event = US_EVENT_PROVIDED};

	if (!s.there) {
		us_scene_provide(&s, p);
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
		if (!us_scene_is_told(&s, p)) {
			us_scene_tell_again(&s, p);
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
	struct us_scene s =
	    us_scene_look(change, us_effect_key_of(p, change->arena), p);
	struct us_step gone = {.event = US_EVENT_REMOVED};

	if (!s.there)
		us_life_step(change, p, &gone);
	else if (s.effect.state == US_EFFECT_REMOVING)
		return;
	else if (us_scene_is_held(&s))
		us_life_step(change, p, &gone);
	else if (s.effect.state == US_EFFECT_STANDING || s.effect.staged)
		us_scene_remove(&s);
}
