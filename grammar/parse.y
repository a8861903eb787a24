/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of rule files (SPEC 3) and test files (SPEC 17): two start
 * tokens in front of one set of tokens. Each action is one call of gen.h.
 *
 * How mistakes are contained:
 *  - a statement: `good | error ';' | error good | error block`, so that it
 *    ends at its semicolon, where another begins, or, if it may have braces,
 *    after those;
 *  - a block ends (`end`) at its brace, whatever stands before the brace, or,
 *    unclosed, where the next statement around it or the next item begins;
 *  - lists before an `error` are not empty, else the parser would have to
 *    decide to begin one before it has seen what the error leaves.
 */
%code requires {
#include "grammar/gen.h"
}

%code {
#include <stdlib.h>

#include "engine/check.h"
#include "engine/err.h"
#include "grammar/lex.h"
#include "grammar/parse.h"

#define YYMALLOC us_malloc
#define YYFREE free

/* What an empty production covers: the place where the one before it ends. */
#define YYLLOC_DEFAULT(now, rhs, n)                                            \
	do {                                                                   \
		if (n)                                                         \
			(now) = us_loc_span(                                   \
			    YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n));               \
		else                                                           \
			(now) = gen_loc_after(YYRHSLOC(rhs, 0));               \
	} while (0)

static int yylex(YYSTYPE *value, struct us_loc *loc, struct us_gen *g);
static void yyerror(struct us_loc *loc, struct us_gen *g, const char *text);
}

%define api.pure full
%define api.prefix {us_yy}
%define api.token.prefix {T_}
%define api.value.type union
%define api.location.type {struct us_loc}
%define parse.error custom
%define parse.lac full
%define lr.default-reduction consistent
%locations
%param {struct us_gen *g}
%expect 0

%token START_RULES START_TESTS
%token LEX_ERROR /* the lexer has its message */
%token <struct us_word> NAME STRING LENGTH

%token <struct us_word>
	ITEM_GROUP ITEM_PREAPPROVE ITEM_RULE ITEM_RULES ITEM_SERVICE ITEM_TEST
	ITEM_USER

/* The words of keywords.def, which gives their texts. */
%token <struct us_word>
	ACCESS AGENT ALLOW ANY APPROVE APPROVER AT BOOLEAN BY CLIENT DENY
	DISABLED DURATION ESCALATED ESCALATION EXPECT FALSE FILTER FROM GROUP
	GROUPS IS KEEP KEY MANAGER MISSING NOBODY NONE NOT ONCALL OUTSIDE OWNER
	PERSISTENT PREAPPROVED PROFILE PROVIDER REASON REMOVE REMOVE_ALL
	REQUEST REQUIRE REVIEWERS ROLES SOME SUBJECT TO TRUE UNKNOWN UNTIL USER
	VALID

%type <struct us_word> common item_word name word svc attr_key
%type <struct us_word> access_opt key_opt from_opt
%type <struct us_word> outcome how_granted how_opt by_opt human
%type <struct gen_words *> names words svcs strings missing_opt rules_opt
%type <struct us_members *> members
%type <struct us_who *> who agent behalf
%type <struct us_alt *> how approval
%type <enum us_effect> effect
%type <bool> bool
%type <enum us_tri> truth
%type <const char *> option_verb

/* A brace after an error closes the block that is open, not the one around. */
%precedence UNCLOSED
%precedence '}'

%%

start: START_RULES | START_RULES items | START_TESTS | START_TESTS tests ;

/* Words. */

name:      NAME | common | IS | item_word | ANY ;
word:      NAME | common | IS | item_word | ANY | STRING ;
svc:       NAME | common | IS | item_word | STRING ;
attr_key:  NAME | common | ANY | item_word | STRING ; /* all but `is` */

common:    ACCESS | AGENT | ALLOW | APPROVE | APPROVER | AT | BOOLEAN
	 | BY | CLIENT | DENY | DISABLED | DURATION | ESCALATED | ESCALATION
	 | EXPECT | FALSE | FILTER | FROM | GROUP | GROUPS | KEEP | KEY
	 | MANAGER | MISSING | NOBODY | NONE | NOT | ONCALL | OUTSIDE | OWNER
	 | PERSISTENT | PREAPPROVED | PROFILE | PROVIDER | REASON | REMOVE
	 | REMOVE_ALL | REQUEST | REQUIRE | REVIEWERS | ROLES | SOME | SUBJECT
	 | TO | TRUE | UNKNOWN | UNTIL | USER | VALID ;
