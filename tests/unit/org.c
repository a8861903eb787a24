/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Organisations: versions follow one another, and loops adopt what is
 * published while others publish. Under ThreadSanitizer this is the test of
 * who may free a program.
 */
#include <pthread.h>
#include <unistd.h>

#include "daemon/clock.h"
#include "daemon/revise.h"
#include "daemon/version.h"
#include "daemon/world.h"
#include "engine/verdict.h"
#include "tests/tap.h"

static struct us_world world;
static struct us_org *org;
static char folder[] = "/tmp/usher-org-XXXXXX";

static void
open_world(void)
{
	static const struct us_conf_org conf = {.name = "acme"};
	struct us_buf error = {0};

	us_store_open(folder, (size_t)1 << 28, 0, NULL, &world.store);
	world.writer = us_writer_start(world.store);
	world.orgs = &org;
	world.org_count = 1;
	org = us_org_open(&world, US_STR("acme"), 0, &conf, &error);
	ok(org != NULL, "it opens %s", error.p ? error.p : "");
	us_buf_free(&error);
}

/* --- Closing ------------------------------------------------------------ */

/* A write that outlives its client, and asks for its organisation. */
struct late {
	struct us_write write; /* first */
	size_t name_bytes;
	bool finished;
};

static bool
apply_late(struct us_write *write, struct us_txn *txn)
{
	struct late *late = (struct late *)write;

	(void)txn;
	usleep(50 * 1000);
	late->name_bytes = org->name.n;
	return false;
}

static void
finish_late(struct us_write *write, enum us_write_result result)
{
	struct late *late = (struct late *)write;

	late->finished = result == US_WRITE_REFUSED;
}

static void
close_world(void)
{
	struct late late = {
	    .write = {.apply = apply_late, .finish = finish_late}};

	us_writer_submit(world.writer, &late.write);
	us_org_close(org);
	ok(late.finished && late.name_bytes == 4,
	    "an organisation is closed after the writes that are its own");
	us_writer_stop(world.writer);
	us_store_close(world.store);
}

/* A workflow of n rules, the last of which says yes. */
static void
make_draft(struct us_draft *draft, unsigned n)
{
	struct us_buf text = {0};

	for (unsigned i = 0; i < n; i++)
		us_buf_printf(&text,
		    "rule r%u { from any; to any; approve %s; }\n", i,
		    i + 1 == n ? "persistent" : "reviewers");
	us_draft_init(draft);
	us_draft_from_text(draft, "test", us_buf_str(&text));
	us_buf_free(&text);
}

static enum us_revised
save(struct us_active *base, unsigned n)
{
	struct us_revision revision = {.org = org,
	    .base = base,
	    .action = US_ACTION_RULES_UPDATED,
	    .actor = {US_STR("ana@example.com"), US_STR("test"), NULL}};
	struct us_draft draft;
	enum us_revised revised;

	make_draft(&draft, n);
	revision.draft = &draft;
	revised = us_revise(&revision);
	us_draft_free(&draft);
	return revised;
}

static uint64_t
version_now(void)
{
	struct us_active *active = us_org_active(org);
	uint64_t version = active->version;

	us_active_unref(active);
	return version;
}

static void
test_revise(void)
{
	struct us_active *base = us_org_active(org);
	struct us_workflow_record record;
	struct us_txn *txn;

	is_int(base->version, 0, "at first there is the default");
	is_int(base->index.places.n, 0, "whose rules nobody saved");
	is_int(save(base, 1), US_REVISED, "a first version is saved");
	is_int(version_now(), 1, "and active at once");
	is_int(save(base, 2), US_REVISED_STALE, "on an old base nothing is");
	is_int(version_now(), 1, "and nothing changes");
	us_active_unref(base);
	base = us_org_active(org);
	is_int(save(base, 3), US_REVISED, "on the newest it is");
	us_active_unref(base);
	txn = us_txn_read(world.store);
	is_int(us_version_last(txn, org->name), 2, "two versions are stored");
	is_int(us_version_last(txn, US_STR("acm")), 0, "for nobody else");
	ok(us_version_get(txn, org->name, 2, &record), "the second is read");
	is_int(record.added, 2, "it has two rules more");
	is_int(record.changed, 1, "and one that changed");
	is_int(record.rule_count, 3, "of three");
	us_txn_abort(txn);
}

static void
test_reopen(void)
{
	uint64_t version = version_now();

	close_world();
	open_world();
	is_int(version_now(), version, "the newest version comes back");
}

#define LOOPS 3
#define ROUNDS 60

static atomic_bool over;

/* As a loop does: adopt, decide, adopt, ... */
static void *
run_loop(void *arg)
{
	struct us_loop *loop = us_loop_new(&world, 0);
	struct us_person person = {.uid = US_STR("x@example.com")};
	struct us_request req = {
	    .principal = &person, .service = US_STR("ssh")};
	uintptr_t wrong = 0;
	uint64_t last = 0;

	(void)arg;
	while (!atomic_load(&over)) {
		const struct us_decider *own = us_loop_adopt(loop, org);
		const struct us_verdict *v = us_decide(own->matcher, &req);

		wrong += v->prog != own->active->prog;
		wrong += v->rules.n != own->active->index.places.n;
		wrong += v->outcome != US_OUTCOME_GRANTED;
		wrong += own->active->version < last;
		last = own->active->version;
	}
	us_loop_free(loop);
	return (void *)wrong;
}

static void
test_adopt(void)
{
	pthread_t loops[LOOPS];
	uint64_t before = us_org_generation(org);
	unsigned saved = 0;
	void *wrong;

	for (unsigned i = 0; i < LOOPS; i++)
		pthread_create(&loops[i], NULL, run_loop, NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct us_active *base = us_org_active(org);

		saved += save(base, 1 + i % 50) == US_REVISED;
		us_active_unref(base);
	}
	atomic_store(&over, true);
	is_int(saved, ROUNDS, "%d versions while loops decide", ROUNDS);
	is_int(us_org_generation(org) - before, ROUNDS, "each is published");
	for (unsigned i = 0; i < LOOPS; i++) {
		pthread_join(loops[i], &wrong);
		is_int((uintptr_t)wrong, 0,
		    "loop %u decides by one program at a time", i);
	}
}

static void
remove_folder(void)
{
	char command[sizeof(folder) + 16];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		printf("# %s stays behind\n", folder);
}

int
main(void)
{
	if (!mkdtemp(folder))
		return 99;
	open_world();
	test_revise();
	test_reopen();
	test_adopt();
	close_world();
	remove_folder();
	return plan_done();
}
