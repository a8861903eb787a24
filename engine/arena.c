/* SPDX-License-Identifier: Apache-2.0 */
/* Arenas: a chain of blocks, each at least twice the one before. */
#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/arena.h"
#include "engine/err.h"

#define ALIGNMENT alignof(max_align_t) /* suits any type */
#define FIRST_BLOCK 4096
#define LARGEST_BLOCK (1024 * 1024)
/* Most lists of these have one, and there are many such lists. */
#define LARGE_ELEMENT 64

struct us_arena_block {
	struct us_arena_block *next;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void
us_arena_free(struct us_arena *a)
{
	struct us_arena_block *next;

	for (struct us_arena_block *b = a->first; b; b = next) {
		next = b->next;
		free(b);
	}
	*a = (struct us_arena){0};
}

void
us_arena_reset(struct us_arena *a)
{
	a->now = a->first;
	a->used = 0;
}

size_t
us_arena_size(const struct us_arena *a)
{
	size_t n = 0;

	for (struct us_arena_block *b = a->first; b; b = b->next)
		n += sizeof(*b) + b->size;
	return n;
}

/* Makes `now` a block with room for n bytes: one kept by a reset, or new. */
static void
next_block(struct us_arena *a, size_t n)
{
	struct us_arena_block *b = a->now, **link = b ? &b->next : &a->first;
	size_t size = b ? b->size * 2 : FIRST_BLOCK;

	if (!*link || (*link)->size < n) {
		if (size > LARGEST_BLOCK)
			size = LARGEST_BLOCK;
		if (size < n)
			size = n;
		b = us_malloc(sizeof(*b) + size);
		b->size = size;
		b->next = *link;
		*link = b;
	}
	a->now = *link;
	a->used = 0;
}

static inline size_t
round_up(size_t n)
{
	if (n > SIZE_MAX / 2)
		us_out_of_memory();
	return (n + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

void *
us_arena_room(struct us_arena *a, size_t n)
{
	void *p;

	n = round_up(n);
	if (!a->now || a->now->size - a->used < n)
		next_block(a, n);
	p = a->now->bytes + a->used;
	a->used += n;
	return p;
}

void *
us_arena_alloc(struct us_arena *a, size_t n)
{
	return memset(us_arena_room(a, n), 0, n);
}

void *
us_arena_copy(struct us_arena *a, const void *p, size_t n)
{
	return n ? memcpy(us_arena_room(a, n), p, n) : NULL;
}

struct us_str
us_arena_str(struct us_arena *a, struct us_str s)
{
	char *p = us_arena_room(a, s.n + 1);

	if (s.n)
		memcpy(p, s.p, s.n);
	us_str_end(p, s.n);
	return (struct us_str){p, s.n};
}

char *
us_arena_vprintf(struct us_arena *a, const char *fmt, va_list ap)
{
	size_t room = a->now ? a->now->size - a->used : 0;
	char *p = room ? (char *)a->now->bytes + a->used : NULL;
	va_list again;
	int n;

	/* Where it will stand, if there is room for it. */
	va_copy(again, ap);
	n = vsnprintf(p, room, fmt, ap);
	if (n < 0)
		us_out_of_memory();
	if ((size_t)n < room) {
		a->used += round_up((size_t)n + 1);
	} else {
		p = us_arena_room(a, (size_t)n + 1);
		vsnprintf(p, (size_t)n + 1, fmt, again);
	}
	va_end(again);
	return p;
}

char *
us_arena_printf(struct us_arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = us_arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

/*
 * A list that fills a large block grows with its block, so that one of millions
 * of elements leaves no old copies behind. NULL when it shares its block.
 */
static void *
grow_block(struct us_arena *a, const void *p, size_t old, size_t n)
{
	struct us_arena_block **link = &a->first;
	bool newest;

	if (old < LARGEST_BLOCK)
		return NULL;
	while (*link && ((*link)->bytes != p || (*link)->size != old))
		link = &(*link)->next;
	if (!*link)
		return NULL;
	newest = *link == a->now;
	*link = us_realloc(*link, sizeof(**link) + n);
	(*link)->size = n;
	if (newest) {
		a->now = *link;
		a->used = n;
	}
	return (*link)->bytes;
}

void *
us_arena_grow(
    struct us_arena *a, void *v, uint32_t n, uint32_t *cap, size_t size)
{
	void *p;

	if (n > UINT32_MAX / 2)
		us_out_of_memory();
	*cap = n ? n * 2 : size < LARGE_ELEMENT ? 4 : 1;
	p = grow_block(a, v, round_up(n * size), round_up(*cap * size));
	if (!p) {
		p = us_arena_room(a, *cap * size);
		if (n)
			memcpy(p, v, n * size);
	}
	return p;
}
