/* SPDX-License-Identifier: Apache-2.0 */
/*
 * usage: DOOR [FILE|FOLDER...]
 *
 * Runs a door on the inputs of its corpus, or on those named. An engine that
 * makes inputs has a main of its own, and takes the place of this one.
 */
#include <dirent.h>
#include <stdarg.h>
#include <sys/stat.h>

#include "engine/err.h"
#include "tests/fuzz/fuzz.h"
#include "tests/tap.h"

void
fuzz_broken(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	va_start(ap, fmt);
	fprintf(stderr, "%s: ", fuzz_door);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	abort();
}

void
fuzz_same(const char *what, struct us_str a, struct us_str b)
{
	if (us_str_eq(a, b))
		return;
	fuzz_broken("%s: two answers\n---- %.*s\n---- %.*s", what, US_ARG(a),
	    US_ARG(b));
}

#ifndef US_FUZZ_ENGINE
static void
replay_file(const char *path)
{
	/* At the end of its memory, so that a sanitizer sees too much. */
	uint8_t *data = us_malloc(FUZZ_MAX + 1);
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f) {
		ok(false, "cannot read %s", path);
		free(data);
		return;
	}
	n = fread(data, 1, FUZZ_MAX + 1, f);
	fclose(f);
	data = us_realloc(data, n ? n : 1);
	/* The name first: a door that is broken ends the process. */
	printf("# %s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput(data, n);
	ok(n <= FUZZ_MAX, "%s", path);
	free(data);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static void
replay(const char *path)
{
	struct dirent **entries;
	char name[4096];
	struct stat st;
	int n;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	n = scandir(path, &entries, visible, alphasort);
	ok(n > 0, "%s has inputs", path);
	for (int i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		replay(name);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
}

int
main(int argc, char **argv)
{
	const char *top = getenv("srcdir");
	char corpus[4096];

	snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s",
	    top ? top : ".", fuzz_door);
	if (argc < 2)
		replay(corpus);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	return plan_done();
}
#endif
