/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Provisioners: which one is for what, what a program may say, and that none
 * outlives its time. And the lanes that rows wait in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/courier_parts.h"
#include "daemon/provision.h"
#include "daemon/world.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

static struct folder folder;

/* A program with this body, for sh. */
static const char *
program(const char *body)
{
	static char path[512];
	static unsigned n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/p%u", folder.path, n++);
	f = fopen(path, "w");
	fprintf(f, "#!/bin/sh\n%s\n", body);
	fchmod(fileno(f), 0700);
	fclose(f);
	return path;
}

/* What came of the last run. */
static struct us_buf error, generated;

static enum us_work_result
run(const char *command, enum us_verb verb, unsigned seconds)
{
	static const atomic_bool stop;
	struct us_conf_provisioner conf = {.name = "test",
	    .type = "exec",
	    .command = command,
	    .timeout_seconds = seconds};
	const struct us_world world = {.programs = STDIN_FILENO};
	struct us_provision p = {.world = &world,
	    .conf = &conf,
	    .verb = verb,
	    .id = US_STR("01ID"),
	    .org = US_STR("acme"),
	    .grant = US_STR("{\"id\":\"01ID\"}"),
	    .stop = &stop};
	enum us_work_result result;

	us_buf_free(&error);
	us_buf_free(&generated);
	result = us_provision_exec(&p);
	error = p.error;
	generated = p.generated;
	return result;
}

static const char *
text(const struct us_buf *buf)
{
	return buf->n ? buf->p : "";
}

/* --- Which one ---------------------------------------------------------- */

static void
test_choice(void)
{
	const char *aws[] = {"aws"}, *all[] = {"*"};
	struct us_conf_provisioner provisioners[] = {
	    {.name = "rest", .services = all, .service_count = 1},
	    {.name = "cloud", .services = aws, .service_count = 1}};
	struct us_conf_org conf = {
	    .provisioners = provisioners, .provisioner_count = 2};
	const struct us_conf_org none = {0};

	is_str(us_provisioner_for(&conf, US_STR("aws"))->name, "cloud",
	    "a provisioner that names the service comes first");
	is_str(us_provisioner_for(&conf, US_STR("ssh"))->name, "rest",
	    "then the one for all others");
	is_str(us_provisioner_for(&none, US_STR("ssh"))->name, "manual",
	    "without any, people do it");
	is_str(us_provisioner_named(&conf, US_STR("manual"))->type, "manual",
	    "and can be found by name");
	ok(!us_provisioner_named(&conf, US_STR("gone")),
	    "one that is not configured any more is not found");
	ok(!us_provisioner_find("exce"), "there is no such type");
}

/* --- Programs ----------------------------------------------------------- */

static void
test_status(void)
{
	is_int(run(program("exit 0"), US_VERB_GRANT, 10), US_WORK_DONE,
	    "status 0: done");
	is_int(run(program("exit 75"), US_VERB_GRANT, 10), US_WORK_LATER,
	    "status 75: later");
	is_str(text(&error), "ended with status 75", "and how it ended");
	is_int(run(program("exit 3"), US_VERB_REVOKE, 10), US_WORK_FAILED,
	    "another status: failed");
	is_int(run(program("kill -9 $$"), US_VERB_GRANT, 10), US_WORK_LOST,
	    "a signal: later, and who knows");
	is_str(text(&error), "ended by signal 9", "and which it was");
	is_int(run(program("exit 0"), US_VERB_CHECK, 10), US_WORK_DONE,
	    "check, 0: in place");
	is_int(run(program("exit 1"), US_VERB_CHECK, 10), US_WORK_ABSENT,
	    "check, 1: not in place");
	is_int(run(program("exit 2"), US_VERB_CHECK, 10), US_WORK_LATER,
	    "check, 2: cannot tell");
	is_int(run("/nowhere/at/all", US_VERB_GRANT, 10), US_WORK_LATER,
	    "a program that is not there: later");
	ok(strstr(text(&error), "cannot run /nowhere/at/all") != NULL,
	    "and that is said");
}

static void
test_words(void)
{
	run(program("echo >&2; echo 'no \033such role' >&2; echo more >&2; "
		    "exit 1"),
	    US_VERB_GRANT, 10);
	is_str(text(&error), "no  such role",
	    "the first line of the error, without controls");
	run(program("printf 'a\\377b' >&2; exit 1"), US_VERB_GRANT, 10);
	is_str(text(&error), "a?b", "as UTF-8");
	run(program("yes | head -c 300000 >&2; exit 1"), US_VERB_GRANT, 10);
	is_str(text(&error), "y", "a flood is read to its end");
	run(program("yes x | tr -d '\\n' | head -c 3000 >&2; exit 1"),
	    US_VERB_GRANT, 10);
	is_int((long)error.n, 500, "a long line is cut");
}

static void
test_generated(void)
{
	run(program("echo '{\"user\" :'; echo '\"ana\"}'"), US_VERB_GRANT, 10);
	is_str(text(&generated), "{\"user\":\"ana\"}",
	    "an object is kept, on one line");
	run(program("echo done"), US_VERB_GRANT, 10);
	is_str(text(&generated), "", "what is no object is not");
	run(program("echo '{\"a\":1,\"a\":2}'"), US_VERB_GRANT, 10);
	is_str(text(&generated), "", "nor what is no strict JSON");
	run(program("cat"), US_VERB_GRANT, 10);
	is_str(text(&generated), "{\"id\":\"01ID\"}",
	    "the grant is on its standard input");
}

