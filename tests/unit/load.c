/* SPDX-License-Identifier: Apache-2.0 */
/* Files, folders and what else a path can name, in a folder made for it. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/check.h"
#include "grammar/load.h"
#include "tests/tap.h"

static const char RULE[] = "rule %s {\n\tfrom any;\n\tto any;\n"
			   "\tapprove reviewers;\n}\n";

static void
put_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file))
		perror(path);
}

static void
put_rule(const char *path, const char *name)
{
	char text[256];

	snprintf(text, sizeof(text), RULE, name);
	put_file(path, text);
}

static int
remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

/* What loading the paths says: the ids of its errors, and unreadable. */
static const char *
load_paths(const char *const *paths, unsigned n, uint32_t *sources)
{
	static char said[256];
	struct us_ruleset *rs = us_ruleset_new();
	struct us_diags diags = {0};
	unsigned errors;
	char *copies[8];

	for (unsigned i = 0; i < n; i++)
		copies[i] = strdup(paths[i]);
	errors = us_load(rs, copies, n, &diags);
	said[0] = '\0';
	for (uint32_t i = 0; i < diags.list.n; i++)
		snprintf(said + strlen(said), sizeof(said) - strlen(said),
		    "%s ", us_diag_name(diags.list.v[i].id));
	if (errors != diags.errors)
		strcat(said, "(wrong count) ");
	if (diags.unreadable)
		strcat(said, "(unreadable)");
	if (sources)
		*sources = rs->sources.n;
	for (unsigned i = 0; i < n; i++)
		free(copies[i]);
	us_ruleset_free(rs);
	us_diags_free(&diags);
	return said;
}

static const char *
load_one(const char *path)
{
	return load_paths(&path, 1, NULL);
}

/* The message that reading a file ends in, or its text. */
static const char *
read_one(const char *path, uint32_t max)
{
	static char said[256 * 1024];
	struct us_diags diags = {0};
	struct us_src *src = us_load_file(path, US_FORMAT_RULES, max, &diags);

	snprintf(said, sizeof(said), "%s",
	    src		   ? src->text
	    : diags.list.n ? diags.list.v[0].text
			   : "");
	us_src_free(src);
	us_diags_free(&diags);
	return said;
}

static void
test_formats(void)
{
	static const struct {
		const char *name;
		enum us_format format;
	} rows[] = {{"a.json", US_FORMAT_JSON}, {"a.yaml", US_FORMAT_YAML},
	    {"b/a.yml", US_FORMAT_YAML}, {"a.test", US_FORMAT_TEST},
	    {"a.usher", US_FORMAT_RULES}, {"json", US_FORMAT_RULES},
	    {"-", US_FORMAT_RULES}, {"", US_FORMAT_RULES}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		is_int(us_format_of(rows[i].name), rows[i].format,
		    "format of \"%s\"", rows[i].name);
}

static void
test_files(void)
{
	put_file("ten", "0123456789");
	is_str(read_one("ten", 10), "0123456789", "a file as large as allowed");
	is_str(read_one("ten", 9),
	    "\"ten\" is larger than 9 bytes, which is the limit",
	    "a file of one byte more");
	is_str(read_one("none", 9),
	    "cannot read \"none\": No such file or directory", "no file");
	is_str(read_one(".", 9), "cannot read \".\": Is a directory",
	    "a folder is no file");
	is_str(read_one("/dev/zero", 1024 * 1024),
	    "\"/dev/zero\" is larger than 1 MiB, which is the limit",
	    "a device without end");
	put_file("closed", "x");
	chmod("closed", 0);
	if (access("closed", R_OK) == 0)
		skip("this user may read everything");
	else
		is_str(read_one("closed", 9),
		    "cannot read \"closed\": Permission denied",
		    "a file that may not be read");
}

/* What read_one says of standard input when that is fd. */
static const char *
read_standard(int fd, uint32_t max)
{
	int saved = dup(STDIN_FILENO);
	const char *said;

	dup2(fd, STDIN_FILENO);
	said = read_one("-", max);
	dup2(saved, STDIN_FILENO);
	close(saved);
	return said;
}

/* Whether a text of n bytes is read whole, from a file and from a pipe. */
static bool
reads(size_t n, uint32_t max)
{
	char *text = calloc(n + 1, 1);
	bool good;
	int fds[2];

	memset(text, 'x', n);
	put_file("long", text);
	good = strcmp(read_one("long", max), text) == 0;
	if (pipe(fds) == 0 && fork() == 0) {
		close(fds[0]);
		_exit(write(fds[1], text, n) != (ssize_t)n);
	}
	close(fds[1]);
	good = good && strcmp(read_standard(fds[0], max), text) == 0;
	close(fds[0]);
	wait(NULL);
	free(text);
	return good;
}

/* Around what there is room for at first, and for what there is in the end. */
static void
test_lengths(void)
{
	static const uint32_t rows[] = {
	    0, 1, 4095, 4096, 4097, 8191, 8192, 12288, 65536, 200000};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		ok(reads(rows[i], rows[i]), "a text of %u bytes", rows[i]);
		ok(rows[i] == 0 || !reads(rows[i], rows[i] - 1),
		    "one byte less is allowed");
	}
}