item_word: ITEM_GROUP | ITEM_PREAPPROVE | ITEM_RULE | ITEM_RULES
	 | ITEM_SERVICE | ITEM_TEST | ITEM_USER ;

names:     name               { $$ = gen_words(g, NULL, $1); }
	 | names ',' name     { $$ = gen_words(g, $1, $3); }
	 ;
words:     word               { $$ = gen_words(g, NULL, $1); }
	 | words ',' word     { $$ = gen_words(g, $1, $3); }
	 ;
svcs:      svc                { $$ = gen_words(g, NULL, $1); }
	 | svcs ',' svc       { $$ = gen_words(g, $1, $3); }
	 ;
strings:   STRING             { $$ = gen_words(g, NULL, $1); }
	 | strings ',' STRING { $$ = gen_words(g, $1, $3); }
	 ;
group:     GROUP | ITEM_GROUP ;
user:      USER | ITEM_USER ;

/* Blocks. */

end:       '}'                { gen_close(g, @1); }
	 | error '}'          { gen_broken(g); gen_close(g, @2); }
	 | error              { gen_broken(g); } %prec UNCLOSED
	 ;
block:     open '}'           { gen_quiet(g, false); }
	 | open junk '}'      { gen_quiet(g, false); }
	 ;
open:      '{'                { gen_quiet(g, true); } ;
junk:      scrap | junk scrap ;
scrap:     NAME | common | ANY | IS | STRING | LENGTH | LEX_ERROR | ',' | ';'
	 | '=' | '~' | block ;

/* The items of a rule file. */

items:     item | items item ;
item:      good_item
	 | error ';'          { gen_item_broken(g); }
	 | error '}'          { gen_item_broken(g); }
	 | error block        { gen_item_broken(g); }
	 | error good_item    { gen_lost_name(g); }
	 ;
good_item: ITEM_GROUP name '=' word STRING STRING ';'
			      { gen_group(g, @$, $2, $4, $5, $6); }
	 | service_head end   { gen_service(g, @$); }
	 | service_head service_stmts end
			      { gen_service(g, @$); }
	 | rule_head end      { gen_rule(g, @$); }
	 | rule_head rule_stmts end
			      { gen_rule(g, @$); }
	 | pre_head end       { gen_preapproval(g, @$); }
	 | pre_head pre_stmts end
			      { gen_preapproval(g, @$); }
	 ;

/* Services. */

service_head:
	   ITEM_SERVICE word '{'
			      { gen_begin(g, @$, $2); } ;
service_stmts: service_stmt | service_stmts service_stmt ;
service_stmt:
	   good_service_stmt
	 | error ';'          { gen_broken(g); }
	 | error block        { gen_broken(g); }
	 | error good_service_stmt
			      { gen_broken(g); }
	 ;
good_service_stmt:
	   ACCESS svcs ';'    { gen_service_access(g, @$, $2); }
	 | FILTER word KEY ANY ';'
			      { gen_service_filter(g, $2, US_ANY_KEY, NULL); }
	 | FILTER word KEY svcs ';'
			      { gen_service_filter(g, $2, US_KEYED, $4); }
	 | FILTER word BOOLEAN ';'
			      { gen_service_filter(g, $2, US_BOOLEAN, NULL); }
	 ;

/* Rules. */

rule_head: ITEM_RULE word '{' { gen_begin(g, @$, $2); } ;
rule_stmts: rule_stmt | rule_stmts rule_stmt ;
rule_stmt: good_rule_stmt
	 | error ';'          { gen_broken(g); }
	 | error block        { gen_broken(g); }
	 | error good_rule_stmt
			      { gen_broken(g); }
	 ;
good_rule_stmt:
	   common_stmt
	 | DENY ';'           { gen_deny(g, @$); }
	 | APPROVE NOBODY ';' { gen_nobody(g, @$); }
	 | APPROVE approval ';'
			      { gen_approve(g, @$, $2); }
	 ;
common_stmt:
	   DISABLED ';'       { gen_disabled(g, @$); }
	 | FROM who ';'       { gen_from(g, @$, $2); }
	 | TO ANY ';'         { gen_to_any(g, @$); }
	 | to_head ';'        { gen_to(g, @$); }
	 | to_head '{' end    { gen_to(g, @$); }
	 | to_head '{' filters end
			      { gen_to(g, @$); }
	 ;

who:       ANY                { $$ = gen_who(g, US_WHO_ANY); }
	 | SOME               { $$ = gen_who(g, US_WHO_SOME); }
	 | user STRING        { $$ = gen_who_user(g, $2); }
	 | members            { $$ = gen_who_members(g, $1); }
	 | AGENT agent user behalf
			      { $$ = gen_who_agent($2, $4); }
	 ;
