/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Couriers and the keeper, with the real life of requests and programs that
 * write down what they are asked to do.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/log.h"
#include "daemon/courier_parts.h"
#include "tests/tap.h"
#include "tests/unit/folder.h"

#define REQUESTS 200
#define PATIENCE_MS 60000

static struct folder folder;
static char clock_path[512], log_path[512];

/* --- The world ---------------------------------------------------------- */

static const char *aws[] = {"aws"}, *ssh[] = {"ssh"};
static struct us_conf_provisioner provisioners[] = {
    {.name = "cloud",
	.type = "exec",
	.services = aws,
	.service_count = 1,
	.timeout_seconds = 30,
	.parallel = 4},
    {.name = "hosts",
	.type = "exec",
	.services = ssh,
	.service_count = 1,
	.timeout_seconds = 30,
	.parallel = 1},
};
static struct us_conf_org acme = {
    .name = "acme", .provisioners = provisioners, .provisioner_count = 2};
static struct us_conf conf = {.orgs = &acme, .org_count = 1};

static struct us_world world;

static void
set_clock(int64_t ms)
{
	char beside[600];
	FILE *f;

	snprintf(beside, sizeof(beside), "%s.new", clock_path);
	f = fopen(beside, "w");
	fprintf(f, "%lld\n", (long long)ms);
	fclose(f);
	rename(beside, clock_path);
}

/* The program of provisioner i gets this body, for sh; LOG: the log's path. */
static void
set_program(unsigned i, const char *body)
{
	static char paths[2][512];
	char *path = paths[i];
	FILE *f;

	snprintf(path, sizeof(paths[i]), "%s/program%u", folder.path, i);
	provisioners[i].command = path;
	f = fopen(path, "w");
	fprintf(f,
	    "#!/bin/sh\nLOG=%s\n"
	    "ID=$(sed 's/.*\"id\":\"\\([^\"]*\\).*/\\1/')\n%s\n",
	    log_path, body);
	fchmod(fileno(f), 0700);
	fclose(f);
}

static void
world_open(void)
{
	struct us_buf error = {0};

	world = (struct us_world){.conf = &conf};
	us_store_open(folder.path, (size_t)1 << 28, 0, NULL, &world.store);
	us_due_open(&world);
	world.writer = us_writer_start(world.store);
	world.key = us_token_key_open(folder.path);
	world.orgs = calloc(1, sizeof(*world.orgs));
	world.orgs[0] = us_org_open(&world, US_STR("acme"), 0, &acme, &error);
	ok(world.orgs[0] != NULL, "the organisation opens");
	world.org_count = 1;
	world.keeper = us_keeper_start(&world);
	world.couriers = us_couriers_start(&world);
	us_keeper_wake(world.keeper);
	us_couriers_wake(world.couriers);
}

static void
world_close(unsigned drain_ms)
{
	us_keeper_stop(world.keeper);
	us_couriers_stop(world.couriers, drain_ms);
	us_org_close(world.orgs[0]);
	us_writer_stop(world.writer);
	us_keeper_free(world.keeper);
	us_couriers_free(world.couriers);
	us_token_key_free(world.key);
	us_store_close(world.store);
	free(world.orgs);
}

/* --- Requests ----------------------------------------------------------- */

struct grant {
	struct us_write w; /* first */
	struct us_arena arena;
	const char *service;
	char ids[REQUESTS][27];
	unsigned n;
	atomic_bool done;
};

static bool
apply(struct us_write *write, struct us_txn *txn)
{
	struct grant *g = (struct grant *)write;
	struct us_change change =
	    us_change_begin(world.orgs[0], txn, &g->arena);

	for (unsigned i = 0; i < g->n; i++) {
		struct us_permission p = {.principal = US_STR("a@example.com"),
		    .asker = US_STR("a@example.com"),
		    .service = us_str(g->service),
		    .access = US_STR("role"),
		    .attributes = US_STR("{}"),
		    .arguments = US_STR("[]"),
		    .decision = US_STR("{}")};
		struct us_step step = {
		    .event = US_EVENT_GRANT, .duration = 3600};

		us_permission_new_id(change.now, g->ids[i]);
		p.id = us_str(g->ids[i]);
		p.item = p.label = p.id;
		us_life_step(&change, &p, &step);
	}
	return true;
}

