/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioner exec: PROGRAM grant|revoke|check, the grant as JSON on its
 * standard input. It runs in a process group of its own with an environment
 * of three variables, and is killed with all its children when it takes too
 * long.
 *
 *	exit status    grant, revoke     check
 *	0              done              in place
 *	1              failed for good   not in place
 *	75             try later         cannot tell
 *	another        failed for good   cannot tell
 *	none (killed)  lost: try later   cannot tell
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/provision.h"
#include "daemon/world.h"

#define OUT_MAX (64u * 1024)
#define LOOK_MS 100 /* at `stop` */
#define DEFAULT_PATH \
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:" \
	"/sbin:/bin"

#define INHERITED 3 /* the descriptor of orphan.h, in the program */

/* Ends of pipes, as poll wants them; -1 once closed. */
enum { IN, OUT, ERR, CHILD, POLL_COUNT };

struct run {
	struct us_provision *p;
	pid_t pid;
	struct pollfd fds[POLL_COUNT]; /* CHILD: of the process itself */
	size_t written;		       /* of the grant */
	struct us_buf out, err;
	int64_t deadline; /* us_clock_ticks */
	bool killed;
};

static void
close_end(struct pollfd *end)
{
	if (end->fd >= 0)
		close(end->fd);
	end->fd = -1;
}

/* --- Starting ----------------------------------------------------------- */

/* theirs[i] becomes descriptor i of the program; ours are in run->fds. */
static int
open_pipes(struct run *run, int theirs[3])
{
	for (int i = IN; i <= ERR; i++) {
		int ends[2], ours = i == IN ? 1 : 0;

		if (pipe2(ends, O_CLOEXEC) != 0)
			return errno;
		run->fds[i].fd = ends[ours];
		run->fds[i].events = i == IN ? POLLOUT : POLLIN;
		theirs[i] = ends[!ours];
		fcntl(ends[ours], F_SETFL, O_NONBLOCK);
	}
	return 0;
}

static void
prepare_attributes(posix_spawnattr_t *attributes)
{
	sigset_t set;

	posix_spawnattr_init(attributes);
	posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP |
						 POSIX_SPAWN_SETSIGMASK |
						 POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(attributes, 0);
	sigemptyset(&set);
	posix_spawnattr_setsigmask(attributes, &set);
	sigfillset(&set);
	posix_spawnattr_setsigdefault(attributes, &set);
}