members:   group names        { $$ = gen_members(g, @$, false, $2); }
	 | OUTSIDE names      { $$ = gen_members(g, @$, true, $2); }
	 ;
agent:     ANY                { $$ = gen_agent(g, US_AGENT_ANY, NULL); }
	 | CLIENT STRING      { $$ = gen_agent(g, US_AGENT_CLIENT, &$2); }
	 | OWNER STRING       { $$ = gen_agent(g, US_AGENT_OWNER, &$2); }
	 | OWNER members      { $$ = gen_agent_owners(g, $2); }
	 | PROVIDER word      { $$ = gen_agent(g, US_AGENT_PROVIDER, &$2); }
	 | PROVIDER word '~' STRING
			      { $$ = gen_agent_subject(g, $2, $4); }
	 ;
behalf:    ANY                { $$ = gen_behalf(g, US_BEHALF_ANY); }
	 | NONE               { $$ = gen_behalf(g, US_BEHALF_NONE); }
	 | STRING             { $$ = gen_behalf_user(g, $1); }
	 | members            { $$ = gen_behalf_members(g, $1); }
	 ;

to_head:   TO svc access_opt  { gen_to_head(g, $2, $3); } ;
access_opt:
	   %empty             { $$ = gen_no_word(); }
	 | ACCESS word        { $$ = $2; }
	 ;
filters:   filter | filters filter ;
filter:    good_filter
	 | error ';'          { gen_broken(g); }
	 | error good_filter  { gen_broken(g); }
	 ;
good_filter:
	   effect word word '~' STRING ';'
			      { gen_filter_pattern(g, @$, $1, $2, $3, $5); }
	 | effect word IS bool ';'
			      { gen_filter_is(g, @$, $1, $2, $4); }
	 | REMOVE_ALL word key_opt ';'
			      { gen_filter_all(g, @$, $2, $3); }
	 ;
effect:    KEEP               { $$ = US_KEEP; }
	 | REMOVE             { $$ = US_REMOVE; }
	 ;
bool:      TRUE               { $$ = true; }
	 | FALSE              { $$ = false; }
	 ;
key_opt:   %empty             { $$ = gen_no_word(); }
	 | KEY word           { $$ = $2; }
	 ;

approval:  how
	 | approval option_verb names
			      { $$ = gen_options(g, $1, $2, $3); }
	 ;
option_verb:
	   REQUIRE            { $$ = "require"; }
	 | ALLOW              { $$ = "allow"; }
	 ;
how:       PERSISTENT         { $$ = gen_alt(g, US_ALT_PERSISTENT); }
	 | REVIEWERS          { $$ = gen_alt(g, US_ALT_P0); }
	 | ONCALL word        { $$ = gen_alt_oncall(g, $2); }
	 | members            { $$ = gen_alt_members(g, $1); }
	 | ESCALATION word strings
			      { $$ = gen_alt_escalation(g, $2, $3); }
	 | MANAGER word STRING
			      { $$ = gen_alt_manager(g, $2, $3); }
	 ;

/* Pre-approvals. */

pre_head:  ITEM_PREAPPROVE word '{'
			      { gen_begin(g, @$, $2); } ;
pre_stmts: pre_stmt | pre_stmts pre_stmt ;
pre_stmt:  good_pre_stmt
	 | error ';'          { gen_broken(g); }
	 | error block        { gen_broken(g); }
	 | error good_pre_stmt
			      { gen_broken(g); }
	 ;
good_pre_stmt:
	   common_stmt
	 | VALID from_opt UNTIL STRING ';'
			      { gen_valid(g, @$, $2, $4); }
	 | DURATION LENGTH ';'
			      { gen_duration(g, @$, $2); }
	 | REASON STRING ';'  { gen_reason(g, @$, $2); }
	 ;
from_opt:  %empty             { $$ = gen_no_word(); }
	 | FROM STRING        { $$ = $2; }
	 ;

/* The items of a test file. */

tests:     test_item | tests test_item ;
test_item: good_test_item
	 | error ';'          { gen_item_broken(g); }
	 | error '}'          { gen_item_broken(g); }
	 | error block        { gen_item_broken(g); }
	 | error good_test_item
			      { gen_lost_name(g); }
	 ;
good_test_item:
	   ITEM_RULES STRING ';'
			      { gen_test_rules(g, @$, $2); }
	 | user_head end      { gen_test_user(g, @$); }
	 | user_head facts end
			      { gen_test_user(g, @$); }
	 | test_head end      { gen_test(g, @$); }
	 | test_head test_stmts end
			      { gen_test(g, @$); }
	 ;

