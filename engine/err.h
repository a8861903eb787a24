/* SPDX-License-Identifier: Apache-2.0 */
/* The one place where running out of memory ends the process. */
#ifndef US_ERR_H
#define US_ERR_H

#include <stddef.h>

/* Like malloc, calloc, realloc, but never NULL. */
void *us_malloc(size_t n) __attribute__((malloc));
void *us_calloc(size_t n, size_t size);
void *us_realloc(void *p, size_t n);

_Noreturn void us_out_of_memory(void);

#endif
