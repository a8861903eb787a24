/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scenes: an effect in a transaction with the requests that hold it and leave
 * it, and what can be done about it. What holds after every step:
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
#ifndef US_EFFECT_SCENE_H
#define US_EFFECT_SCENE_H

#include "daemon/effect_parts.h"
#include "daemon/outbox.h"

struct us_scene {
	struct us_change *change;
	struct us_str key;
	struct us_effect_record effect;
	bool there;
	struct us_permission *self; /* whose step this is; or NULL */
};

struct us_scene us_scene_look(struct us_change *change, struct us_str key,
    struct us_permission *self);
void us_scene_keep(struct us_scene *s);

/* --- Its requests -------------------------------------------------------- */

struct us_lives us_scene_lives(struct us_scene *s);
bool us_scene_is_held(struct us_scene *s);
/* That request; of the one whose step this is, no second copy. */
struct us_permission *us_scene_request(struct us_scene *s, struct us_str id);
/* The step is made by all in a status that `which` tells. */
void us_scene_step_all(struct us_scene *s, bool (*which)(enum us_status status),
    const struct us_step *step);
/* All that leave it have left. */
void us_scene_release(struct us_scene *s);

/* --- Its task ------------------------------------------------------------ */

/* In the place of any that it has. */
void us_scene_begin_task(struct us_scene *s, enum us_work_kind kind,
    enum us_effect_state state);
void us_scene_end_task(struct us_scene *s);
/* Does the provisioner know all that p needs? */
bool us_scene_is_told(struct us_scene *s, const struct us_permission *p);
/*
 * What it is told; the end is that of whoever has it longest. Who has no public
 * key takes away nobody's: it stays in the grant until the effect is gone.
 */
void us_scene_set_grant(struct us_scene *s, const struct us_permission *p);
/* Of p, for whom it is told already, only the end is new. */
void us_scene_set_end(struct us_scene *s, const struct us_permission *p);

void us_scene_provide(struct us_scene *s, const struct us_permission *p);
/* What stands stays as it is until the provisioner knows of p. */
void us_scene_tell_again(struct us_scene *s, const struct us_permission *p);
void us_scene_remove(struct us_scene *s);
/* It is not in place any more, or never was; who waits gets it anew. */
void us_scene_end(struct us_scene *s);

#endif
