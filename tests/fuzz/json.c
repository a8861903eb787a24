/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of workflows in JSON. What is right means the same in every form,
 * and decides.
 */
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "json";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct us_str text = {(const char *)data, size};
	struct fuzz_workflow w;

	if (size > FUZZ_MAX)
		return 0;
	fuzz_json(text);
	fuzz_load(&w, text, US_FORMAT_JSON);
	fuzz_tell(&w.diags);
	if (w.good) {
		fuzz_round(&w);
		fuzz_run(&w);
	}
	fuzz_unload(&w);
	return 0;
}
