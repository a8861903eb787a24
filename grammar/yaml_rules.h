/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as JSON values: the JSON form written in YAML (1.2 core schema). */
#ifndef US_YAML_RULES_H
#define US_YAML_RULES_H

#include "engine/json.h"

/*
 * Reads the one document in src, as us_json_parse does and as strictly: no
 * duplicate keys, no anchors or aliases, no tags, keys are strings.
 */
bool us_yaml_parse(
    struct us_src *src, struct us_diags *diags, struct us_json_value *value);

#endif
