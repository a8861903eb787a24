/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the printer lays out: nodes (statements and blocks) in canonical order,
 * comments beside the node where they stood in the source, long lines folded.
 */
#ifndef US_PRINT_NODE_H
#define US_PRINT_NODE_H

#include "engine/rule.h"

/* In a line being composed: a space where the line may be folded. */
#define US_FOLD "\001"

struct us_group_names;

struct us_printer {
	struct us_buf *out;
	struct us_buf line;		   /* being composed, not written yet */
	unsigned depth;			   /* tabs before a line */
	bool top;			   /* no blank line is wanted here */
	const struct us_comment *comments; /* of one source, in order */
	uint32_t comment_count;
	/* NULL: groups are called as they are written. */
	const struct us_group_names *group_names;
	struct us_arena arena;
};

/* A range of the printer's comments. */
struct us_notes {
	uint32_t from, to;
};

/* A statement, or a block of them. */
struct us_node {
	struct us_loc loc;
	uint32_t head_end, close; /* a block: the end of its head, its brace */
	int kind;		  /* of an item of a file; 0: in a block */
	bool compact;		  /* an item that needs no line around */
	uint32_t width;		  /* a group: to which its name is filled */
	void (*print)(struct us_printer *p, const struct us_node *node);
	const void *data;

	/* Set by us_nodes_attach. */
	struct us_notes lead, inside, trail;
};

typedef US_LIST(struct us_node) us_nodes;

/* A new node; data is what print prints. */
struct us_node *us_node_add(struct us_printer *p, us_nodes *nodes,
    struct us_loc loc, const void *data,
    void (*print)(struct us_printer *p, const struct us_node *node));

/* Gives each node its comments of `all`; returns those that are left. */
struct us_notes us_nodes_attach(
    struct us_printer *p, us_nodes *nodes, struct us_notes all);

/* Writes the nodes in their order, then the comments that are left. */
void us_nodes_print(
    struct us_printer *p, const us_nodes *nodes, struct us_notes left);

/* True when the source has a blank line before node and its comments. */
bool us_node_stands_apart(
    const struct us_printer *p, const struct us_node *node);

/*
 * Ends the head that is being composed with a brace, writes the nodes inside
 * it; the closing brace is left being composed.
 */
void us_print_block(
    struct us_printer *p, const struct us_node *block, us_nodes *inside);

/* Parts of a line. */
void us_print_names(struct us_printer *p, const struct us_word *v, uint32_t n,
    void (*put)(struct us_buf *b, struct us_str s));
void us_put_word(struct us_buf *b, struct us_str s);
void us_put_service(struct us_buf *b, struct us_str s); /* `any` is quoted */

#endif
