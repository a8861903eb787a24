/* SPDX-License-Identifier: Apache-2.0 */
/* usher fmt: files in their canonical form. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/args.h"
#include "cli/diff.h"
#include "cli/out.h"
#include "engine/check.h"
#include "grammar/load.h"
#include "grammar/print.h"

struct fmt {
	const struct us_args *args;
	struct us_arena arena;
	struct us_buf text; /* what a file should be */
	int status;
};

static void
worsen(struct fmt *f, int status)
{
	if (status > f->status)
		f->status = status;
}

/* A folder may lack one of the two kinds of files, but not both. */
static bool
expand(struct fmt *f, const char *path, us_paths *out, struct us_diags *diags)
{
	struct us_diags ignored = {0};
	uint32_t before = out->n;
	struct stat st;
	bool some;

	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		*us_list_add(&f->arena, out) = path;
		return true;
	}
	some = us_load_expand(path, ".usher", &f->arena, out, &ignored);
	some |= us_load_expand(path, ".test", &f->arena, out, &ignored);
	us_diags_free(&ignored);
	if (!some)
		out->n = before;
	return some || us_load_expand(path, ".usher", &f->arena, out, diags);
}

/* The tree, or the testset, owns src from here on. */
static void
print_rules(struct fmt *f, struct us_src *src, struct us_diags *diags)
{
	struct us_ruleset *rs = us_ruleset_new();

	if (us_load_src(rs, src, diags) == 0)
		us_print_source(rs, src, &f->text);
	us_diags_sort(diags);
	us_out_diags(diags);
	worsen(f, us_out_status(diags));
	us_ruleset_free(rs);
}

static void
print_tests(struct fmt *f, struct us_src *src, struct us_diags *diags)
{
	struct us_testset *ts = us_load_tests(src, diags);

	if (!diags->errors)
		us_print_tests(ts, &f->text);
	us_diags_sort(diags);
	us_out_diags(diags);
	worsen(f, us_out_status(diags));
	us_testset_free(ts);
}

/*
 * Writes f->text beside the file and renames it over the file, so that nobody
 * ever sees half of it. What a link names is replaced, not the link.
 */
static bool
replace_file(const struct fmt *f, const char *path, mode_t mode)
{
	char *real = realpath(path, NULL);
	struct us_buf name = {0};
	int fd, error;
	FILE *out;

	us_buf_printf(&name, "%s.XXXXXX", real ? real : path);
	fd = mkstemp(name.p);
	out = fd < 0 ? NULL : fdopen(fd, "w");
	error = errno;
	if (out) {
		errno = 0;
		fwrite(f->text.p, 1, f->text.n, out);
		if (fflush(out) != 0 || fchmod(fd, mode & 07777) != 0 ||
		    fsync(fd) != 0 || rename(name.p, real) != 0)
			error = errno;
		else
			error = 0;
		fclose(out);
		if (error)
			unlink(name.p);
	}
	if (error)
		us_out_error("cannot write \"%s\": %s", path, strerror(error));
	us_buf_free(&name);
	free(real);
	return !error;
}

static void
rewrite(struct fmt *f, const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0) {
		us_out_error("cannot read \"%s\": %s", path, strerror(errno));
		worsen(f, US_EXIT_BAD);
	} else if (!replace_file(f, path, st.st_mode)) {
		worsen(f, US_EXIT_BAD);
	}
}

/* Does with f->text what the options say. */
static void
deliver(struct fmt *f, const char *path, struct us_str was)
{
	struct us_buf out = {0};
	bool same = us_str_eq(us_buf_str(&f->text), was);

	if (us_args_has(f->args, US_FLAG_WRITE)) {
		if (!same)
			rewrite(f, path);
	} else if (us_args_has(f->args, US_FLAG_CHECK)) {
		if (!same)
			us_buf_printf(&out, "%s\n", path);
		worsen(f, same ? US_EXIT_OK : US_EXIT_NO);
	} else if (us_args_has(f->args, US_FLAG_DIFF)) {
		us_diff(path, "formatted", was, us_buf_str(&f->text),
		    us_out_colour(stdout), &out);
		worsen(f, same ? US_EXIT_OK : US_EXIT_NO);
	} else {
		us_out(&f->text);
	}
	us_out(&out);
	us_buf_free(&out);
}

static enum us_format
format_of(const struct fmt *f, const char *path)
{
	if (strcmp(path, "-") == 0 && us_args_has(f->args, US_FLAG_TEST_INPUT))
		return US_FORMAT_TEST;
	return us_format_of(path);
}

static void
format_file(struct fmt *f, const char *path)
{
	enum us_format format = format_of(f, path);
	struct us_diags diags = {0};
	struct us_src *src;
	struct us_buf was = {0};

	if (format == US_FORMAT_JSON || format == US_FORMAT_YAML) {
		us_args_wrong(f->args,
		    "\"%s\" is no file of the language; 'usher "
		    "import' makes one of it",
		    path);
		worsen(f, US_EXIT_BAD);
		return;
	}
	us_buf_reset(&f->text);
	src = us_load_file(path, format, US_WORKFLOW_MAX, &diags);
	if (src)
		us_buf_add(&was, src->text, src->size);
	if (src && format == US_FORMAT_TEST)
		print_tests(f, src, &diags);
	else if (src)
		print_rules(f, src, &diags);
	else
		us_out_diags(&diags);
	if (!diags.errors)
		deliver(f, path, us_buf_str(&was));
	worsen(f, us_out_status(&diags));
	us_buf_free(&was);
	us_diags_free(&diags);
}

/* Options that exclude each other, and files too many to print. */
static bool
usage_ok(const struct us_args *args, const us_paths *paths)
{
	bool write = us_args_has(args, US_FLAG_WRITE);
	bool check = us_args_has(args, US_FLAG_CHECK);
	bool diff = us_args_has(args, US_FLAG_DIFF);
	const char **path;

	if (write + check + diff > 1) {
		us_args_wrong(args, "--write, --check and --diff exclude each "
				    "other");
		return false;
	}
	if (paths->n > 1 && !write && !check && !diff) {
		us_args_wrong(args,
		    "%u files are too many to print: say -w, "
		    "--check or --diff",
		    paths->n);
		return false;
	}
	US_EACH (path, paths) {
		if (write && strcmp(*path, "-") == 0) {
			us_args_wrong(args, "-w cannot rewrite standard input");
			return false;
		}
	}
	return true;
}

int
us_cmd_fmt(struct us_args *args)
{
	struct fmt f = {.args = args};
	us_paths paths = {0};
	struct us_diags diags = {0};
	const char **path;

	for (uint32_t i = 0; i < args->operands.n; i++)
		expand(&f, args->operands.v[i], &paths, &diags);
	us_out_diags(&diags);
	worsen(&f, us_out_status(&diags));
	if (!usage_ok(args, &paths)) {
		worsen(&f, US_EXIT_BAD);
	} else {
		US_EACH (path, &paths)
			format_file(&f, *path);
	}
	us_diags_free(&diags);
	us_buf_free(&f.text);
	us_arena_free(&f.arena);
	return f.status;
}
