/* SPDX-License-Identifier: Apache-2.0 */
/* Decides one request with libusher: cc example.c $(pkg-config --cflags --libs usher) */
#include <stdio.h>
#include <string.h>

#include <usher.h>

static const char rules_text[] =
    "group sre = okta \"00sre\" \"SRE\";\n"
    "rule staging-ssh {\n"
    "	from group sre;\n"
    "	to ssh access session { keep parent id ~ \"^staging-\"; }\n"
    "	approve reviewers require reason;\n"
    "}\n";

static const char request[] =
    "{\"requestor\": {\"uid\": \"ana@example.com\","
    " \"groups\": [{\"directory\": \"okta\", \"id\": \"00sre\"}]},"
    " \"resource\": {\"service\": \"ssh\", \"accessType\": \"session\","
    " \"attributes\": {\"parent\": {\"id\": \"staging-web\"}}}}";

int
main(void)
{
	struct usher_problems *problems;
	struct usher_answer answer;
	struct usher_rules *rules = usher_load_text(
	    "example", rules_text, strlen(rules_text), &problems);

	for (size_t i = 0; i < usher_problems_count(problems); i++)
		fputs(usher_problem_text(problems, i), stderr);
	usher_problems_free(problems);
	if (!rules)
		return 1;
	struct usher_decider *decider = usher_decider_new(rules);
	int bad = usher_decide(decider, request, strlen(request), &answer);
	puts(bad ? answer.error : answer.json);
	usher_decider_free(decider);
	usher_rules_free(rules);
	return bad ? 1 : 0;
}
