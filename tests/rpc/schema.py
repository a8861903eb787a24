# SPDX-License-Identifier: Apache-2.0
"""JSON Schema, as much of it as /openapi.json uses: does a value fit, and
values that do not. A keyword that is not known here is an error, so that
nothing is passed unseen.
"""
import copy
import re

ANNOTATIONS = {"description", "examples", "format"}

TYPES = {
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
    "string": lambda v: isinstance(v, str),
    "boolean": lambda v: isinstance(v, bool),
    "null": lambda v: v is None,
    "integer": lambda v: isinstance(v, int) and not isinstance(v, bool),
    "number": lambda v: isinstance(v, (int, float)) and
                        not isinstance(v, bool),
}

DATE = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


class Schemas:
    def __init__(self, document):
        self.document = document

    def resolve(self, schema):
        while "$ref" in schema:
            if set(schema) != {"$ref"}:
                raise ValueError("members beside $ref: %r" % schema)
            found = self.document
            for part in schema["$ref"].lstrip("#/").split("/"):
                found = found[part]
            schema = found
        return schema

    def wrong(self, schema, value, path="$"):
        """What is wrong with the value, or None."""
        schema = self.resolve(schema)
        for keyword, operand in schema.items():
            if keyword in ANNOTATIONS and keyword != "format":
                continue
            check = getattr(self, "check_" + keyword.replace("-", "_"))
            problem = check(operand, value, path, schema)
            if problem:
                return problem
        return None

    def check_type(self, types, value, path, _):
        types = [types] if isinstance(types, str) else types
        if not any(TYPES[name](value) for name in types):
            return "%s: %r is not of type %s" % (path, value, types)
        return None

    def check_enum(self, values, value, path, _):
        return None if value in values else "%s: %r is not in %r" % (
            path, value, values)

    def check_const(self, const, value, path, _):
        return None if value == const else "%s: %r is not %r" % (
            path, value, const)

    def check_format(self, name, value, path, _):
        if name != "date-time":
            raise ValueError("format %r" % name)
        if isinstance(value, str) and not DATE.fullmatch(value):
            return "%s: %r is no date-time" % (path, value)
        return None

    def check_pattern(self, pattern, value, path, _):
        if isinstance(value, str) and not re.search(pattern, value):
            return "%s: %r does not match %s" % (path, value, pattern)
        return None

    def check_minLength(self, least, value, path, _):
        if isinstance(value, str) and len(value) < least:
            return "%s: %r is too short" % (path, value)
        return None

    def check_maxLength(self, most, value, path, _):
        if isinstance(value, str) and len(value) > most:
            return "%s: %r is too long" % (path, value)
        return None

    def check_minimum(self, least, value, path, _):
        if TYPES["number"](value) and value < least:
            return "%s: %r is less than %r" % (path, value, least)
        return None

    def check_maximum(self, most, value, path, _):
        if TYPES["number"](value) and value > most:
            return "%s: %r is more than %r" % (path, value, most)
        return None

    def check_minItems(self, least, value, path, _):
        if isinstance(value, list) and len(value) < least:
            return "%s: too few items" % path
        return None

    def check_maxItems(self, most, value, path, _):
        if isinstance(value, list) and len(value) > most:
            return "%s: too many items" % path
        return None

    def check_items(self, schema, value, path, _):
        for i, item in enumerate(value if isinstance(value, list) else ()):
            problem = self.wrong(schema, item, "%s[%d]" % (path, i))
            if problem:
                return problem
        return None

    def check_required(self, names, value, path, _):
        for name in names if isinstance(value, dict) else ():
            if name not in value:
                return "%s: %s is missing" % (path, name)
        return None

    def check_properties(self, properties, value, path, _):
        for name, schema in properties.items():
            if isinstance(value, dict) and name in value:
                problem = self.wrong(schema, value[name],
                                     "%s.%s" % (path, name))
                if problem:
                    return problem
        return None

    def check_additionalProperties(self, schema, value, path, around):
        for name in value if isinstance(value, dict) else ():
            if name in around.get("properties", {}):
                continue
            if schema is False:
                return "%s: %s is unknown" % (path, name)
            problem = self.wrong(schema, value[name], "%s.%s" % (path, name))
            if problem:
                return problem
        return None

    def check_allOf(self, schemas, value, path, _):
        for schema in schemas:
            problem = self.wrong(schema, value, path)
            if problem:
                return problem
        return None

    def check_anyOf(self, schemas, value, path, _):
        problems = [self.wrong(schema, value, path) for schema in schemas]
        return None if None in problems else " and ".join(problems)

    def check_oneOf(self, schemas, value, path, _):
        fits = [s for s in schemas if self.wrong(s, value, path) is None]
        return None if len(fits) == 1 else "%s: fits %d of %d" % (
            path, len(fits), len(schemas))

    def spoiled(self, schema, value):
        """(what was done, a value that the schema refuses), from one that
        fits: every member and item is left out, doubled in kind, or made of
        another type, wherever the schema says that this is wrong."""
        for what, other in _changes(value, "$"):
            if self.wrong(schema, other):
                yield what, other


STRANGE = (None, True, 7, -1, 1.5, "", "strange", [], {}, [None],
           {"strange": 1})


def _changes(value, path):
    for other in STRANGE:
        if type(other) is not type(value) or other != value:
            yield "%s becomes %r" % (path, other), copy.deepcopy(other)
    if isinstance(value, dict):
        for name in value:
            less = {k: v for k, v in value.items() if k != name}
            yield "%s without %s" % (path, name), less
        yield "%s with a strange member" % path, dict(value, strange=1)
        for name, inner in value.items():
            for what, other in _changes(inner, "%s.%s" % (path, name)):
                yield what, dict(value, **{name: other})
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            for what, other in _changes(inner, "%s[%d]" % (path, i)):
                yield what, value[:i] + [other] + value[i + 1:]
