/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A company that does not exist, from a seed: its people and their groups,
 * what can be asked for, rules, and requests. Everybody and everything has a
 * number and is made from it alone, whenever it is needed: nothing is stored,
 * and the same seed makes the same files anywhere.
 */
#ifndef US_BENCH_GENERATE_H
#define US_BENCH_GENERATE_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/buf.h"
#include "tests/random.h"

#define PEOPLE 20000
#define ITEMS 800
#define CLIENTS 10
#define GROUPS_MAX 5000 /* of a person */
#define RULE_GROUPS_MAX 3
#define ATTRS_MAX 12 /* of an item */
#define NOBODY UINT32_MAX

/* What a workload is about. */
enum kind {
#define KIND(id, name, help) KIND_##id,
#include "bench/generate.def"
	KIND_COUNT
};

struct generate {
	uint64_t seed;
	enum kind kind;
	uint32_t rules, requests;
	uint32_t groups;     /* in the company */
	uint32_t per_person; /* at most */
};

/* Of what a number stands for. */
enum series { SERIES_PERSON, SERIES_ITEM, SERIES_RULE, SERIES_REQUEST };

/* Where the random numbers begin that make one of a series. */
uint64_t generate_begin(
    const struct generate *g, enum series series, uint32_t number);
bool generate_chance(uint64_t *state, uint32_t percent);
#define PICK(state, array) \
	((array)[random_below(state, sizeof(array) / sizeof(*(array)))])

/* --- People: generate_people.c ---------------------------------------------
 */

struct person {
	uint32_t number, count;
	uint32_t groups[GROUPS_MAX];
};

void generate_person(
    const struct generate *g, uint32_t number, struct person *person);
bool generate_is_member(const struct person *person, uint32_t group);
/* Some groups are in many rules. */
uint32_t generate_group(const struct generate *g, uint64_t *state);
void generate_put_email(struct us_buf *out, uint32_t person);
void generate_put_group(struct us_buf *out, uint32_t group, bool label);
void generate_put_client(struct us_buf *out, uint32_t client);
void generate_put_provider(struct us_buf *out, uint32_t client);

/* --- Items: generate_item.c ------------------------------------------------
 */

struct item {
	uint32_t number;
	const char *service, *access;
	const char *team, *env, *region, *product, *role, *verb, *thing;
	uint32_t count, account;
	bool sudo;
	bool bare; /* lacks what is optional */
};

/* A filter and its key that items of a service and an access type have. */
struct attr {
	const char *service, *access, *filter, *key; /* no key: a boolean */
	const char *text;
	bool optional;
};

void generate_item(
    const struct generate *g, uint32_t number, struct item *item);
/* The attributes of an item, those of one filter beside each other. */
unsigned generate_attrs(const struct item *item, const struct attr **out);
void generate_put_value(
    struct us_buf *out, const struct item *item, const struct attr *attr);
const char *generate_env(uint64_t *state);

/* --- Patterns: generate_pattern.c ------------------------------------------
 */

/* A pattern that the value contains a match of. */
void generate_pattern(const struct generate *g, uint64_t *state,
    struct us_str value, struct us_buf *out);

/* --- Rules: generate_rule.c ------------------------------------------------
 */

enum who { WHO_GROUPS, WHO_OUTSIDE, WHO_PERSON, WHO_AGENT, WHO_ANY };
enum agent { AGENT_ANY, AGENT_CLIENT, AGENT_OWNER, AGENT_OWNERS, AGENT_IDP };
enum behind { BEHIND_ANY, BEHIND_NOBODY, BEHIND_PERSON, BEHIND_GROUPS };

/* The groups are of the requestor or behind the agent, `owners` of the agent's
 * owner; a person likewise. */
struct rule {
	uint64_t state; /* what is not decided yet begins here */
	struct item item;
	enum who who;
	enum agent agent;
	enum behind behind;
	uint32_t person, owner, client;
	uint32_t groups[RULE_GROUPS_MAX], count;
	uint32_t owners;
};

void generate_rule(
    const struct generate *g, uint32_t number, struct rule *rule);
void generate_put_rule(const struct generate *g, uint32_t number,
    struct rule *rule, struct us_buf *out);

/* --- Requests: generate_request.c ------------------------------------------
 */

void generate_put_request(
    const struct generate *g, uint32_t number, struct us_buf *out);

#endif
