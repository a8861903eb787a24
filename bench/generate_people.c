/* SPDX-License-Identifier: Apache-2.0 */
/* The people of the company and their groups. */
#include "bench/generate.h"

static const char *const directories[] = {
    "okta", "okta", "workspace", "entra-id"};

uint64_t
generate_begin(const struct generate *g, enum series series, uint32_t number)
{
	uint64_t state = g->seed;

	state = random_next(&state) ^ (uint64_t)series << 32 ^ number;
	return random_next(&state);
}

bool
generate_chance(uint64_t *state, uint32_t percent)
{
	return random_below(state, 100) < percent;
}

/* Low numbers more often: the square of something even. */
static uint32_t
popular(uint64_t *state, uint32_t n)
{
	uint64_t x = random_below(state, 1 << 16);

	return (uint32_t)(x * x * n >> 32);
}

uint32_t
generate_group(const struct generate *g, uint64_t *state)
{
	return generate_chance(state, 90) ? popular(state, g->groups)
					  : random_below(state, g->groups);
}

bool
generate_is_member(const struct person *person, uint32_t group)
{
	for (uint32_t i = 0; i < person->count; i++) {
		if (person->groups[i] == group)
			return true;
	}
	return false;
}

/* All of so many are different: each the same step away from the last. */
static void
join_many(const struct generate *g, uint64_t *state, struct person *person)
{
	uint32_t first = random_below(state, g->groups);
	uint32_t step = 2 * random_below(state, 100) + 1;

	while (step % 5 == 0)
		step += 2;
	person->count = g->per_person;
	for (uint32_t i = 0; i < person->count; i++)
		person->groups[i] = (first + i * step) % g->groups;
}

void
generate_person(
    const struct generate *g, uint32_t number, struct person *person)
{
	uint64_t state = generate_begin(g, SERIES_PERSON, number);
	uint32_t wanted, group;

	person->number = number;
	person->count = 0;
	if (g->kind == KIND_MEMBERS) {
		join_many(g, &state, person);
		return;
	}
	wanted = 1 + random_below(&state, g->per_person);
	while (wanted--) {
		group = popular(&state, g->groups);
		if (!generate_is_member(person, group))
			person->groups[person->count++] = group;
	}
}

void
generate_put_email(struct us_buf *out, uint32_t person)
{
	us_buf_printf(out, "\"u%05u@example.com\"", person);
}

void
generate_put_group(struct us_buf *out, uint32_t group, bool label)
{
	us_buf_printf(out, "{\"directory\":\"%s\",\"id\":\"g%04u\"",
	    directories[group % 4], group);
	if (label)
		us_buf_printf(out, ",\"label\":\"Group %u\"", group);
	us_buf_putc(out, '}');
}

void
generate_put_client(struct us_buf *out, uint32_t client)
{
	us_buf_printf(out, "\"client-%u\"", client);
}

void
generate_put_provider(struct us_buf *out, uint32_t client)
{
	us_buf_printf(out, "\"%s-idp\"", directories[client % 2 + 1]);
}