static void
test_pipes(void)
{
	int fd;
	pid_t child;

	mkfifo("fifo", 0600);
	is_str(read_one("fifo", 9),
	    "cannot read \"fifo\": nothing writes to this pipe",
	    "a pipe nobody writes to does not hang");
	/* Held open, so that the reader finds a writer and waits for it. */
	fd = open("fifo", O_RDWR);
	child = fork();
	if (child == 0) {
		close(fd);
		fd = open("fifo", O_WRONLY);
		usleep(100000);
		_exit(write(fd, "late", 4) != 4);
	}
	usleep(50000);
	close(fd);
	is_str(read_one("fifo", 9), "late", "a pipe is waited for");
	waitpid(child, NULL, 0);
}

static void
test_standard_input(void)
{
	int fd = open("ten", O_RDONLY);

	is_str(read_standard(fd, 10), "0123456789", "standard input");
	lseek(fd, 0, SEEK_SET);
	is_str(read_standard(fd, 9),
	    "\"-\" is larger than 9 bytes, which is the limit",
	    "standard input has a limit");
	close(fd);
}

/* A file with holes: nothing may read all of it to find it too large. */
static void
test_huge(void)
{
	int fd = open("huge.json", O_CREAT | O_WRONLY, 0600);

	if (ftruncate(fd, 130L * 1024 * 1024))
		perror("huge.json");
	close(fd);
	is_str(load_one("huge.json"), "limit ", "a file of 130 MiB");
	is_str(read_one("huge.json", US_WORKFLOW_MAX),
	    "\"huge.json\" is larger than 128 MiB, which is the limit",
	    "what is said of it");
	remove("huge.json");
}

/* The files of a folder in order, each behind a space. */
static const char *
expand(const char *path, bool want)
{
	static char said[512];
	struct us_diags diags = {0};
	struct us_arena a = {0};
	us_paths paths = {0};
	const char **p;

	said[0] = '\0';
	if (us_load_expand(path, ".usher", &a, &paths, &diags) != want)
		strcat(said, "(wrong answer) ");
	US_EACH (p, &paths)
		snprintf(said + strlen(said), sizeof(said) - strlen(said),
		    "%s ", *p);
	if (diags.list.n)
		strcat(said, diags.list.v[0].text);
	us_arena_free(&a);
	us_diags_free(&diags);
	return said;
}

static void
test_folders(void)
{
	mkdir("rules", 0700);
	mkdir("rules/b", 0700);
	mkdir("rules/.git", 0700);
	mkdir("empty", 0700);
	is_str(expand("empty", false),
	    "cannot read \"empty\": the folder has no *.usher files",
	    "a folder without rules");
	put_rule("rules/z.usher", "z");
	put_rule("rules/Z.usher", "Z");
	put_rule("rules/b/a.usher", "a");
	put_rule("rules/b.usher", "b");
	put_rule("rules/.hidden.usher", "hidden");
	put_rule("rules/.git/x.usher", "x");
	put_file("rules/a.test", "");
	put_file("rules/a.usher~", "not a rule");
	if (symlink("../rules", "rules/loop.usher") ||
	    symlink("z.usher", "rules/link.usher"))
		perror("symlink");
	is_str(expand("rules", true),
	    "rules/Z.usher rules/b.usher rules/b/a.usher rules/link.usher "
	    "rules/z.usher ",
	    "the files of a folder, by the bytes of their names");
	is_str(expand("rules/z.usher", true), "rules/z.usher ",
	    "a file stands for itself");
	is_str(expand("none", true), "none ", "so does what is not there");
	is_str(load_one("empty"), "unreadable (unreadable)",
	    "loading a folder without rules");
	is_str(load_one("none"), "unreadable (unreadable)",
	    "loading what is not there");
	is_str(load_one("rules"), "", "loading a folder");
}

static void
test_once(void)
{
	static const char *const paths[] = {"rules/z.usher", "rules",
	    "./rules/z.usher", "rules/../rules/b.usher"};
	uint32_t sources;

	is_str(load_paths(paths, 4, &sources), "", "files named again");
	is_int(sources, 4, "are loaded once");
}

#define ANY "\"requestor\": {\"type\": \"any\"}"

/* Every error of every file in one run. */
static void
test_all_errors(void)
{
	static const char *const paths[] = {"empty.usher", "empty.json",
	    "shape.json", "name.yaml", "none", "x.test"};

	put_file("empty.usher", "");
	put_file("empty.json", "");
	put_file("x.test", "");
	put_file("shape.json",
	    "[{\"name\": \"a\", " ANY ", \"resource\": 1, \"approval\": []}]");
	put_file("name.yaml",
	    "- {name: b, requestor: {type: any}, resource: {type: "
	    "integration, service: awz}, approval: []}\n");
	is_str(load_one("empty.usher"), "", "an empty file has no rules");
	is_str(load_paths(paths + 2, 2, NULL), "type unknown-name ",
	    "errors of shape and of names");
	is_str(load_paths(paths, 6, NULL),
	    "syntax type unreadable syntax (unreadable)",
	    "what is missing is not unknown as well");
}

int
main(void)
{
	char folder[] = "load-XXXXXX";

	if (!mkdtemp(folder) || chdir(folder)) {
		perror(folder);
		return EXIT_FAILURE;
	}
	test_formats();
	test_files();
	test_lengths();
	test_pipes();
	test_standard_input();
	test_huge();
	test_folders();
	test_once();
	test_all_errors();
	if (chdir("..") || nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS))
		perror(folder);
	return plan_done();
}