user_head: ITEM_USER STRING '{'
			      { gen_begin(g, @$, $2); } ;
facts:     fact | facts fact ;
fact:      good_fact
	 | error ';'          { gen_broken(g); }
	 | error block        { gen_broken(g); }
	 | error good_fact    { gen_broken(g); }
	 ;
good_fact: GROUPS fact_groups ';'
	 | ONCALL word ';'    { gen_fact_oncall(g, @$, $2, false, NULL); }
	 | ONCALL word UNKNOWN ';'
			      { gen_fact_oncall(g, @$, $2, true, NULL); }
	 | ONCALL word strings ';'
			      { gen_fact_oncall(g, @$, $2, false, $3); }
	 | PROFILE word word STRING ';'
			      { gen_fact_profile(g, @$, $2, $3, $4); }
	 | ROLES names ';'    { gen_fact_roles(g, $2); }
	 ;
fact_groups:
	   fact_group | fact_groups ',' fact_group ;
fact_group:
	   name               { gen_fact_group(g, $1, gen_no_word()); }
	 | name STRING        { gen_fact_group(g, $1, $2); }
	 ;

test_head: ITEM_TEST STRING '{'
			      { gen_begin(g, @$, $2); } ;
test_stmts: test_stmt | test_stmts test_stmt ;
test_stmt: good_test_stmt
	 | error ';'          { gen_broken(g); }
	 | error block        { gen_broken(g); }
	 | error good_test_stmt
			      { gen_broken(g); }
	 ;
good_test_stmt:
	   request_head ';'   { gen_request(g, @$); }
	 | request_head '{' end
			      { gen_request(g, @$); }
	 | request_head '{' attrs end
			      { gen_request(g, @$); }
	 | REASON STRING ';'  { gen_test_reason(g, @$, $2); }
	 | DURATION LENGTH ';'
			      { gen_test_duration(g, @$, $2); }
	 | AT STRING ';'      { gen_test_at(g, @$, $2); }
	 | PREAPPROVED ';'    { gen_test_preapproved(g, @$); }
	 | ESCALATED ';'      { gen_test_escalated(g, @$); }
	 | EXPECT expect ';'
	 ;

request_head:
	   REQUEST FROM requestor by_opt TO svc access_opt
			      { gen_request_head(g, @$, $4, $6, $7); } ;
requestor: STRING             { gen_request_person(g, $1); }
	 | AGENT agent_parts user human
			      { gen_request_agent(g, $4); }
	 ;
agent_parts:
	   agent_part | agent_parts agent_part ;
agent_part:
	   CLIENT STRING      { gen_agent_part(g, @$, GEN_CLIENT, $2); }
	 | OWNER STRING       { gen_agent_part(g, @$, GEN_OWNER, $2); }
	 | PROVIDER word      { gen_agent_part(g, @$, GEN_PROVIDER, $2); }
	 | SUBJECT STRING     { gen_agent_part(g, @$, GEN_SUBJECT, $2); }
	 ;
human:     NONE               { $$ = gen_no_word(); }
	 | STRING
	 ;
by_opt:    %empty             { $$ = gen_no_word(); }
	 | BY STRING          { $$ = $2; }
	 ;

attrs:     attr | attrs attr ;
attr:      good_attr
	 | error ';'          { gen_broken(g); }
	 ;
good_attr: word attr_key '=' strings ';'
			      { gen_attr(g, @$, $1, $2, $4); }
	 | word IS '=' strings ';'
			      { gen_attr(g, @$, $1, $2, $4); }
	 | word attr_key UNKNOWN ';'
			      { gen_attr(g, @$, $1, $2, NULL); }
	 | word IS truth ';'  { gen_attr_is(g, @$, $1, $3); }
	 ;
truth:     TRUE               { $$ = US_YES; }
	 | FALSE              { $$ = US_NO; }
	 | UNKNOWN            { $$ = US_CANNOT_TELL; }
	 ;

/* Words of outcomes are not keywords: testset.c knows them. */
expect:    outcome how_opt missing_opt rules_opt
			      { gen_expect(g, @$, $1, $2, $3, $4); }
	 | APPROVER STRING    { gen_expect_approver(g, @$, true, $2); }
	 | NOT APPROVER STRING
			      { gen_expect_approver(g, @$, false, $3); }
	 ;
outcome:   NAME | UNKNOWN ;
how_opt:   %empty             { $$ = gen_no_word(); }
	 | how_granted
	 ;
how_granted:
	   NAME | PERSISTENT ;
