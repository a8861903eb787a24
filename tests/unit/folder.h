/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, and its end. */
#ifndef US_TESTS_FOLDER_H
#define US_TESTS_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

struct folder {
	char path[256];
};

static inline struct folder
folder_new(void)
{
	const char *tmp = getenv("TMPDIR");
	struct folder f;

	snprintf(
	    f.path, sizeof(f.path), "%s/usher-test-XXXXXX", tmp ? tmp : "/tmp");
	if (mkdtemp(f.path) == NULL) {
		printf("Bail out! no temporary folder\n");
		exit(99);
	}
	return f;
}

/* A file of that name; its path, until the next is written. */
static inline const char *
folder_write(const struct folder *f, const char *name, const char *text)
{
	static char path[300];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", f->path, name);
	file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0) {
		printf("Bail out! cannot write %s\n", path);
		exit(99);
	}
	return path;
}

static inline int
folder_remove_one(
    const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static inline void
folder_remove(const struct folder *f)
{
	nftw(f->path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
