/* SPDX-License-Identifier: Apache-2.0 */
/* The scanner, as the parser sees it. */
#ifndef US_LEX_H
#define US_LEX_H

#include "engine/src.h"
#include "grammar/gen.h"
#include "grammar/parse.tab.h"

#define US_KEYWORD_PLACES 256

struct us_lexer {
	struct us_gen *gen; /* where comments go */
	struct us_src *src;
	int start;	   /* the token to give first */
	uint32_t read;	   /* bytes handed to flex */
	uint32_t off;	   /* end of the token just found */
	int last;	   /* that token */
	const char *error; /* what is wrong with a LEX_ERROR */
	void *flex;
	uint8_t keywords[US_KEYWORD_PLACES]; /* a hash table of them */
};

void us_lexer_open(struct us_lexer *lexer);
void us_lexer_close(struct us_lexer *lexer);

/* The next token. Words borrow from the source, or lie in the gen's arena. */
int us_lex(struct us_lexer *lexer, US_YYSTYPE *value, struct us_loc *loc);

#endif
