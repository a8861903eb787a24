/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The matcher's promises beside its answers (those are in tests/policy): it
 * allocates nothing, remembers nothing, and many threads share a program.
 */
#include <pthread.h>

#include "engine/verdict.h"
#include "tests/unit/heap.h"
#include "tests/unit/load.h"

/* Beside these, some that are told apart by what they keep: a shelf. */
#define SHELVED 48
static const char rules[] =
    "[{\"name\":\"a\",\"requestor\":{\"type\":\"group\","
    "\"groups\":[{\"directory\":\"okta\",\"id\":\"g\",\"label\":\"\"}]},"
    "\"resource\":{\"type\":\"integration\",\"service\":\"aws\","
    "\"filters\":{\"tag\":{\"effect\":\"keep\",\"key\":\"env\","
    "\"pattern\":\"^d[a-f]v$\"}}},\"approval\":[{\"type\":\"p0\","
    "\"options\":{\"requireReason\":true}},{\"type\":\"group\","
    "\"groups\":[{\"directory\":\"okta\",\"id\":\"h\",\"label\":\"\"}]}]},"
    "{\"name\":\"b\",\"requestor\":{\"type\":\"any\"},"
    "\"resource\":{\"type\":\"integration\",\"service\":\"ssh\","
    "\"filters\":{\"sudo\":{\"effect\":\"keep\",\"value\":true}}},"
    "\"approval\":[{\"type\":\"deny\"}]}";

static const char *const requests[] = {
    "{\"requestor\":{\"uid\":\"ana@example.com\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"g\"}]},\"resource\":{\"service\":"
    "\"aws\",\"attributes\":{\"tag\":{\"env\":\"s7\"}}}}",
    "{\"requestor\":{\"uid\":\"ana@example.com\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"g\"}]},\"resource\":{\"service\":"
    "\"aws\",\"attributes\":{\"tag\":{\"env\":\"dev\"}}},"
    "\"approver\":{\"uid\":\"mia@example.com\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"h\"}]}}",
    "{\"requestor\":{\"uid\":\"bob@example.com\"},\"resource\":"
    "{\"service\":\"aws\",\"attributes\":{\"tag\":{\"env\":\"dev\"}}}}",
    "{\"requestor\":{\"uid\":\"ana@example.com\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"g\"}]},\"resource\":{\"service\":"
    "\"aws\",\"attributes\":{\"tag\":{\"team\":\"dev\"}}}}",
    "{\"requestor\":{\"uid\":\"ana@example.com\",\"groups\":"
    "[{\"directory\":\"okta\",\"id\":\"g\"}]},\"resource\":{\"service\":"
    "\"aws\",\"attributes\":{\"tag\":null}}}",
    "{\"requestor\":{\"uid\":\"ana@example.com\"},\"resource\":"
    "{\"service\":\"ssh\",\"attributes\":{\"sudo\":true}}}",
    "{\"requestor\":{\"uid\":\"ana@example.com\"},\"resource\":"
    "{\"service\":\"ssh\"}}",
};
static const enum us_outcome wanted[] = {US_OUTCOME_PENDING, US_OUTCOME_PENDING,
    US_OUTCOME_NO_ROUTE, US_OUTCOME_NO_ROUTE, US_OUTCOME_UNKNOWN,
    US_OUTCOME_DENIED, US_OUTCOME_NO_ROUTE};
#define REQUESTS (sizeof(requests) / sizeof(requests[0]))

struct fixture {
	struct us_prog *prog;
	struct us_arena arena;
	struct us_request *requests[REQUESTS];
};

/* Decides each request after each other one; how many answers were wrong. */
static unsigned
decide_all(const struct fixture *f, struct us_matcher *m)
{
	unsigned wrong = 0;

	for (size_t i = 0; i < REQUESTS; i++) {
		for (size_t k = 0; k < REQUESTS; k++) {
			us_decide(m, f->requests[i]);
			wrong += us_decide(m, f->requests[k])->outcome !=
			    wanted[k];
			wrong += us_decide_next(m, f->requests[k])->outcome !=
			    wanted[k];
			wrong += us_decide_again(m, f->requests[k])->outcome !=
			    wanted[k];
		}
	}
	return wrong;
}