missing_opt:
	   %empty             { $$ = NULL; }
	 | MISSING names      { $$ = $2; }
	 ;
rules_opt: %empty             { $$ = NULL; }
	 | BY words           { $$ = $2; }
	 ;

%%

static int
yylex(YYSTYPE *value, struct us_loc *loc, struct us_gen *g)
{
	return us_lex(g->lexer, value, loc);
}

/* Only called when the stack would outgrow YYMAXDEPTH. */
static void
yyerror(struct us_loc *loc, struct us_gen *g, const char *text)
{
	(void)text;
	gen_too_deep(g, *loc);
}

/* How messages call a token that was expected; NULL: they do not. */
static const char *
symbol_text(yysymbol_kind_t kind)
{
	static const struct {
		int token;
		const char *text;
	} punctuation[] = {{'{', "\"{\""}, {'}', "\"}\""}, {';', "\";\""},
	    {',', "\",\""}, {'=', "\"=\""}, {'~', "\"~\""}};

	switch (kind) {
#define US_KEYWORD(token, text)                                                \
	case YYSYMBOL_##token:                                                 \
		return "\"" text "\"";
#define US_ITEM_KEYWORD(item, token, text) US_KEYWORD(item, text)
#include "grammar/keywords.def"
	case YYSYMBOL_GROUP:
		return "\"group\"";
	case YYSYMBOL_USER:
		return "\"user\"";
	case YYSYMBOL_NAME:
		return "a name";
	case YYSYMBOL_STRING:
		return "a string";
	case YYSYMBOL_LENGTH:
		return "a length like 2h";
	case YYSYMBOL_YYEOF:
		return "the end of the file";
	default:
		for (size_t i = 0; i < 6; i++) {
			if (kind == YYTRANSLATE(punctuation[i].token))
				return punctuation[i].text;
		}
		return NULL;
	}
}

/* More tokens than this at once: every keyword may stand there as a name. */
#define ANY_NAME 40

static int
yyreport_syntax_error(const yypcontext_t *context, struct us_gen *g)
{
	struct gen_unexpected what = {.loc = *yypcontext_location(context)};
	yysymbol_kind_t kinds[YYNTOKENS], token = yypcontext_token(context);
	int n = yypcontext_expected_tokens(context, kinds, YYNTOKENS);

	what.end = token == YYSYMBOL_YYEOF;
	what.item = token >= YYSYMBOL_ITEM_GROUP && token <= YYSYMBOL_ITEM_USER;
	what.broken = token == YYSYMBOL_LEX_ERROR ? g->lexer->error : NULL;
	for (int i = 0; i < n; i++) {
		if (n <= ANY_NAME || kinds[i] <= YYSYMBOL_LENGTH ||
		    kinds[i] > YYSYMBOL_VALID)
			gen_expect_also(&what, symbol_text(kinds[i]));
	}
	gen_syntax_error(g, &what);
	return 0;
}

/*
 * Parses src from the start token on. What was not parsed to its end may have
 * lost names: the rest must not complain that they are unknown.
 */
static unsigned
parse(struct us_gen *g, int start)
{
	uint32_t before = g->diags->errors;
	struct us_lexer lexer = {.gen = g, .src = g->src, .start = start};

	g->lexer = &lexer;
	g->said = g->diags->list.n; /* of other files */
	if (!gen_check_text(g)) {
		gen_item_broken(g);
	} else {
		us_lexer_open(&lexer);
		if (yyparse(g))
			gen_item_broken(g);
		us_lexer_close(&lexer);
	}
	us_arena_free(&g->scratch);
	return g->diags->errors - before;
}

/* What a rule with its comment may have. */
#define RULE_BYTES 256

/* A list that is large from the start leaves fewer old copies behind. */
static void
reserve_rules(struct us_ruleset *rs, uint32_t n)
{
	if (!rs->rules.cap)
		us_list_reserve(
		    &rs->arena, &rs->rules, n < US_RULES_MAX ? n : US_RULES_MAX);
}

unsigned
us_parse_rules(
    struct us_ruleset *rs, struct us_src *src, struct us_diags *diags)
{
	struct us_gen g = {
	    .src = src, .diags = diags, .arena = &rs->arena, .rs = rs};

	reserve_rules(rs, src->size / RULE_BYTES);
	return parse(&g, T_START_RULES);
}

unsigned
us_parse_tests(struct us_testset *ts, struct us_diags *diags)
{
	struct us_gen g = {
	    .src = ts->src, .diags = diags, .arena = &ts->arena, .ts = ts};

	return parse(&g, T_START_TESTS);
}
