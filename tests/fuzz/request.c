/* SPDX-License-Identifier: Apache-2.0 */
/* The door of requests in JSON. What is one is decided, always in one way. */
#include "engine/json_request.h"
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "request";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct us_str text = {(const char *)data, size};
	struct us_diags diags = {0};
	struct us_arena a = {0};
	struct us_request *req;
	struct us_src *src;

	if (size > FUZZ_MAX)
		return 0;
	fuzz_json(text);
	src = us_src_new("input", text, US_FORMAT_JSON);
	req = us_request_from_json(src, &a, &diags);
	if (!req != (diags.errors > 0))
		fuzz_broken("a request and an error, or neither");
	fuzz_tell(&diags);
	us_src_free(src);
	if (req)
		fuzz_decide(fuzz_standing_decider(), req);
	us_diags_free(&diags);
	us_arena_free(&a);
	return 0;
}
