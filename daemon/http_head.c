/* SPDX-License-Identifier: Apache-2.0 */
/* Request line, fields, and what they say about the body. */
#include "daemon/http_head.h"

#define FIELDS_MAX 100

static const struct field_rule {
	struct us_str name;
	bool once; /* a second one could mean something else */
} field_rules[US_FIELD_COUNT] = {
    [US_FIELD_HOST] = {US_STR_INIT("host"), true},
    [US_FIELD_LENGTH] = {US_STR_INIT("content-length"), true},
    [US_FIELD_ENCODING] = {US_STR_INIT("transfer-encoding"), true},
    [US_FIELD_CONNECTION] = {US_STR_INIT("connection"), false},
    [US_FIELD_EXPECT] = {US_STR_INIT("expect"), true},
    [US_FIELD_TYPE] = {US_STR_INIT("content-type"), true},
    [US_FIELD_ACCEPT] = {US_STR_INIT("accept"), false},
    [US_FIELD_AUTHORIZATION] = {US_STR_INIT("authorization"), true},
};

static bool
refuse(struct us_refusal *why, int status, const char *text)
{
	*why = (struct us_refusal){status, text};
	return false;
}

/* Cuts off and returns what stands before c; false when there is no c. */
static bool
cut(struct us_str *rest, char c, struct us_str *part)
{
	const char *end = rest->n ? memchr(rest->p, c, rest->n) : NULL;

	if (!end)
		return false;
	*part = (struct us_str){rest->p, (size_t)(end - rest->p)};
	rest->n -= part->n + 1;
	rest->p = end + 1;
	return true;
}

static struct us_str
trim(struct us_str s)
{
	while (s.n && (*s.p == ' ' || *s.p == '\t'))
		s.p++, s.n--;
	while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t'))
		s.n--;
	return s;
}

static bool
is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

int
us_hex_value(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static bool
is_token(struct us_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (!is_letter(s.p[i]) && !is_digit(s.p[i]) &&
		    (s.p[i] == '\0' || !strchr("!#$%&'*+-.^_`|~", s.p[i])))
			return false;
	return s.n > 0;
}

/* Printable ASCII without blanks. */
static bool
is_printable(struct us_str s)
{
	bool good = true;

	for (size_t i = 0; i < s.n; i++)
		good &= s.p[i] > ' ' && s.p[i] < 0x7f;
	return good;
}

/* That, blanks, and bytes beyond ASCII. */
static bool
is_value(struct us_str s)
{
	bool good = true;

	for (size_t i = 0; i < s.n; i++) {
		while (s.n - i > 8 && us_plain8(s.p + i) == 8)
			i += 8;
		good &= ((unsigned char)s.p[i] >= ' ' && s.p[i] != 0x7f) ||
			s.p[i] == '\t';
	}
	return good;
}

static bool
read_version(struct us_str version, unsigned *minor, struct us_refusal *why)
{
	if (version.n != 8 || memcmp(version.p, "HTTP/", 5) != 0 ||
	    !is_digit(version.p[5]) || version.p[6] != '.' ||
	    !is_digit(version.p[7]))
		return refuse(
		    why, 400, "the request line does not end in HTTP/1.1");
	if (version.p[5] != '1')
		return refuse(why, 505, "this server speaks HTTP/1.1");
	*minor = (unsigned)(version.p[7] - '0');
	return true;
}

static bool
read_request_line(
    struct us_str line, struct us_head *head, struct us_refusal *why)
{
	if (!cut(&line, ' ', &head->method) || !is_token(head->method))
		return refuse(
		    why, 400, "the request does not begin with a method");
	if (!cut(&line, ' ', &head->target))
		return refuse(
		    why, 400, "the request line is not METHOD PATH HTTP/1.1");
	if (head->target.n == 0 || *head->target.p != '/' ||
	    !is_printable(head->target))
		return refuse(why, 400,
		    "the path does not begin with / or has bytes that must "
		    "be percent-encoded");
	return read_version(line, &head->minor, why);
}

/* Does a comma-separated list have this word? */
static bool
list_has(struct us_str list, const char *word)
{
	struct us_str part;

	while (cut(&list, ',', &part))
		if (us_str_eq_nocase(trim(part), us_str(word)))
			return true;
	return us_str_eq_nocase(trim(list), us_str(word));
}

static bool
read_field(struct us_str line, struct us_head *head, struct us_refusal *why)
{
	struct us_str name, value = line;

	if (!cut(&value, ':', &name) || !is_token(name))
		return refuse(why, 400, "a header line is not NAME: VALUE");
	value = trim(value);
	if (!is_value(value))
		return refuse(
		    why, 400, "a header value has control characters");
	for (unsigned i = 0; i < US_FIELD_COUNT; i++) {
		if (name.n != field_rules[i].name.n ||
		    !us_str_eq_nocase(name, field_rules[i].name))
			continue;
		if (i == US_FIELD_CONNECTION)
			head->close |= list_has(value, "close");
		if (!head->fields[i].p)
			head->fields[i] = value;
		else if (field_rules[i].once)
			return refuse(why, 400,
			    "a header that may stand once is there "
			    "twice");
	}
	return true;
}

static bool
read_length(struct us_str text, uint64_t *length)
{
	*length = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (!is_digit(text.p[i]))
			return false;
		*length = *length * 10 + (uint64_t)(text.p[i] - '0');
	}
	return text.n > 0 && text.n <= 18;
}

