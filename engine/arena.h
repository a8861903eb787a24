/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arenas: memory that is taken piece by piece and given back at once. A
 * ruleset owns one, so does a program, so does the scratch of a matcher.
 * Running out of memory ends the process (err.h).
 */
#ifndef US_ARENA_H
#define US_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "engine/str.h"

struct us_arena_block;

struct us_arena {
	struct us_arena_block *first, *now;
	size_t used; /* bytes taken of `now` */
};

/* A zeroed struct us_arena is an empty arena. */
void us_arena_free(struct us_arena *a);

/* Forgets all pieces, keeps the blocks for what comes next. */
void us_arena_reset(struct us_arena *a);

/* Bytes held in blocks, used or not. */
size_t us_arena_size(const struct us_arena *a);

/* n zeroed bytes, aligned for any type. */
void *us_arena_alloc(struct us_arena *a, size_t n);

/* The same, not zeroed. */
void *us_arena_room(struct us_arena *a, size_t n);

/* A copy of n bytes, aligned for any type; NULL when there are none. */
void *us_arena_copy(struct us_arena *a, const void *p, size_t n);

/* A copy of s, with a NUL behind it. */
struct us_str us_arena_str(struct us_arena *a, struct us_str s);
char *us_arena_printf(struct us_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
char *us_arena_vprintf(struct us_arena *a, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* Room for more elements of `size` bytes than n; see us_list_add. */
void *us_arena_grow(
    struct us_arena *a, void *v, uint32_t n, uint32_t *cap, size_t size);

/* A growing array in an arena; v moves when it grows. */
#define US_LIST(type)                                                          \
	struct {                                                               \
		type *v;                                                       \
		uint32_t n, cap;                                               \
	}

/* Adds a zeroed element to the list l points to; points to the element. */
#define us_list_add(a, l)                                                      \
	((l)->v = (l)->n < (l)->cap                                            \
		? (l)->v                                                       \
		: us_arena_grow((a), (l)->v, (l)->n, &(l)->cap,                \
		      sizeof(*(l)->v)),                                        \
	    memset(&(l)->v[(l)->n], 0, sizeof(*(l)->v)), &(l)->v[(l)->n++])

/* Room for n elements of an empty list, which stays where it is until then. */
#define us_list_reserve(a, l, n_)                                              \
	((l)->v = us_arena_room((a), (n_) * sizeof(*(l)->v)),                  \
	    (void)((l)->cap = (n_)))

/* Makes list l a copy of list from, with room for no more. */
#define us_list_copy(a, l, from)                                               \
	((l)->v = us_arena_copy((a), (from)->v, (from)->n * sizeof(*(l)->v)),  \
	    (void)((l)->n = (l)->cap = (from)->n))

/* for (each element e of list l); an empty list has no array to point into */
#define US_EACH(e, l)                                                          \
	for ((e) = (l)->v; (l)->n && (e) != (l)->v + (l)->n; (e)++)

#endif
