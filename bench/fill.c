/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills a store with requests whose life is over, and some that wait:
 *
 *	fill DATA ORG COUNT PEOPLE
 *
 * Request i is of u(i % PEOPLE)@example.com; each hundredth waits, each tenth
 * was denied, the others expired. Of the first, the middle and the last one
 * the ids are printed, one a line. usherd must not run.
 */
#include <stdio.h>
#include <stdlib.h>

#include "daemon/clock.h"
#include "daemon/effect.h"
#include "daemon/life.h"
#include "daemon/store.h"

#define BATCH 10000 /* requests in a transaction */
#define HOUR INT64_C(3600000)

static struct us_str
print(struct us_arena *a, const char *fmt, unsigned long i)
{
	/* The format comes from below, with one %lu. */
	char text[128];

	snprintf(text, sizeof(text), fmt, i);
	return us_arena_str(a, us_str(text));
}

static void
add_episode(struct us_permission *p, struct us_arena *a, int64_t at,
    enum us_event event, enum us_status status)
{
	struct us_episode *episode = us_list_add(a, &p->history);

	*episode = (struct us_episode){
	    .at = at, .event = event, .status = status, .by = US_STR("usherd")};
	p->status = status;
	p->revision++;
}

static void
live(struct us_permission *p, struct us_arena *a, unsigned long i)
{
	int64_t at = p->created;

	if (i % 100 == 1) {
		add_episode(
		    p, a, at, US_EVENT_ROUTE, US_STATUS_PENDING_APPROVAL);
		p->due_approval = at + 14 * 24 * HOUR;
		p->approvers = US_STR("any security reviewer");
		return;
	}
	if (i % 10 == 2) {
		add_episode(p, a, at, US_EVENT_REFUSE, US_STATUS_DENIED);
		p->error = US_STR("no rule is for this");
		p->ended = at;
		return;
	}
	add_episode(p, a, at, US_EVENT_GRANT, US_STATUS_APPROVED);
	add_episode(p, a, at + 50, US_EVENT_PROVIDED, US_STATUS_DONE);
	add_episode(
	    p, a, at + HOUR, US_EVENT_EXPIRE, US_STATUS_EXPIRY_SUBMITTED);
	add_episode(p, a, at + HOUR + 50, US_EVENT_REMOVED, US_STATUS_EXPIRED);
	p->by = US_BY_PERSISTENT;
	p->duration = 3600;
	p->approved = at;
	p->started = p->due_start = at + 50;
	p->ended = p->due_end = at + HOUR;
}

static void
put(struct us_txn *txn, struct us_str org, struct us_arena *a, unsigned long i,
    unsigned long people, int64_t now, char id[27])
{
	struct us_permission p = {.asker_kind = US_CALLER_PERSON,
	    .service = US_STR("aws"),
	    .access = US_STR("role"),
	    .version = 1,
	    .by = US_BY_NOTHING,
	    .created = now};

	us_arena_reset(a);
	us_permission_new_id(now, id);
	p.id = (struct us_str){id, 26};
	p.principal = p.asker = print(a, "u%lu@example.com", i % people);
	p.item = p.label = print(a, "ask-fill-%lu", i);
	p.attributes =
	    print(a, "{\"role\":{\"name\":\"ask-fill-%lu\"},\"tag\":null}", i);
	p.arguments = print(a, "[\"ask-fill-%lu\"]", i);
	p.reason = print(a, "INC-%lu", i);
	p.asked_duration = 3600;
	p.decision = US_STR("{\"outcome\":\"granted\",\"by\":\"persistent\","
			    "\"rules\":[\"all\"],\"deniedBy\":[],"
			    "\"missing\":[],\"alternatives\":[]}");
	live(&p, a, i);
	us_permission_put(txn, org, NULL, &p);
	if (!us_status_is_final(p.status))
		us_effect_note(txn, org, US_STATUS_NEW, &p, a);
}

int
main(int argc, char **argv)
{
	struct us_store *store;
	struct us_txn *txn = NULL;
	struct us_arena arena = {0};
	unsigned long count, people;
	int64_t now = us_clock_now() - 24 * HOUR;
	char id[27];

	if (argc != 5) {
		fputs("usage: fill DATA ORG COUNT PEOPLE\n", stderr);
		return 2;
	}
	count = strtoul(argv[3], NULL, 10);
	people = strtoul(argv[4], NULL, 10);
	if (!people || us_store_open(argv[1], 0, 0, NULL, &store))
		return 1;
	for (unsigned long i = 0; i < count; i++) {
		if (!txn)
			txn = us_txn_write(store);
		put(txn, us_str(argv[2]), &arena, i, people,
		    now + (int64_t)(i / 100), id);
		if (i == 0 || i == count / 2 || i == count - 1)
			printf("%.26s\n", id);
		if ((i + 1) % BATCH == 0 || i == count - 1) {
			if (us_txn_commit(txn))
				return 1;
			txn = NULL;
		}
	}
	us_arena_free(&arena);
	us_store_close(store);
	return 0;
}
