/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files, folders and texts to a checked tree. Files are read whole and
 * within a limit, whatever they are: a pipe or a device can be endless.
 */
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/check.h"
#include "engine/json.h"
#include "engine/json_rules.h"
#include "grammar/load.h"
#include "grammar/parse.h"
#include "grammar/yaml_rules.h"

static bool
ends_in(const char *name, const char *suffix)
{
	size_t n = strlen(name), k = strlen(suffix);

	return n >= k && !strcmp(name + n - k, suffix);
}

enum us_format
us_format_of(const char *name)
{
	static const struct {
		const char *suffix;
		enum us_format format;
	} rows[] = {{".json", US_FORMAT_JSON}, {".yaml", US_FORMAT_YAML},
	    {".yml", US_FORMAT_YAML}, {".test", US_FORMAT_TEST}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (ends_in(name, rows[i].suffix))
			return rows[i].format;
	}
	return US_FORMAT_RULES;
}

static void
unreadable(struct us_diags *diags, const char *path, const char *why)
{
	us_diag_add(diags, US_DIAG_UNREADABLE, (struct us_loc){0},
	    "cannot read \"%s\": %s", path, why);
	diags->unreadable = true;
}

static void
too_large(struct us_diags *diags, const char *path, uint32_t max)
{
	bool mib = max % (1024 * 1024) == 0;

	us_diag_add(diags, US_DIAG_LIMIT, (struct us_loc){0},
	    "\"%s\" is larger than %u %s, which is the limit", path,
	    mib ? max / (1024 * 1024) : max, mib ? "MiB" : "bytes");
}

/* The least room to read into. */
#define PIECE 4096

/*
 * One more piece, at most n bytes; 0 at the end, -1 with errno. The file was
 * opened without waiting, so that a pipe nobody writes to ends at once; one
 * that somebody holds open is worth waiting for.
 */
static ssize_t
read_piece(int fd, struct us_buf *text, size_t n)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	ssize_t got;

	for (;;) {
		got = read(fd, text->p + text->n, n);
		if (got > 0)
			text->n += (size_t)got;
		text->p[text->n] = '\0';
		if (got >= 0 || (errno != EAGAIN && errno != EINTR))
			return got;
		if (errno == EAGAIN && poll(&ready, 1, -1) < 0 &&
		    errno != EINTR)
			return -1;
	}
}

/* All of fd into text, or false with a diagnostic. */
static bool
read_all(int fd, const char *path, uint32_t max, struct us_buf *text,
    struct us_diags *diags)
{
	size_t room, most;
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		if (st.st_size > max) {
			too_large(diags, path, max);
			return false;
		}
		us_buf_reserve(text, (size_t)st.st_size + PIECE);
	}
	do {
		us_buf_reserve(text, PIECE);
		room = text->cap - text->n - 1;
		most = (size_t)max - text->n + 1; /* shows that it is larger */
		got = read_piece(fd, text, room < most ? room : most);
		if (text->n > max) {
			too_large(diags, path, max);
			return false;
		}
	} while (got > 0);
	if (got < 0) {
		unreadable(diags, path, strerror(errno));
		return false;
	}
	if (!text->n && fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
	    fd != STDIN_FILENO) {
		unreadable(diags, path, "nothing writes to this pipe");
		return false;
	}
	return true;
}

struct us_src *
us_load_file(const char *path, enum us_format format, uint32_t max,
    struct us_diags *diags)
{
	bool standard = !strcmp(path, "-");
	struct us_buf text = {0};
	struct us_src *src = NULL;
	int fd = STDIN_FILENO;

	if (!standard)
		fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (fd < 0) {
		unreadable(diags, path, strerror(errno));
		return NULL;
	}
	if (read_all(fd, path, max, &text, diags))
		src = us_src_take(path, &text, format);
	us_buf_free(&text);
	if (!standard)
		close(fd);
	return src;
}

/* A tree of values into rules; JSON and YAML differ before this only. */
static unsigned
load_values(struct us_ruleset *rs, struct us_src *src, struct us_diags *diags)
{
	struct us_json_value value;
	uint32_t before = diags->errors;
	bool good = src->format == US_FORMAT_YAML
			? us_yaml_parse(src, diags, &value)
			: us_json_parse(src, diags, &value);

	if (good)
		us_rules_from_json(rs, src, value, diags);
	else /* The services that others use may have been in there. */
		rs->services_broken = true;
	return diags->errors - before;
}

unsigned
us_load_src(struct us_ruleset *rs, struct us_src *src, struct us_diags *diags)
{
	*us_list_add(&rs->arena, &rs->sources) = src;
	switch (src->format) {
	case US_FORMAT_JSON:
	case US_FORMAT_YAML:
		return load_values(rs, src, diags);
	case US_FORMAT_RULES:
		return us_parse_rules(rs, src, diags);
	case US_FORMAT_TEST:
		break;
	}
	us_diag_add(diags, US_DIAG_SYNTAX, (struct us_loc){src, 0, 0},
	    "this is a test file; rules were expected (run it with "
	    "\"usher test\")");
	return 1;
}

