/* SPDX-License-Identifier: Apache-2.0 */
/* What the load generator is told to do, and the requests that it sends. */
#ifndef US_BENCH_LOAD_H
#define US_BENCH_LOAD_H

#include <stddef.h>
#include <stdint.h>

struct load_options {
	unsigned connections, port;
	double seconds, rate;
	uint64_t requests;
	const char *org, *get, *post, *bodies, *prefix, *duration, *expect;
};

/* A whole request. The places of the number that makes it like no other are
 * all that changes from one sending to the next. */
struct load_form {
	char *text;
	size_t n, places[4];
	unsigned place_count;
};

struct load_forms {
	struct load_form *v;
	size_t n;
};

_Noreturn void load_die(const char *what);
void *load_grow(void *p, size_t n);

/* Makes all requests, whose tokens are the lines of a file; "-": none. */
void load_forms_make(struct load_forms *forms, const struct load_options *o,
    const char *tokens);
/* The text of a request; it holds until the next one is asked for. */
const struct load_form *load_forms_next(
    struct load_forms *forms, uint64_t number);

#endif
