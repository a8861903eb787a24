// SPDX-License-Identifier: Apache-2.0

package common

import (
	"regexp"
	"strings"
)

// Pattern is a pattern as what it compares, where that is all it does.
type Pattern struct {
	Kind string // exact, prefix, suffix, contains, notprefix, regex
	Text []string
	Re   string
}

var (
	literal = `(?:[^\\.^$*+?()\[\]{}|]|\\[^a-zA-Z0-9])*`
	shapes  = []struct {
		kind string
		re   *regexp.Regexp
	}{
		{"exact", regexp.MustCompile(`^\^(` + literal + `)\$$`)},
		{"exact", regexp.MustCompile(`^\^\((` + literal + `(?:\|` + literal +
			`)*)\)\$$`)},
		{"prefix", regexp.MustCompile(`^\^(` + literal + `)(?:\.\*\$?)?$`)},
		{"suffix", regexp.MustCompile(`^(` + literal + `)\$$`)},
		{"contains", regexp.MustCompile(`^(` + literal + `)$`)},
		{"notprefix", regexp.MustCompile(`^\^\(\?!(` + literal + `)\)$`)},
	}
	trailing = regexp.MustCompile(`^(` + literal + `)\[[a-z0-9-]+\]\*$`)
	escaped  = regexp.MustCompile(`\\(.)`)
)

// split separates the alternatives of literals at the bars between them.
func split(text string) []string {
	var made []string
	from := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '|':
			made, from = append(made, text[from:i]), i+1
		}
	}
	made = append(made, text[from:])
	for i := range made {
		made[i] = escaped.ReplaceAllString(made[i], "$1")
	}
	return made
}

// Classify says what a pattern compares. A class that may repeat no time at
// the open end of a search adds nothing: "web[a-z]*" finds what "web" finds.
// `.*` stops at a newline, which no value of a workload has.
func Classify(pattern string) Pattern {
	for _, shape := range shapes {
		if m := shape.re.FindStringSubmatch(pattern); m != nil {
			return Pattern{Kind: shape.kind, Text: split(m[1]), Re: pattern}
		}
	}
	if m := trailing.FindStringSubmatch(pattern); m != nil {
		return Pattern{Kind: "contains", Text: split(m[1]), Re: pattern}
	}
	return Pattern{Kind: "regex", Re: pattern}
}

// Matcher compiles a pattern to a function, for engines that call one.
func (p Pattern) Matcher() (func(string) bool, error) {
	switch p.Kind {
	case "exact":
		return func(v string) bool {
			for _, text := range p.Text {
				if v == text {
					return true
				}
			}
			return false
		}, nil
	case "prefix":
		return func(v string) bool { return strings.HasPrefix(v, p.Text[0]) }, nil
	case "suffix":
		return func(v string) bool { return strings.HasSuffix(v, p.Text[0]) }, nil
	case "contains":
		return func(v string) bool { return strings.Contains(v, p.Text[0]) }, nil
	case "notprefix":
		return func(v string) bool { return !strings.HasPrefix(v, p.Text[0]) }, nil
	}
	re, err := regexp.Compile(p.Re)
	if err != nil {
		return nil, err
	}
	return re.MatchString, nil
}
