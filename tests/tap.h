/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests in C, told as TAP. A test program calls ok, is_int and is_str as often
 * as it likes and ends with `return plan_done();`. Each returns whether it
 * passed, so that a test can stop where going on makes no sense. The names of
 * tests are printf formats.
 */
#ifndef US_TAP_H
#define US_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned tap_run, tap_failed;

/* A text as a diagnostic: every line of it behind "# ". */
static inline void
tap_note(const char *label, const char *text)
{
	printf("# %s ", label);
	if (text == NULL)
		fputs("NULL", stdout);
	else
		for (; *text != '\0'; text++) {
			putchar(*text);
			if (*text == '\n')
				fputs("#   ", stdout);
		}
	putchar('\n');
}

/* One result. In a name, # would begin a directive and a line end ends it. */
static inline bool __attribute__((format(printf, 4, 0)))
tap_result(bool passed, const char *file, int line, const char *fmt, va_list ap)
{
	char name[512];

	vsnprintf(name, sizeof(name), fmt, ap);
	printf("%s %u - ", passed ? "ok" : "not ok", ++tap_run);
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '#')
			putchar('\\');
		putchar(*p == '\n' ? ' ' : *p);
	}
	putchar('\n');
	if (!passed) {
		tap_failed++;
		printf("# at %s:%d\n", file, line);
	}
	fflush(stdout); /* a crash after this must not hide it */
	return passed;
}

static inline bool __attribute__((format(printf, 4, 5)))
tap_ok(bool passed, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	tap_result(passed, file, line, fmt, ap);
	va_end(ap);
	return passed;
}

static inline bool __attribute__((format(printf, 5, 6)))
tap_is_int(intmax_t got, intmax_t want, const char *file, int line,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!tap_result(got == want, file, line, fmt, ap))
		printf(
		    "#  got: %" PRIdMAX "\n# want: %" PRIdMAX "\n", got, want);
	va_end(ap);
	return got == want;
}

static inline bool __attribute__((format(printf, 5, 6)))
tap_is_str(const char *got, const char *want, const char *file, int line,
    const char *fmt, ...)
{
	bool same = got == want ||
		    (got != NULL && want != NULL && strcmp(got, want) == 0);
	va_list ap;

	va_start(ap, fmt);
	if (!tap_result(same, file, line, fmt, ap)) {
		tap_note(" got:", got);
		tap_note("want:", want);
	}
	va_end(ap);
	return same;
}

#define ok(cond, ...) tap_ok((cond), __FILE__, __LINE__, __VA_ARGS__)
#define is_int(got, want, ...) \
	tap_is_int((intmax_t)(got), (intmax_t)(want), __FILE__, __LINE__, \
	    __VA_ARGS__)
#define is_str(got, want, ...) \
	tap_is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* A test that cannot run here, counted but neither passed nor failed. */
static inline void
skip(const char *why)
{
	printf("ok %u # SKIP %s\n", ++tap_run, why);
	fflush(stdout);
}

/* Prints the plan; the exit status of main. */
static inline int
plan_done(void)
{
	printf("1..%u\n", tap_run);
	return tap_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
