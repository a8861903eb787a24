// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"

	"usher/bench/peers/common"
)

// ways writes who a rule is for: the rule matches when one of the ways, a
// list of expressions, holds. Each way is a body of its own, so that the
// indexer sees the group.
func ways(who *common.Who) []string {
	switch who.Kind {
	case "any":
		return []string{""}
	case "user":
		return []string{fmt.Sprintf("\tinput.person == %q\n", who.User)}
	case "group":
		return set(who.Set, "input.groups", "\tinput.person\n")
	}
	agent := &who.Agent
	human := map[string][]string{"any": {""}, "none": {"\tnot input.human\n"},
		"user":  {fmt.Sprintf("\tinput.human == %q\n", agent.User)},
		"group": set(agent.UserSet, "input.human_groups", "\tinput.human\n"),
	}[agent.UserKind]
	is := map[string][]string{"any": {"\tinput.agent\n"},
		"client":      {fmt.Sprintf("\tinput.agent.client == %q\n", agent.Value)},
		"owner":       {fmt.Sprintf("\tinput.agent.owner == %q\n", agent.Value)},
		"provider":    {fmt.Sprintf("\tinput.agent.provider == %q\n", agent.Value)},
		"owner-group": set(agent.Set, "input.agent.groups", "\tinput.agent.owner\n"),
	}[agent.Kind]
	var made []string
	for _, a := range is {
		for _, b := range human {
			made = append(made, a+b)
		}
	}
	return made
}

// set writes membership of one of the groups at ref, or of none of them when
// there is somebody.
func set(s common.Set, ref, somebody string) []string {
	var made []string
	none := somebody
	for _, g := range s.Groups {
		made = append(made, fmt.Sprintf("\t%q in %s\n", g, ref))
		none += fmt.Sprintf("\tnot %q in %s\n", g, ref)
	}
	if s.Remove {
		return []string{none}
	}
	return made
}

// test writes a call that holds when one of the values passes.
func test(p *common.Pattern, at string) string {
	quoted := make([]string, len(p.Text))
	for i, text := range p.Text {
		quoted[i] = fmt.Sprintf("%q", text)
	}
	switch p.Kind {
	case "exact":
		if len(quoted) == 1 {
			return fmt.Sprintf("%s in %s", quoted[0], at)
		}
		return fmt.Sprintf("lib.any_of(%s, {%s})", at,
			strings.Join(quoted, ", "))
	case "prefix":
		return fmt.Sprintf("strings.any_prefix_match(%s, %s)", at, quoted[0])
	case "suffix":
		return fmt.Sprintf("strings.any_suffix_match(%s, %s)", at, quoted[0])
	case "contains":
		return fmt.Sprintf("lib.any_contains(%s, %s)", at, quoted[0])
	case "notprefix":
		return fmt.Sprintf("lib.any_without_prefix(%s, %s)", at, quoted[0])
	}
	return fmt.Sprintf("lib.any_regex(%s, %q)", at, p.Re)
}

func filter(f *common.Filter) string {
	at := fmt.Sprintf("input.values[%q]", f.Name+"."+f.Key)
	name := f.Name
	if f.Key != "" {
		name += "." + f.Key
	}
	switch {
	case f.Effect == "removeAll":
		return fmt.Sprintf("\tnot %q in input.present\n", name)
	case f.Bool != nil && *f.Bool == (f.Effect == "keep"):
		return fmt.Sprintf("\tinput.bools[%q]\n", f.Name)
	case f.Bool != nil:
		return fmt.Sprintf("\tnot input.bools[%q]\n", f.Name)
	case f.Effect == "keep":
		return "\t" + test(&f.Pattern, at) + "\n"
	}
	// An argument that is undefined would make the whole body undefined, for
	// the compiler takes it out of the negated call.
	at = fmt.Sprintf("object.get(input.values, %q, [])", f.Name+"."+f.Key)
	return "\tnot " + test(&f.Pattern, at) + "\n"
}

// bodies writes one rule as rules of Rego with the same head.
func bodies(r *common.Rule) string {
	what := ""
	if !r.Any {
		what = fmt.Sprintf("\tinput.service == %q\n", r.Service)
	}
	if r.Access != "" {
		what += fmt.Sprintf("\tinput.access == %q\n", r.Access)
	}
	filters := ""
	for i := range r.Filters {
		filters += filter(&r.Filters[i])
	}
	if what+filters == "" {
		filters = "\ttrue\n"
	}
	made := ""
	for _, way := range ways(&r.Who) {
		made += fmt.Sprintf("matched contains %q if {\n%s%s%s}\n\n", r.Name,
			what, way, filters)
	}
	return made
}

const library = `package lib

any_of(values, texts) if {
	some v in values
	v in texts
}

any_contains(values, text) if {
	some v in values
	contains(v, text)
}

any_without_prefix(values, text) if {
	some v in values
	not startswith(v, text)
}

any_regex(values, pattern) if {
	some v in values
	regex.match(pattern, v)
}
`

// keys tell under which packages a rule is found when packages are chosen by
// service and by who asks.
func keys(r *common.Rule) []string {
	service := r.Service
	if r.Any {
		service = "*"
	}
	var made []string
	who := []string{"*"}
	switch {
	case r.Who.Kind == "user":
		who = []string{r.Who.User}
	case r.Who.Kind == "group" && !r.Who.Set.Remove:
		who = r.Who.Set.Groups
	}
	for _, one := range who {
		made = append(made, service+" "+one)
	}
	return made
}