static void
publish(struct us_write *write)
{
	struct grant *g = (struct grant *)write;

	us_life_publish(world.orgs[0], us_str(g->ids[0]));
}

static void
finish(struct us_write *write, enum us_write_result result)
{
	struct grant *g = (struct grant *)write;

	atomic_store(&g->done, result == US_WRITE_DONE);
}

static void
pause_ms(long ms)
{
	const struct timespec ts = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&ts, NULL);
}

static struct grant *
grant(const char *service, unsigned n)
{
	struct grant *g = calloc(1, sizeof(*g));

	g->w = (struct us_write){
	    .apply = apply, .publish = publish, .finish = finish};
	g->service = service;
	g->n = n;
	us_writer_submit(world.writer, &g->w);
	us_writer_drain(world.writer);
	ok(atomic_load(&g->done), "requests for %s are granted", service);
	return g;
}

static void
grant_free(struct grant *g)
{
	us_arena_free(&g->arena);
	free(g);
}

static bool
counts(void *arg, const struct us_permission *p)
{
	(void)p;
	++*(unsigned *)arg;
	return true;
}

static unsigned
in_status(enum us_status status)
{
	struct us_permission_scan scan = {
	    .scope = US_SCAN_STATUS, .status = status};
	struct us_txn *txn = us_txn_read(world.store);
	unsigned n = 0;

	us_permission_scan(txn, US_STR("acme"), &scan, counts, &n);
	us_txn_abort(txn);
	return n;
}

static bool
come(enum us_status status, unsigned n)
{
	for (int i = 0; i < PATIENCE_MS / 20; i++) {
		if (in_status(status) == n)
			return true;
		pause_ms(20);
	}
	printf("# %u are %s\n", in_status(status), us_status_name(status));
	return false;
}

static bool
outbox_empties(void)
{
	for (int i = 0; i < PATIENCE_MS / 20; i++) {
		if (!us_courier_stats(world.couriers).waiting)
			return true;
		pause_ms(20);
	}
	return false;
}

/* How many lines of the log say that. */
static unsigned
logged(const char *verb, const char *id)
{
	char line[128], wanted[128];
	FILE *f = fopen(log_path, "r");
	unsigned n = 0;

	snprintf(wanted, sizeof(wanted), "%s %s\n", verb, id);
	while (f && fgets(line, sizeof(line), f))
		n += strcmp(line, wanted) == 0;
	if (f)
		fclose(f);
	return n;
}

static bool
all_once(const struct grant *g, const char *verb)
{
	for (unsigned i = 0; i < g->n; i++) {
		if (logged(verb, g->ids[i]) != 1)
			return false;
	}
	return true;
}

/* --- Tests -------------------------------------------------------------- */

/* Rows that were due for an organisation which is not served any more. */
static void
leave_rows(unsigned n)
{
	struct us_store *store;
	struct us_txn *txn;
	char id[32];

	us_store_open(folder.path, (size_t)1 << 28, 0, NULL, &store);
	txn = us_txn_write(store);
	for (unsigned i = 0; i < n; i++) {
		struct us_key key = {0};

		snprintf(id, sizeof(id), "%026u", i);
		us_key_number(&key, 1);
		us_key_text(&key, US_STR("gone"));
		us_key_number(&key, US_DUE_END);
		us_key_text(&key, us_str(id));
		us_txn_put(txn, US_TABLE_DUE, us_key_str(&key), US_STR(""));
	}
	us_txn_commit(txn);
	us_store_close(store);
}

static void
test_life(void)
{
	struct grant *g;

	set_clock(INT64_C(1800000000000));
	leave_rows(1000);
	world_open();
	g = grant("aws", REQUESTS);
	ok(come(US_STATUS_DONE, REQUESTS), "all are put in place");
	ok(all_once(g, "grant"), "each once");
	ok(outbox_empties(), "nothing is left to do");
	set_clock(INT64_C(1800000000000) + 3599 * 1000);
	pause_ms(300);
	is_int(in_status(US_STATUS_DONE), REQUESTS, "they last their time");
	set_clock(INT64_C(1800000000000) + 3700 * 1000);
	ok(come(US_STATUS_EXPIRED, REQUESTS), "and end with it");
	ok(all_once(g, "revoke"), "each is taken away once");
	ok(outbox_empties(), "nothing is left to do again");
	world_close(1000);
	grant_free(g);
}

