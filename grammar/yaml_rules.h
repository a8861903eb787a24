/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as JSON values: the JSON form written in YAML (1.2 core schema). */
#ifndef US_YAML_RULES_H
#define US_YAML_RULES_H

#include <json-c/json.h>

#include "engine/diag.h"
#include "engine/src.h"

/*
 * Reads the one document in src, as strictly as us_json_parse: no duplicate
 * keys, no anchors or aliases, no tags, keys are strings. Fills src->nodes.
 */
bool us_yaml_parse(
    struct us_src *src, struct us_diags *diags, struct json_object **value);

#endif