static int
spawn(struct run *run, const int theirs[3])
{
	const struct us_provision *p = run->p;
	char *argv[] = {(char *)(uintptr_t)p->conf->command,
	    (char *)(uintptr_t)us_verb_name(p->verb), NULL};
	const char *path = getenv("PATH"), *lang = getenv("LANG");
	struct us_arena arena = {0};
	char *env[] = {
	    us_arena_printf(&arena, "PATH=%s", path ? path : DEFAULT_PATH),
	    us_arena_printf(&arena, "LANG=%s", lang ? lang : "C.UTF-8"),
	    us_arena_printf(&arena, "USHER_ORG=%.*s", US_ARG(p->org)), NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc;

	posix_spawn_file_actions_init(&actions);
	for (int i = IN; i <= ERR; i++)
		posix_spawn_file_actions_adddup2(&actions, theirs[i], i);
	posix_spawn_file_actions_adddup2(
	    &actions, p->world->programs, INHERITED);
	posix_spawn_file_actions_addclosefrom_np(&actions, INHERITED + 1);
	prepare_attributes(&attributes);
	rc = posix_spawn(&run->pid, argv[0], &actions, &attributes, argv, env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	us_arena_free(&arena);
	return rc;
}

/* 0, or the errno that says why it could not be started. */
static int
start(struct run *run)
{
	int theirs[3] = {-1, -1, -1};
	int rc = open_pipes(run, theirs);

	if (!rc)
		rc = spawn(run, theirs);
	for (int i = IN; i <= ERR; i++) {
		if (theirs[i] >= 0)
			close(theirs[i]);
	}
	if (rc)
		return rc;
	run->fds[CHILD].fd = pidfd_open(run->pid, 0);
	run->fds[CHILD].events = POLLIN;
	return 0;
}

/* --- Talking ------------------------------------------------------------ */

/* What it does not read is not held against it; SIGPIPE is ignored. */
static void
feed(struct run *run)
{
	struct us_str grant = run->p->grant;
	ssize_t n = write(
	    run->fds[IN].fd, grant.p + run->written, grant.n - run->written);

	if (n > 0)
		run->written += (size_t)n;
	else if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0 || run->written == grant.n)
		close_end(&run->fds[IN]);
}

/*
 * What there is to read now, at most as much as a pipe holds; what is too much
 * is read, and not kept.
 */
static void
drain(struct pollfd *end, struct us_buf *out)
{
	char bytes[4096];
	ssize_t n = 1;

	if (end->fd < 0)
		return;
	for (size_t i = 0; i < OUT_MAX / sizeof(bytes) && n > 0; i++) {
		size_t room = OUT_MAX - out->n;

		n = read(end->fd, bytes, sizeof(bytes));
		if (n > 0)
			us_buf_add(
			    out, bytes, (size_t)n < room ? (size_t)n : room);
	}
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		close_end(end);
}

static bool
is_over(const struct run *run)
{
	return us_clock_ticks() >= run->deadline ||
	       (run->p->stop && atomic_load(run->p->stop));
}

/*
 * Until the program has ended; what its children still hold open does not
 * matter. Without a descriptor of the process (an old kernel) until it closed
 * its outputs.
 */
static bool
is_running(const struct run *run)
{
	const struct pollfd *fds = run->fds;

	if (fds[CHILD].fd >= 0)
		return !fds[CHILD].revents;
	return fds[OUT].fd >= 0 || fds[ERR].fd >= 0;
}

static void
talk(struct run *run)
{
	do {
		if (is_over(run)) {
			run->killed = true;
			kill(-run->pid, SIGKILL);
			break;
		}
		if (poll(run->fds, POLL_COUNT, LOOK_MS) < 0)
			continue;
		if (run->fds[IN].fd >= 0 && run->fds[IN].revents)
			feed(run);
		drain(&run->fds[OUT], &run->out);
		drain(&run->fds[ERR], &run->err);
	} while (is_running(run));
}

/* --- What came of it ---------------------------------------------------- */

static enum us_work_result
result_of_status(const struct us_provision *p, int status)
{
	if (status == 0)
		return US_WORK_DONE;
	if (p->verb == US_VERB_CHECK)
		return status == 1 ? US_WORK_ABSENT : US_WORK_LATER;
	return status == EX_TEMPFAIL ? US_WORK_LATER : US_WORK_FAILED;
}

/* In its own words, and when it has none, in ours. */
static void
explain(struct run *run, int status)
{
	struct us_buf text = {0};

	if (run->killed)
		us_buf_printf(&text, "took longer than %u s",
		    run->p->conf->timeout_seconds);
	else if (!us_str_is_blank(us_buf_str(&run->err)))
		us_buf_str_add(&text, us_buf_str(&run->err));
	else if (WIFSIGNALED(status))
		us_buf_printf(&text, "ended by signal %d", WTERMSIG(status));
	else
		us_buf_printf(
		    &text, "ended with status %d", WEXITSTATUS(status));
	us_provision_error(run->p, us_buf_str(&text));
	us_buf_free(&text);
}

static enum us_work_result
finish(struct run *run)
{
	enum us_work_result result = US_WORK_LOST;
	int status = 0;

	while (waitpid(run->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!run->killed && WIFEXITED(status))
		result = result_of_status(run->p, WEXITSTATUS(status));
	if (result == US_WORK_DONE)
		us_provision_generated(run->p, us_buf_str(&run->out));
	else if (result != US_WORK_ABSENT)
		explain(run, status);
	return result;
}

enum us_work_result
us_provision_exec(struct us_provision *p)
{
	struct run run = {
	    .p = p,
	    .fds = {{.fd = -1}, {.fd = -1}, {.fd = -1}, {.fd = -1}},
	    .deadline =
		us_clock_ticks() + INT64_C(1000000) * p->conf->timeout_seconds,
	};
	enum us_work_result result = US_WORK_LATER;
	int rc = start(&run);

	if (rc) {
		us_buf_reset(&p->error);
		us_buf_printf(&p->error, "cannot run %s: %s", p->conf->command,
		    strerror(rc));
	} else {
		talk(&run);
		result = finish(&run);
	}
	for (int i = IN; i < POLL_COUNT; i++)
		close_end(&run.fds[i]);
	us_buf_free(&run.out);
	us_buf_free(&run.err);
	return result;
}
