/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioners put effects in place and take them away. Each has grant,
 * revoke and check; each call is idempotent by the id in the grant, and
 * bounded in time. Calls block, and are made by couriers.
 */
#ifndef US_PROVISION_H
#define US_PROVISION_H

#include <stdatomic.h>

#include "daemon/conf.h"
#include "daemon/effect.h"
#include "daemon/post.h"

enum us_verb { US_VERB_GRANT, US_VERB_REVOKE, US_VERB_CHECK };
const char *us_verb_name(enum us_verb verb); /* "grant", ... */

/* One call: what it is about, and what came of it. */
struct us_provision {
	const struct us_world *world;
	const struct us_conf_provisioner *conf;
	enum us_verb verb;
	struct us_str id;    /* of the effect */
	struct us_str org;
	struct us_str grant; /* JSON */
	uint64_t seq;        /* of the task: later ones have higher numbers */
	struct us_post *post;     /* of the thread that calls */
	const atomic_bool *stop;  /* usherd ends: break off */
	struct us_buf error; /* in words, one line, nothing secret */
	struct us_buf generated; /* JSON object, or empty */
};

/*
 * One row of provisioner.def for each type. check answers DONE (in place),
 * ABSENT, ACCEPTED (still on its way), or LATER (cannot tell).
 */
struct us_provisioner {
	const char *type; /* "exec" */
	enum us_work_result (*call)(struct us_provision *p);
	const char *help;
};
/* NULL when there is no such type. */
const struct us_provisioner *us_provisioner_find(const char *type);

/* For provisioners: why it failed, cut to one line that can be shown. */
void us_provision_error(struct us_provision *p, struct us_str text);
/* What the other side gave, if it is an object; kept on one line. */
void us_provision_generated(struct us_provision *p, struct us_str json);

#define US_PROVISIONER(name, function, help)                                   \
	enum us_work_result function(struct us_provision *p);
#include "daemon/provisioner.def"

/* The provisioner of a service; never NULL: manual when none is named. */
const struct us_conf_provisioner *us_provisioner_for(
    const struct us_conf_org *conf, struct us_str service);
/*
 * That of an effect; NULL when the configuration has it no more, or as one of
 * another type, which knows nothing of what stands.
 */
const struct us_conf_provisioner *us_provisioner_of(
    const struct us_conf_org *conf, const struct us_effect_record *effect);
/* By its name; NULL when the configuration has it no more. */
const struct us_conf_provisioner *us_provisioner_named(
    const struct us_conf_org *conf, struct us_str name);

#endif
