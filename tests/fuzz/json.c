/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The door of workflows in JSON. json-c reads the same values; what is right
 * means the same in every form, and decides.
 */
#include "tests/fuzz/fuzz.h"

const char fuzz_door[] = "json";

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size <= FUZZ_MAX)
		fuzz_json((struct us_str){(const char *)data, size});
	return fuzz_any_workflow(data, size, US_FORMAT_JSON, NULL);
}
