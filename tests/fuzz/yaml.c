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
	return fuzz_any_workflow(data, size, US_FORMAT_YAML, NULL);
}
