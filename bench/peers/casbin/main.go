// SPDX-License-Identifier: Apache-2.0

// Casbin, asked whether rules allow or deny a request.
package main

import (
	"fmt"
	"strconv"

	"github.com/casbin/casbin/v3"
	"github.com/casbin/casbin/v3/effector"
	"github.com/casbin/casbin/v3/model"

	"usher/bench/peers/common"
)

// Cheap comparisons that fail most often stand first: Casbin asks the matcher
// about each policy in turn, and an operand of `&&` that does not hold ends it.
const text = `
[request_definition]
r = who, human, service, access, item

[policy_definition]
p = name, who, human, service, access, filters, eft

[role_definition]
g = _, _

[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))

[matchers]
m = (r.service == p.service || p.service == "*") && \
    (r.access == p.access || p.access == "*") && \
    g(r.who, p.who) && (p.human == "*" || g(r.human, p.human)) && \
    (p.filters == "" || holds(r.item, p.filters))
`

type casbinPeer struct {
	policies [][]string
	roles    [][]string
	sets     map[string]common.Set // roles that stand for a set of groups
	filters  map[string][]check
	requests []*common.Request
	asked    [][]any
	names    []string // of the rules, in the order of the policies
	enforcer *casbin.Enforcer
}

// check is a filter, ready to be called.
type check struct {
	filter  *common.Filter
	matches func(string) bool
}

func (c *casbinPeer) Name() string    { return "casbin" }
func (c *casbinPeer) Version() string { return "3.10.0" }

// role names the role whose members are who the set means.
func (c *casbinPeer) role(s common.Set) string {
	if len(s.Groups) == 1 && !s.Remove {
		return s.Groups[0]
	}
	name := fmt.Sprintf("%v %v", s.Remove, s.Groups)
	c.sets[name] = s
	return name
}

func (c *casbinPeer) who(who *common.Who) (is, human string) {
	switch who.Kind {
	case "user":
		return "user " + who.User, "*"
	case "group":
		return c.role(who.Set), "*"
	case "any":
		return "anyone", "*"
	}
	agent := &who.Agent
	human = map[string]string{"any": "*", "none": "no human",
		"user": "user " + agent.User}[agent.UserKind]
	if agent.UserKind == "group" {
		human = c.role(agent.UserSet)
	}
	switch agent.Kind {
	case "any":
		return "agent", human
	case "owner-group":
		return "agent of " + c.role(agent.Set), human
	}
	return "agent " + agent.Kind + " " + agent.Value, human
}

func (c *casbinPeer) Translate(rules []common.Rule) error {
	c.sets = map[string]common.Set{}
	c.filters = map[string][]check{}
	for i := range rules {
		r := &rules[i]
		is, human := c.who(&r.Who)
		service, access, filters, effect := r.Service, r.Access, "", "allow"
		if r.Any {
			service = "*"
		}
		if access == "" {
			access = "*"
		}
		if len(r.Filters) > 0 {
			filters = "f" + strconv.Itoa(i)
		}
		if r.Deny {
			effect = "deny"
		}
		c.policies = append(c.policies, []string{r.Name, is, human, service,
			access, filters, effect})
		for j := range r.Filters {
			one := check{filter: &r.Filters[j]}
			if one.filter.Pattern.Kind != "" {
				var err error
				if one.matches, err = one.filter.Pattern.Matcher(); err != nil {
					return err
				}
			}
			c.filters[filters] = append(c.filters[filters], one)
		}
	}
	return nil
}

func (f *check) holds(q *common.Request) bool {
	is := f.filter
	keys := q.Values[is.Name]
	switch {
	case is.Effect == "removeAll":
		_, other := q.Bools[is.Name]
		return is.Key == "" && len(keys) == 0 && !other ||
			is.Key != "" && keys[is.Key] == nil
	case is.Bool != nil:
		return (q.Bools[is.Name] == *is.Bool) == (is.Effect == "keep")
	}
	for _, value := range keys[is.Key] {
		if f.matches(value) {
			return is.Effect == "keep"
		}
	}
	return is.Effect == "remove"
}