static void
test_remembers_nothing(const struct fixture *f)
{
	struct us_matcher *m = us_matcher_new(f->prog);

	is_int(decide_all(f, m), 0,
	    "answers do not depend on the request before");
	us_matcher_free(m);
}

static void
test_heap(const struct fixture *f)
{
	unsigned long before = heap_calls;
	struct us_matcher *m = us_matcher_new(f->prog);

	if (COUNTS_HEAP) {
		ok(heap_calls > before, "what a matcher takes is counted");
		decide_all(f, m); /* until its arena has the longest answer */
		before = heap_calls;
		decide_all(f, m);
		is_int(heap_calls - before, 0, "deciding allocates nothing");
	} else {
		skip("the sanitizer has its own heap");
	}
	us_matcher_free(m);
}

static void *
decide_often(void *arg)
{
	const struct fixture *f = arg;
	struct us_matcher *m = us_matcher_new(f->prog);
	uintptr_t wrong = 0;

	for (int i = 0; i < 200; i++)
		wrong += decide_all(f, m);
	us_matcher_free(m);
	return (void *)wrong;
}

#define THREADS 4

static void
test_threads(struct fixture *f)
{
	pthread_t threads[THREADS];
	void *wrong, *sum = NULL;

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, decide_often, f);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &wrong);
		sum = wrong ? wrong : sum;
	}
	ok(sum == NULL, "many threads decide with one program");
}

static void
test_offered(const struct fixture *f)
{
	struct us_matcher *m = us_matcher_new(f->prog);
	uint32_t all = f->prog->index->lines.n, offered;
	bool enough = true, less = false;

	for (size_t i = 0; i < REQUESTS; i++) {
		offered = us_match_offered(m, f->requests[i]);
		enough &= offered <= all &&
		    offered >= us_decide(m, f->requests[i])->rules.n;
		less |= offered < all;
	}
	ok(enough && less, "rules that match are among those offered");
	is_int(decide_all(f, m), 0, "counting them changes no answer");
	us_matcher_loop(m);
	is_int(us_match_offered(m, f->requests[0]), all, "the loop tries all");
	us_matcher_free(m);
}

static void
test_lifetime(struct fixture *f)
{
	struct us_matcher *m = us_matcher_new(f->prog);

	us_prog_unref(f->prog);
	is_int(decide_all(f, m), 0, "a matcher keeps its program");
	us_matcher_free(m);
}

static struct us_prog *
load(void)
{
	struct us_buf text = {0};
	struct us_prog *prog;

	us_buf_puts(&text, rules);
	for (int i = 0; i < SHELVED; i++)
		us_buf_printf(&text,
		    ",{\"name\":\"s%d\",\"requestor\":{\"type\":\"group\","
		    "\"groups\":[{\"directory\":\"okta\",\"id\":\"g\"}]},"
		    "\"resource\":{\"type\":\"integration\",\"service\":"
		    "\"aws\",\"filters\":{\"tag\":{\"effect\":\"keep\","
		    "\"key\":\"env\",\"pattern\":\"^s%d$\"}}},"
		    "\"approval\":[{\"type\":\"p0\"}]}",
		    i, i);
	us_buf_puts(&text, "]");
	prog = test_program(text.p);
	us_buf_free(&text);
	return prog;
}

int
main(void)
{
	struct fixture f = {.prog = load()};

	ok(f.prog->index->shelves.n > 0, "the program has a shelf");
	for (size_t i = 0; i < REQUESTS; i++)
		f.requests[i] = test_request(requests[i], &f.arena);
	test_remembers_nothing(&f);
	test_heap(&f);
	test_offered(&f);
	test_threads(&f);
	ok(us_prog_size(f.prog) > 1000, "a program knows its size");
	test_lifetime(&f);
	us_arena_free(&f.arena);
	return plan_done();
}
