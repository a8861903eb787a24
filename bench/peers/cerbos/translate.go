// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"slices"
	"strings"

	"usher/bench/peers/common"
)

// quoted is a list of strings of CEL.
func quoted(list []string) string {
	made := make([]string, len(list))
	for i, text := range list {
		made[i] = fmt.Sprintf("%q", text)
	}
	return "[" + strings.Join(made, ", ") + "]"
}

// some writes that one of the values at a place passes.
func some(place string, p *common.Pattern) string {
	at := fmt.Sprintf("R.attr[%q]", place)
	has := fmt.Sprintf("%q in R.attr", place)
	passes := ""
	text := ""
	if len(p.Text) > 0 {
		text = fmt.Sprintf("%q", p.Text[0])
	}
	switch p.Kind {
	case "exact":
		if len(p.Text) == 1 {
			return fmt.Sprintf("%s && %s in %s", has, text, at)
		}
		return fmt.Sprintf("%s && hasIntersection(%s, %s)", has, at,
			quoted(p.Text))
	case "prefix":
		passes = "v.startsWith(" + text + ")"
	case "suffix":
		passes = "v.endsWith(" + text + ")"
	case "contains":
		passes = "v.contains(" + text + ")"
	case "notprefix":
		passes = "!v.startsWith(" + text + ")"
	default:
		passes = fmt.Sprintf("v.matches(%q)", p.Re)
	}
	return fmt.Sprintf("%s && %s.exists(v, %s)", has, at, passes)
}

func filter(f *common.Filter) string {
	place := f.Name
	if f.Key != "" {
		place += "." + f.Key
	}
	made := ""
	keep := f.Effect == "keep"
	switch {
	case f.Effect == "removeAll":
		return fmt.Sprintf("!(%q in R.attr)", place)
	case f.Bool != nil:
		made = fmt.Sprintf("%q in R.attr && R.attr[%q] == true", place, place)
		keep = keep == *f.Bool
	default:
		made = some(place, &f.Pattern)
	}
	if keep {
		return made
	}
	return "!(" + made + ")"
}

// set writes membership in one of the groups, or in none of them.
func set(s common.Set, at string) string {
	made := fmt.Sprintf("hasIntersection(P.attr[%q], %s)", at,
		quoted(s.Groups))
	if s.Remove {
		return "!" + made
	}
	return made
}

// who writes for which roles a rule is, and what else has to hold. Groups are
// roles, which Cerbos finds rules by.
func who(of *common.Who) (roles, conditions []string) {
	switch of.Kind {
	case "any":
		return []string{"anyone"}, nil
	case "user":
		return []string{"user " + of.User}, nil
	case "group":
		if of.Set.Remove {
			return []string{"person"}, []string{set(of.Set, "groups")}
		}
		roles = slices.Sorted(slices.Values(of.Set.Groups))
		return slices.Compact(roles), nil // one twice is refused
	}
	agent := &of.Agent
	role := "agent"
	switch agent.Kind {
	case "any":
	case "owner-group":
		conditions = append(conditions, `"owner" in P.attr && `+
			set(agent.Set, "ownerGroups"))
	default:
		role = "agent " + agent.Kind + " " + agent.Value
	}
	human := `"human" in P.attr`
	switch agent.UserKind {
	case "none":
		conditions = append(conditions, "!("+human+")")
	case "user":
		conditions = append(conditions, fmt.Sprintf("%s && P.attr.human == %q",
			human, agent.User))
	case "group":
		conditions = append(conditions, human+" && "+
			set(agent.UserSet, "groups"))
	}
	return []string{role}, conditions
}

// rule writes a rule of a resource policy; actions are those that it allows.
func rule(r *common.Rule, actions []string) map[string]any {
	roles, conditions := who(&r.Who)
	for i := range r.Filters {
		conditions = append(conditions, filter(&r.Filters[i]))
	}
	made := map[string]any{"name": r.Name, "actions": actions, "roles": roles,
		"effect": "EFFECT_ALLOW"}
	switch len(conditions) {
	case 0:
	case 1:
		made["condition"] = map[string]any{"match": map[string]any{
			"expr": conditions[0]}}
	default:
		of := make([]any, len(conditions))
		for i, text := range conditions {
			of[i] = map[string]any{"expr": text}
		}
		made["condition"] = map[string]any{"match": map[string]any{
			"all": map[string]any{"of": of}}}
	}
	return made
}