/* One provisioner that hangs holds up no other, nor the end of usherd. */
static void
test_hanging(void)
{
	struct grant *slow, *quick;
	int64_t start;

	set_program(1, "echo \"$1 $ID\" >>$LOG; sleep 25");
	world_open();
	slow = grant("ssh", 3);
	quick = grant("aws", 20);
	ok(come(US_STATUS_DONE, 20), "the others are put in place");
	is_int(in_status(US_STATUS_APPROVED), 3, "those that hang are not");
	start = us_clock_ticks();
	world_close(200);
	ok(us_clock_ticks() - start < 10000000, "the end is not held up");
	set_program(1, "echo \"$1 $ID\" >>$LOG");
	world_open();
	ok(come(US_STATUS_DONE, 23), "after the next start they are tried");
	is_int(logged("grant", slow->ids[0]), 2, "the one cut off once more");
	is_int(logged("grant", slow->ids[2]), 1, "the last for the first time");
	world_close(1000);
	grant_free(slow);
	grant_free(quick);
}

/* What is set back does not last longer, and what leaps ahead ends. */
static void
test_clock(void)
{
	int64_t at = INT64_C(1800000000000) + 3700 * 1000;

	set_clock(at - 86400 * INT64_C(1000));
	world_open();
	pause_ms(300);
	is_int(in_status(US_STATUS_DONE), 23, "a day back ends nothing");
	set_clock(at - 86400 * INT64_C(1000) + 3700 * 1000);
	ok(come(US_STATUS_EXPIRED, REQUESTS + 23),
	    "and an hour later all have ended");
	set_clock(at + 86400 * INT64_C(1000));
	ok(outbox_empties(), "all is done");
	world_close(1000);
}

/* --- A notifier that is away -------------------------------------------- */

#define MANY (US_NOTICES_MAX + 300)

static struct us_conf_notifier away = {.name = "away",
    .type = "webhook",
    .url = "http://127.0.0.1:1/",
    .timeout_seconds = 1};

static bool
apply_notices(struct us_write *write, struct us_txn *txn)
{
	struct grant *g = (struct grant *)write;
	struct us_change change =
	    us_change_begin(world.orgs[0], txn, &g->arena);

	for (unsigned i = 0; i < MANY; i++)
		us_notice_add_json(&change, US_NOTICE_REQUESTED, US_STR("id"),
		    US_STR("{}"));
	return true;
}

static void
publish_notices(struct us_write *write)
{
	(void)write;
	us_couriers_wake(world.couriers);
}

static bool
outbox_has(uint64_t n)
{
	for (int i = 0; i < PATIENCE_MS / 20; i++) {
		if (us_courier_stats(world.couriers).waiting == n)
			return true;
		pause_ms(20);
	}
	return false;
}

/* Notices for one that is away do not fill the store. */
static void
test_away(void)
{
	struct grant *g = calloc(1, sizeof(*g));
	uint64_t tries;

	acme.notifiers = &away;
	acme.notifier_count = 1;
	world_open();
	g->w = (struct us_write){.apply = apply_notices,
	    .publish = publish_notices,
	    .finish = finish};
	us_writer_submit(world.writer, &g->w);
	us_writer_drain(world.writer);
	ok(outbox_has(US_NOTICES_MAX), "the oldest are given up");
	pause_ms(500);
	ok(outbox_has(US_NOTICES_MAX), "the others wait");
	ok(us_courier_stats(world.couriers).failures <= 10,
	    "and not each of them is tried");
	tries = us_courier_stats(world.couriers).failures;
	set_clock(us_clock_now() + INT64_C(2) * 86400 * 1000);
	ok(outbox_empties(), "two days later all are given up");
	ok(us_courier_stats(world.couriers).failures - tries >=
		US_NOTICES_MAX,
	    "which counts");
	world_close(1000);
	acme.notifier_count = 0;
	grant_free(g);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	folder = folder_new();
	snprintf(clock_path, sizeof(clock_path), "%s/clock", folder.path);
	snprintf(log_path, sizeof(log_path), "%s/log", folder.path);
	conf.clock_file = clock_path;
	us_clock_follow(clock_path);
	us_log_open(US_LOG_ERROR, false);
	set_program(0, "echo \"$1 $ID\" >>$LOG");
	set_program(1, "echo \"$1 $ID\" >>$LOG");
	test_life();
	test_hanging();
	test_clock();
	test_away();
	folder_remove(&folder);
	return plan_done();
}