/* A file is missing: what it was to define is not unknown as well. */
static void
miss_file(struct us_ruleset *rs)
{
	rs->groups_broken = true;
	rs->services_broken = true;
}

static void
load_file(struct us_ruleset *rs, const char *path, struct us_diags *diags)
{
	struct us_src *src =
	    us_load_file(path, us_format_of(path), US_WORKFLOW_MAX, diags);

	if (src)
		us_load_src(rs, src, diags);
	else
		miss_file(rs);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/*
 * Is this a file of the folder that was asked for? Names that begin with a dot
 * are the notes of editors and version control.
 */
static bool
is_wanted(const FTSENT *entry, const char *suffix)
{
	struct stat st;

	if (entry->fts_level > 0 && entry->fts_name[0] == '.')
		return false;
	if (!ends_in(entry->fts_name, suffix))
		return false;
	if (entry->fts_info == FTS_SL) /* links to folders are not followed */
		return stat(entry->fts_accpath, &st) || !S_ISDIR(st.st_mode);
	return true;
}

/* Adds the files of a folder; false with a diagnostic. */
static bool
walk_folder(const char *path, const char *suffix, struct us_arena *a,
    us_paths *out, struct us_diags *diags)
{
	char *roots[] = {us_arena_printf(a, "%s", path), NULL};
	FTS *fts =
	    fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
	bool good = fts != NULL;
	FTSENT *entry;

	if (!good)
		unreadable(diags, path, strerror(errno));
	while (fts && (entry = fts_read(fts))) {
		switch (entry->fts_info) {
		case FTS_DNR:
		case FTS_ERR:
		case FTS_NS:
			unreadable(
			    diags, entry->fts_path, strerror(entry->fts_errno));
			good = false;
			break;
		case FTS_D:
			if (entry->fts_level > 0 && entry->fts_name[0] == '.')
				fts_set(fts, entry, FTS_SKIP);
			break;
		case FTS_DP:
		case FTS_DC:
			break;
		default:
			if (is_wanted(entry, suffix))
				*us_list_add(a, out) =
				    us_arena_printf(a, "%s", entry->fts_path);
		}
	}
	if (fts)
		fts_close(fts);
	return good;
}

bool
us_load_expand(const char *path, const char *suffix, struct us_arena *a,
    us_paths *out, struct us_diags *diags)
{
	uint32_t before = out->n;
	struct stat st;

	if (!strcmp(path, "-") || stat(path, &st) || !S_ISDIR(st.st_mode)) {
		/* What cannot be read is told where it is read. */
		*us_list_add(a, out) = us_arena_printf(a, "%s", path);
		return true;
	}
	if (!walk_folder(path, suffix, a, out, diags))
		return false;
	if (out->n == before) {
		unreadable(diags, path,
		    us_arena_printf(a, "the folder has no *%s files", suffix));
		return false;
	}
	qsort(out->v + before, out->n - before, sizeof(*out->v), by_bytes);
	return true;
}

/* Which files a load has read: what they are, not how they are called. */
struct seen {
	struct us_arena arena;
	US_LIST(struct identity {
		const char *path;
		bool exists;
		dev_t device;
		ino_t inode;
	})
	files;
};

/* True at the second time, also under another name. */
static bool
is_seen(struct seen *seen, const char *path)
{
	struct identity new = {.path = path}, *old;
	struct stat st;

	if (!stat(path, &st)) {
		new.exists = true;
		new.device = st.st_dev;
		new.inode = st.st_ino;
	}
	US_EACH (old, &seen->files) {
		if (!strcmp(old->path, path) ||
		    (new.exists && old->exists && old->device == new.device &&
			old->inode == new.inode))
			return true;
	}
	*us_list_add(&seen->arena, &seen->files) = new;
	return false;
}

static void
load_path(struct us_ruleset *rs, const char *path, struct seen *seen,
    struct us_diags *diags)
{
	us_paths files = {0};
	const char **file;

	if (!us_load_expand(path, ".usher", &seen->arena, &files, diags))
		miss_file(rs);
	US_EACH (file, &files) {
		if (!is_seen(seen, *file))
			load_file(rs, *file, diags);
	}
}

unsigned
us_load_path(struct us_ruleset *rs, const char *path, struct us_diags *diags)
{
	struct seen seen = {0};
	uint32_t before = diags->errors;

	load_path(rs, path, &seen, diags);
	us_arena_free(&seen.arena);
	return diags->errors - before;
}

unsigned
us_load(struct us_ruleset *rs, char *const *paths, unsigned n,
    struct us_diags *diags)
{
	struct seen seen = {0};
	uint32_t before = diags->errors;

	for (unsigned i = 0; i < n; i++)
		load_path(rs, paths[i], &seen, diags);
	us_check(rs, diags);
	us_arena_free(&seen.arena);
	return diags->errors - before;
}

struct us_testset *
us_load_tests(struct us_src *src, struct us_diags *diags)
{
	struct us_testset *ts = us_testset_new(src);

	us_parse_tests(ts, diags);
	return ts;
}