// holds is the function that the matcher calls.
func (c *casbinPeer) holds(args ...any) (any, error) {
	q, filters := args[0].(*common.Request), c.filters[args[1].(string)]
	for i := range filters {
		if !filters[i].holds(q) {
			return false, nil
		}
	}
	return true, nil
}

func (c *casbinPeer) Load() error {
	m, err := model.NewModelFromString(text)
	if err != nil {
		return err
	}
	if c.enforcer, err = casbin.NewEnforcer(m); err != nil {
		return err
	}
	c.enforcer.EnableAutoSave(false)
	c.enforcer.AddFunction("holds", c.holds)
	if _, err = c.enforcer.AddPoliciesEx(c.policies); err != nil {
		return err
	}
	policies, err := c.enforcer.GetPolicy()
	for _, policy := range policies {
		c.names = append(c.names, policy[0])
	}
	return err
}

// in tells whether a member of the groups is one of the set.
func in(s common.Set, groups map[string]bool) bool {
	for _, g := range s.Groups {
		if groups[g] {
			return !s.Remove
		}
	}
	return s.Remove
}

// member makes name a member of what a person with these groups is.
func (c *casbinPeer) member(name, user, prefix string, groups []string) {
	has := map[string]bool{}
	for _, g := range groups {
		has[g] = true
		c.roles = append(c.roles, []string{name, prefix + g})
	}
	if user != "" {
		c.roles = append(c.roles, []string{name, "user " + user})
	}
	for role, set := range c.sets {
		if in(set, has) {
			c.roles = append(c.roles, []string{name, prefix + role})
		}
	}
}

// Prepare gives every request a subject of its own, whose roles are what the
// request says of it.
func (c *casbinPeer) Prepare(requests []*common.Request) error {
	c.requests = requests
	for i, q := range requests {
		who, human := fmt.Sprintf("who %d", i), fmt.Sprintf("human %d", i)
		c.roles = append(c.roles, []string{who, "anyone"})
		if !q.Agent {
			c.member(who, q.User, "", q.Groups)
		} else {
			c.roles = append(c.roles, []string{who, "agent"},
				[]string{who, "agent client " + q.Client},
				[]string{who, "agent owner " + q.Owner},
				[]string{who, "agent provider " + q.Provider})
			if q.Owner != "" {
				c.member(who, "", "agent of ", q.OwnerGroups)
			}
			if q.Human {
				c.member(human, q.User, "", q.Groups)
			} else {
				c.roles = append(c.roles, []string{human, "no human"})
			}
		}
		access := q.Access
		if access == "" {
			access = "none"
		}
		c.asked = append(c.asked, []any{who, human, q.Service, access, q})
	}
	_, err := c.enforcer.AddGroupingPoliciesEx(c.roles)
	c.roles = nil
	return err
}

func (c *casbinPeer) Decide(i int) error {
	_, err := c.enforcer.Enforce(c.asked[i]...)
	return err
}

// collector is an effector that lets all policies be asked and notes which
// match: Casbin itself names one at most.
type collector struct{ matched []int }

func (c *collector) MergeEffects(_ string, _ []effector.Effect,
	matches []float64, at, _ int) (effector.Effect, int, error) {
	if matches[at] != 0 {
		c.matched = append(c.matched, at)
	}
	return effector.Indeterminate, -1, nil
}

// Answer asks twice: as it is timed, and for all policies that match.
func (c *casbinPeer) Answer(i int) (common.Answer, error) {
	answer := common.Answer{Class: "match", Rules: []string{}}
	allowed, why, err := c.enforcer.EnforceEx(c.asked[i]...)
	if err != nil {
		return answer, err
	}
	every := &collector{}
	c.enforcer.SetEffector(every)
	_, err = c.enforcer.Enforce(c.asked[i]...)
	c.enforcer.SetEffector(effector.NewDefaultEffector())
	for _, at := range every.matched {
		answer.Rules = append(answer.Rules, c.names[at])
	}
	switch {
	case !allowed && len(why) > 0:
		answer.Class = "deny"
	case !allowed:
		answer.Class = "none"
	}
	return answer, err
}

func main() {
	common.Main(&casbinPeer{})
}