static void
test_surroundings(void)
{
	setenv("SECRET", "x", 1);
	run(program("test \"$1\" = revoke || exit 1; "
		    "test -z \"$SECRET\" || exit 2; "
		    "test \"$USHER_ORG\" = acme || exit 3; "
		    "test -n \"$PATH\" || exit 4; "
		    "test ! -e /proc/self/fd/9 || exit 5; echo '{}'"),
	    US_VERB_REVOKE, 10);
	is_str(text(&generated), "{}",
	    "it gets its verb, three variables and three descriptors");
}

/* --- Time --------------------------------------------------------------- */

static bool
is_alive(const char *file)
{
	char path[512];
	long pid = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder.path, file);
	f = fopen(path, "r");
	if (f && fscanf(f, "%ld", &pid) != 1)
		pid = 0;
	if (f)
		fclose(f);
	for (unsigned i = 0; pid && i < 50; i++) {
		const struct timespec ts = {.tv_nsec = 20000000};
		char state[64] = "";

		if (kill((pid_t)pid, 0) != 0)
			return false;
		/* A zombie that init has not taken yet is dead too. */
		snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
		f = fopen(path, "r");
		if (f && fscanf(f, "%*d %*s %63s", state) == 1 && *state == 'Z')
			pid = 0;
		if (f)
			fclose(f);
		nanosleep(&ts, NULL);
	}
	return pid != 0;
}

static void
test_time(void)
{
	int64_t start = us_clock_ticks();
	char body[512];

	snprintf(body, sizeof(body),
	    "sleep 60 & echo $! >%s/child; trap '' TERM; wait", folder.path);
	is_int(run(program(body), US_VERB_GRANT, 1), US_WORK_LOST,
	    "what takes too long is lost, and tried later");
	is_str(text(&error), "took longer than 1 s", "and that is said");
	ok(us_clock_ticks() - start < 10000000, "in time");
	ok(!is_alive("child"), "its children are gone too");
	start = us_clock_ticks();
	is_int(run(program("sleep 30 & exit 0"), US_VERB_GRANT, 20),
	    US_WORK_DONE, "a child that holds the pipes does not matter");
	ok(us_clock_ticks() - start < 10000000, "nor is it waited for");
	is_int(
	    run(program("exec >&- 2>&-; sleep 1; exit 3"), US_VERB_GRANT, 20),
	    US_WORK_FAILED, "a program that closes its outputs goes on");
}

/* --- Lanes -------------------------------------------------------------- */

static uint64_t
take(struct us_lane *lane, int64_t ticks)
{
	struct us_parcel parcel;

	return us_lane_take(lane, ticks, &parcel) ? parcel.seq : 0;
}

static void
test_lane(void)
{
	struct us_lane lane = {0};

	for (uint64_t i = 1; i <= 3; i++)
		us_lane_add(&lane, &(struct us_parcel){.seq = i});
	us_lane_wait(&lane, &(struct us_parcel){.seq = 11, .due = 300});
	us_lane_wait(&lane, &(struct us_parcel){.seq = 12, .due = 100});
	us_lane_wait(&lane, &(struct us_parcel){.seq = 13, .due = 200});
	is_int((long)take(&lane, 50), 1, "a new row, while none is due");
	is_int((long)take(&lane, 250), 12, "the row that is due first");
	is_int((long)take(&lane, 250), 2, "new rows and old ones in turn");
	is_int((long)take(&lane, 250), 13, "the next that is due");
	is_int((long)take(&lane, 250), 3, "the last new one");
	is_int((long)take(&lane, 250), 0, "then nothing is due");
	is_int((long)us_lane_due(&lane), 300, "until 300");
	ok(us_lane_hurry(&lane, 11), "a row can be hurried");
	ok(!us_lane_hurry(&lane, 99), "but not one that is not there");
	is_int((long)take(&lane, 250), 11, "and comes at once");
	for (unsigned i = 0; us_lane_has_room(&lane); i++)
		us_lane_add(&lane, &(struct us_parcel){.seq = i + 1});
	is_int((long)lane.n, US_LANE_MAX, "a lane is bounded");
	us_lane_free(&lane);
}

/* What nobody heard is not lost: nothing can come of it later. */
static void
test_unheard(void)
{
	const struct us_post_call calls[] = {
	    {"http://127.0.0.1:1/", US_STR("t"), US_STR("{}"), 5, NULL},
	    {"http://nowhere.invalid/", US_STR("t"), US_STR("{}"), 5, NULL}};
	char url[64];
	const struct us_post_call deaf = {
	    url, US_STR("t"), US_STR("{}"), 1, NULL};
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t n = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct us_buf answer = {0}, why = {0};
	struct us_post *post;

	us_post_begin();
	post = us_post_new();
	for (unsigned i = 0; i < 2; i++) {
		is_int(us_post(post, &calls[i], &answer, &why), 0,
		    "%s does not answer", calls[i].url);
		ok(!us_post_was_sent(post), "and was sent nothing");
	}
	/* The kernel takes the call, and nobody answers. */
	bind(fd, (struct sockaddr *)&address, n);
	listen(fd, 1);
	getsockname(fd, (struct sockaddr *)&address, &n);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/",
	    (unsigned)ntohs(address.sin_port));
	is_int(us_post(post, &deaf, &answer, &why), 0, "no answer in time");
	ok(us_post_was_sent(post), "but it may have been heard");
	close(fd);
	us_post_free(post);
	us_post_end();
	us_buf_free(&answer);
	us_buf_free(&why);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN); /* as main.c does */
	folder = folder_new();
	test_choice();
	test_status();
	test_words();
	test_generated();
	test_surroundings();
	test_time();
	test_lane();
	test_unheard();
	us_buf_free(&error);
	us_buf_free(&generated);
	folder_remove(&folder);
	return plan_done();
}
