/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of workflows in YAML. What is right means the same in every form,
 * and decides.
 */
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "yaml";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_workflow w;

	if (size > FUZZ_MAX)
		return 0;
	fuzz_load(
	    &w, (struct us_str){(const char *)data, size}, US_FORMAT_YAML);
	fuzz_tell(&w.diags);
	if (w.good) {
		fuzz_round(&w);
		fuzz_run(&w);
	}
	fuzz_unload(&w);
	return 0;
}
