/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests as data: every file of a folder goes in, and what comes out must be in
 * the file beside it with .out behind its name. With US_UPDATE set, what comes
 * out is written there instead (tests/json/update does so).
 */
#ifndef US_CASES_H
#define US_CASES_H

#include <dirent.h>

#include "engine/buf.h"
#include "engine/diag.h"
#include "grammar/load.h"
#include "tests/tap.h"

/* A file of the source tree, wherever the tests are built. */
static inline void
cases_path(char *out, size_t n, const char *path)
{
	const char *top = getenv("srcdir");

	snprintf(out, n, "%s/%s", top ? top : ".", path);
}

/* All of a file; false when there is none. */
static inline bool
cases_read(const char *path, struct us_buf *text)
{
	FILE *file = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (!file)
		return false;
	while ((n = fread(piece, 1, sizeof(piece), file)) > 0)
		us_buf_add(text, piece, n);
	fclose(file);
	return true;
}

static inline void
cases_write(const char *path, const struct us_buf *text)
{
	FILE *file = fopen(path, "wb");

	if (!file || fwrite(us_buf_str(text).p, 1, text->n, file) != text->n ||
	    fclose(file))
		perror(path);
}

/* All diagnostics as a person would see them. */
static inline void
cases_diags(struct us_diags *diags, struct us_buf *out)
{
	us_diags_sort(diags);
	for (uint32_t i = 0; i < diags->list.n; i++)
		us_diag_text(&diags->list.v[i], false, out);
}

static inline int
cases_filter(const struct dirent *entry)
{
	const char *end = strrchr(entry->d_name, '.');

	return entry->d_name[0] != '.' && end && strcmp(end, ".out") != 0;
}

static inline void
cases_one(const char *folder, const char *name,
    void (*run)(struct us_src *src, struct us_buf *out))
{
	struct us_buf text = {0}, got = {0}, want = {0};
	struct us_src *src;
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	cases_read(path, &text);
	src = us_src_new(name, us_buf_str(&text), us_format_of(name));
	run(src, &got);
	snprintf(path, sizeof(path), "%s/%s.out", folder, name);
	if (getenv("US_UPDATE"))
		cases_write(path, &got);
	cases_read(path, &want);
	is_str(us_buf_str(&got).p, us_buf_str(&want).p, "%s", name);
	us_buf_free(&text);
	us_buf_free(&got);
	us_buf_free(&want);
}

/* Runs the cases of a folder of the source tree; run owns src. */
static inline void
cases_run(
    const char *folder, void (*run)(struct us_src *src, struct us_buf *out))
{
	struct dirent **names;
	char path[512];
	int n;

	cases_path(path, sizeof(path), folder);
	n = scandir(path, &names, cases_filter, alphasort);
	ok(n > 0, "%s has cases", folder);
	for (int i = 0; i < n; i++) {
		cases_one(path, names[i]->d_name, run);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
}

#endif
