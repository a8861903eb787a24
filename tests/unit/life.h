/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store with one organisation, one write transaction at a time, and the
 * requests of tests: for tests of what happens to requests. Needs tap.h.
 */
#ifndef US_TESTS_LIFE_H
#define US_TESTS_LIFE_H

#include "daemon/clock.h"
#include "daemon/org_parts.h"
#include "daemon/outbox.h"
#include "daemon/setting.h"
#include "daemon/world.h"
#include "tests/unit/folder.h"

#define START INT64_C(1700000000000)

struct bench {
	struct folder folder;
	char clock[300];
	struct us_world world;
	struct us_org org;
	struct us_org_state state;
	struct us_conf_notifier notifier;
	struct us_conf_provisioner provisioner;
	const char *services[1];
	struct us_conf_org conf;
	struct us_arena arena; /* of the transaction */
	struct us_change change;
	unsigned requests;
};

/* The wall clock is this. */
static inline void
bench_time(struct bench *b, int64_t ms)
{
	FILE *f = fopen(b->clock, "w");

	fprintf(f, "%lld\n", (long long)ms);
	fclose(f);
}

static inline void
bench_open(struct bench *b)
{
	*b = (struct bench){.folder = folder_new()};
	snprintf(b->clock, sizeof(b->clock), "%s/clock", b->folder.path);
	bench_time(b, START);
	us_clock_follow(b->clock);
	b->notifier = (struct us_conf_notifier){
	    .name = "hook", .type = "webhook", .url = "http://localhost/"};
	b->services[0] = "*";
	b->provisioner = (struct us_conf_provisioner){.name = "cloud",
	    .type = "exec",
	    .services = b->services,
	    .service_count = 1,
	    .timeout_seconds = 30};
	b->conf = (struct us_conf_org){.name = "acme",
	    .notifiers = &b->notifier,
	    .notifier_count = 1,
	    .provisioners = &b->provisioner,
	    .provisioner_count = 1};
	b->org.name = US_STR("acme");
	b->org.world = &b->world;
	b->org.conf = &b->conf;
	b->org.state = &b->state;
	pthread_mutex_init(&b->state.lock, NULL);
	b->state.directory = us_directory_empty();
	if (us_store_open(
		b->folder.path, (size_t)1 << 30, 0, NULL, &b->world.store) ||
	    !us_due_open(&b->world)) {
		printf("Bail out! no store\n");
		exit(99);
	}
}

static inline void
bench_close(struct bench *b)
{
	us_store_close(b->world.store);
	us_directory_unref(b->state.directory);
	pthread_mutex_destroy(&b->state.lock);
	us_arena_free(&b->arena);
	folder_remove(&b->folder);
}

/* All between these two is one write. */
static inline struct us_change *
bench_begin(struct bench *b)
{
	us_arena_reset(&b->arena);
	b->change =
	    us_change_begin(&b->org, us_txn_write(b->world.store), &b->arena);
	return &b->change;
}

static inline bool
bench_commit(struct bench *b)
{
	return us_txn_commit(b->change.txn) == US_STORE_OK;
}

/* A request of Ana's that nobody heard of yet; ids are strings that last. */
static inline struct us_permission
bench_request(struct bench *b, const char *item, char id[27])
{
	us_permission_new_id(us_clock_now(), id);
	b->requests++;
	return (struct us_permission){
	    .id = {id, 26},
	    .principal = US_STR("Ana@Example.com"),
	    .asker = US_STR("ana@example.com"),
	    .service = US_STR("aws"),
	    .access = US_STR("role"),
	    .item = us_str(item),
	    .label = US_STR("Deploy"),
	    .attributes = US_STR("{\"role\":{\"name\":\"Deploy\"}}"),
	    .arguments = US_STR("[\"role\",\"Deploy\"]"),
	    .reason = US_STR("INC-42"),
	    .decision = US_STR("{\"outcome\":\"pending\"}"),
	    .approvers = US_STR("a security reviewer"),
	};
}

/* As it is stored now; in the arena of the transaction. */
static inline struct us_permission
bench_get(struct bench *b, struct us_str id)
{
	struct us_permission p = {0};

	us_permission_get(b->change.txn, b->org.name, id, &b->arena, &p);
	return p;
}

#endif
