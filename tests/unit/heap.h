/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a thread takes from the heap, counted: with glibc, a program's own
 * malloc is the one that everybody calls. A sanitizer has its own, and nothing
 * is counted. For one file of a program.
 */
#ifndef US_TEST_HEAP_H
#define US_TEST_HEAP_H

#include <stdlib.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define COUNTS_HEAP 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define COUNTS_HEAP 0
#endif
#endif
#ifndef COUNTS_HEAP
#define COUNTS_HEAP 1
#endif

static _Thread_local unsigned long heap_calls;

#if COUNTS_HEAP
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	heap_calls++;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	heap_calls++;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	heap_calls++;
	return __libc_realloc(p, n);
}
#endif

#endif
