/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provisioner that remembers what usherd may forget:
 *
 *	provisioner grant|revoke|check <GRANT
 *
 * Beside the program, in `standing`, is a file for each effect that stands:
 * its name is the id, its content who has what. `log` has a line for each
 * effect that came or went, in this order. How a grant goes is in the last
 * letter of the item's name:
 *
 *	l  the first try fails, and may be made again
 *	f  it fails for good
 *	d  it fails for good, but left the effect behind
 *	s  the first try takes its time
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { DONE = 0, FAILED = 1, ABSENT = 1, LATER = 75 };

#define TEXT_MAX 1024
#define SLOW_US 700000

static char grant[1 << 16];

/* Our names need no escapes: a member's value ends at the next quote. */
static void
member(const char *name, char value[TEXT_MAX])
{
	char pattern[64];
	const char *p;
	size_t n;

	snprintf(pattern, sizeof(pattern), "\"%s\":", name);
	p = strstr(grant, pattern);
	if (!p) {
		fprintf(stderr, "the grant has no %s\n", name);
		exit(FAILED);
	}
	p += strlen(pattern);
	p += strspn(p, " \"");
	n = strcspn(p, "\"");
	snprintf(value, TEXT_MAX, "%.*s", (int)n, p);
}

/* One write, so that lines of several processes stay whole. */
static void
tell(const char *word, const char *id, const char *what)
{
	int fd = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || dprintf(fd, "%s %s %s\n", word, id, what) < 0)
		exit(LATER);
	close(fd);
}

static bool
stands(const char *id)
{
	char path[TEXT_MAX + 16];

	snprintf(path, sizeof(path), "standing/%s", id);
	return access(path, F_OK) == 0;
}

/*
 * Idempotent: what stands is not made twice. Who is killed meanwhile leaves
 * all of it or nothing.
 */
static void
make(const char *id, const char *what)
{
	char path[TEXT_MAX + 16], draft[32];
	int fd, made;

	snprintf(path, sizeof(path), "standing/%s", id);
	snprintf(draft, sizeof(draft), "draft-%d", (int)getpid());
	fd = open(draft, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || dprintf(fd, "%s", what) < 0 || close(fd) != 0)
		exit(LATER);
	made = link(draft, path);
	if (made != 0 && errno != EEXIST)
		exit(LATER);
	unlink(draft);
	tell(made == 0 ? "came" : "again", id, what);
}

static void
take_away(const char *id, const char *what)
{
	char path[TEXT_MAX + 16];

	snprintf(path, sizeof(path), "standing/%s", id);
	if (unlink(path) == 0)
		tell("went", id, what);
	else if (errno == ENOENT)
		tell("was-gone", id, what);
	else
		exit(LATER);
}

/* Is this the first try for the effect? */
static bool
is_first(const char *id)
{
	char path[TEXT_MAX + 16];
	int fd;

	snprintf(path, sizeof(path), "tried/%s", id);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int
put_in_place(const char *id, const char *what, char how)
{
	switch (how) {
	case 'l':
		if (is_first(id)) {
			fputs("busy\n", stderr);
			return LATER;
		}
		break;
	case 'f':
		fputs("no such thing\n", stderr);
		return FAILED;
	case 'd':
		make(id, what);
		fputs("half of it is there\n", stderr);
		return FAILED;
	case 's':
		if (is_first(id))
			usleep(SLOW_US);
		break;
	}
	make(id, what);
	return DONE;
}

int
main(int argc, char **argv)
{
	char id[TEXT_MAX], principal[TEXT_MAX], item[TEXT_MAX],
	    what[2 * TEXT_MAX + 2], *slash = strrchr(argv[0], '/');
	ssize_t n;
	size_t got = 0;

	if (argc != 2 || !slash)
		return FAILED;
	*slash = '\0';
	if (chdir(argv[0]) != 0)
		return LATER;
	while (got < sizeof(grant) - 1 &&
	       (n = read(0, grant + got, sizeof(grant) - 1 - got)) > 0)
		got += (size_t)n;
	member("id", id);
	member("principal", principal);
	member("item", item);
	snprintf(what, sizeof(what), "%s %s", principal, item);
	if (strcmp(argv[1], "grant") == 0)
		return put_in_place(id, what, item[strlen(item) - 1]);
	if (strcmp(argv[1], "check") == 0)
		return stands(id) ? DONE : ABSENT;
	if (strcmp(argv[1], "revoke") != 0)
		return FAILED;
	take_away(id, what);
	return DONE;
}
