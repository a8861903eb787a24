/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a rule file as nodes: data is the item of the tree. */
#ifndef US_PRINT_RULES_H
#define US_PRINT_RULES_H

#include "grammar/print_node.h"

/* What groups are called in a workflow that has no names for them. */
struct us_str us_group_name(
    const struct us_group_names *names, const struct us_groupref *ref);

struct us_node *us_node_add_group(
    struct us_printer *p, us_nodes *nodes, const struct us_group *group);
struct us_node *us_node_add_service(
    struct us_printer *p, us_nodes *nodes, const struct us_service *service);
struct us_node *us_node_add_rule(
    struct us_printer *p, us_nodes *nodes, const struct us_rule *rule);
struct us_node *us_node_add_preapproval(
    struct us_printer *p, us_nodes *nodes, const struct us_preapproval *pre);

/* Fills the names of groups that stand together to one width (print.c). */
void us_nodes_align(const struct us_printer *p, us_nodes *nodes);

#endif