/* Where the body ends is said once and in one way, or not at all. */
static bool
read_framing(struct us_head *head, struct us_refusal *why)
{
	struct us_str length = head->fields[US_FIELD_LENGTH];
	struct us_str encoding = head->fields[US_FIELD_ENCODING];

	if (encoding.p && length.p)
		return refuse(why, 400,
		    "Content-Length and Transfer-Encoding exclude each other");
	if (encoding.p && head->minor == 0)
		return refuse(why, 400, "HTTP/1.0 knows no Transfer-Encoding");
	if (encoding.p && !us_str_eq_nocase(encoding, US_STR("chunked")))
		return refuse(
		    why, 501, "the only Transfer-Encoding known is chunked");
	if (length.p && !read_length(length, &head->length))
		return refuse(why, 400, "Content-Length is not a number");
	head->chunked = encoding.p != NULL;
	return true;
}

static bool
read_meaning(struct us_head *head, struct us_refusal *why)
{
	struct us_str expect = head->fields[US_FIELD_EXPECT];

	if (head->minor > 0 && !head->fields[US_FIELD_HOST].p)
		return refuse(why, 400, "there is no Host header");
	if (expect.p && !us_str_eq_nocase(expect, US_STR("100-continue")))
		return refuse(
		    why, 417, "the only Expect known is 100-continue");
	head->expects = expect.p && head->minor > 0;
	head->close |= head->minor == 0;
	return read_framing(head, why);
}

bool
us_head_read(struct us_str text, struct us_head *head, struct us_refusal *why)
{
	struct us_str line;
	unsigned n = 0;

	*head = (struct us_head){0};
	while (cut(&text, '\n', &line)) {
		line.n--; /* us_head_end saw to the CR */
		if (line.n == 0)
			break;
		if (n > FIELDS_MAX)
			return refuse(why, 431, "there are too many headers");
		if (!(n++ == 0 ? read_request_line(line, head, why)
			       : read_field(line, head, why)))
			return false;
	}
	return read_meaning(head, why);
}

/* The line that ends at text.p[end] is the first one: a request line? */
static bool
first_line_ok(struct us_str text, size_t end, struct us_refusal *why)
{
	struct us_head head = {0};
	struct us_str line = {text.p, end - 1};

	return memchr(text.p, '\n', end) || read_request_line(line, &head, why);
}

size_t
us_head_end(struct us_str text, size_t *seen, struct us_refusal *why)
{
	why->status = 0;
	if (text.n && !is_letter(*text.p)) {
		refuse(why, 400, "this is not HTTP");
		return 0;
	}
	for (const char *end = text.p + *seen;
	    (end = memchr(end, '\n', text.n - (size_t)(end - text.p))); end++) {
		size_t i = (size_t)(end - text.p);

		if (text.p[i - 1] != '\r') {
			refuse(why, 400, "a line does not end in CR LF");
			return 0;
		}
		if (!first_line_ok(text, i, why))
			return 0;
		if (i >= 3 && memcmp(text.p + i - 3, "\r\n\r\n", 4) == 0)
			return i + 1;
	}
	*seen = text.n;
	return 0;
}
