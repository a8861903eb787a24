// SPDX-License-Identifier: Apache-2.0

// Package common holds what the harnesses written in Go share: the workload
// (this file), the outcome that follows from the matched rules, patterns as
// comparisons, and the measuring.
package common

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Set is who may be meant: members of any of the groups, or of none of them.
type Set struct {
	Groups []string
	Remove bool
}

// Agent says which sessions of agents a rule is for.
type Agent struct {
	Kind     string // any, client, owner, owner-group, provider
	Value    string
	Set      Set
	UserKind string // any, none, user, group
	User     string
	UserSet  Set
}

// Who says who a rule is for.
type Who struct {
	Kind  string // any, group, user, agentic
	User  string
	Set   Set
	Agent Agent
}

// Filter is one condition on the attributes of the resource, or, under the
// name "agent", on the subject of an agent.
type Filter struct {
	Name, Key string
	Effect    string // keep, remove, removeAll
	Bool      *bool
	Pattern   Pattern
}

// Alternative is one entry of a rule's approval list.
type Alternative struct {
	Type        string
	Integration string
	Options     map[string]bool
}

// Rule is an enabled rule of a workflow.
type Rule struct {
	Name         string
	Some         bool
	Who          Who
	Any          bool // any resource
	Service      string
	Access       string // "" stands for every one
	Filters      []Filter
	Alternatives []Alternative
	Deny         bool
}

// Request is what is decided.
type Request struct {
	Human       bool
	User        string
	Groups      []string
	Agent       bool
	Client      string
	Owner       string
	OwnerGroups []string
	Provider    string
	Subject     *string
	Service     string
	Access      string
	Values      map[string]map[string][]string
	Bools       map[string]bool
	Unknown     bool // an attribute is not known
	Reason      bool
	Duration    bool
	Preapproved bool
	Oncall      map[string]*bool
}

// Present tells under which names, and names with a key ("tag.env"), there is
// a value.
func (q *Request) Present() []string {
	var names []string
	for name, keys := range q.Values {
		names = append(names, name)
		for key := range keys {
			names = append(names, name+"."+key)
		}
	}
	for name := range q.Bools {
		names = append(names, name)
	}
	return names
}

type group struct{ Directory, ID string }

type groups struct {
	Groups    []group
	Directory string
	ID        string
	Effect    string
}

type who struct {
	Type string
	UID  string
	groups
}

type agent struct {
	Type, ClientID, Owner, ProviderID string
	SubjectPattern                    *string
	Groups                            groups
}

type filter struct {
	Effect, Key string
	Pattern     *string
	Value       *bool
}

type rule struct {
	Name      string
	Disabled  bool
	Requestor struct {
		who
		Agent agent
		User  *who
	}
	Resource struct {
		Type, Service, AccessType string
		Filters                   map[string]filter
	}
	Approval []Alternative
}

func (g group) String() string {
	if g.Directory == "azure-ad" {
		return "entra-id/" + g.ID
	}
	return g.Directory + "/" + g.ID
}

func (g groups) set() Set {
	set := Set{Remove: g.Effect == "remove"}
	for _, one := range g.Groups {
		set.Groups = append(set.Groups, one.String())
	}
	if len(g.Groups) == 0 {
		set.Groups = []string{group{g.Directory, g.ID}.String()}
	}
	return set
}

func (r *rule) agent(made *Rule) error {
	is := &r.Requestor.Agent
	agent := &made.Who.Agent
	switch is.Type {
	case "any":
		agent.Kind = "any"
	case "agent-client", "mcp-client":
		agent.Kind, agent.Value = "client", is.ClientID
	case "agent-owner":
		agent.Kind, agent.Value = "owner", strings.ToLower(is.Owner)
	case "owner-group":
		agent.Kind, agent.Set = "owner-group", is.Groups.set()
	case "provider":
		agent.Kind, agent.Value = "provider", is.ProviderID
		if is.SubjectPattern != nil {
			made.Filters = append(made.Filters, Filter{Name: "agent",
				Key: "subject", Effect: "keep",
				Pattern: Classify(*is.SubjectPattern)})
		}
	default:
		return fmt.Errorf("%s: agent %q", r.Name, is.Type)
	}
	user := r.Requestor.User
	agent.UserKind, agent.User = user.Type, strings.ToLower(user.UID)
	if user.Type == "group" {
		agent.UserSet = user.set()
	}
	return nil
}

func (r *rule) made() (Rule, error) {
	made := Rule{Name: r.Name, Alternatives: r.Approval,
		Any:     r.Resource.Type == "any",
		Service: r.Resource.Service, Access: r.Resource.AccessType}
	if made.Access == "any" {
		made.Access = ""
	}
	made.Who.Kind = r.Requestor.Type
	switch r.Requestor.Type {
	case "any":
	case "some":
		made.Who.Kind, made.Some = "any", true
	case "user":
		made.Who.User = strings.ToLower(r.Requestor.UID)
	case "group":
		made.Who.Set = r.Requestor.set()
	case "agentic":
		if err := r.agent(&made); err != nil {
			return made, err
		}
	default:
		return made, fmt.Errorf("%s: requestor %q", r.Name, r.Requestor.Type)
	}
	for name, f := range r.Resource.Filters {
		one := Filter{Name: name, Key: f.Key, Effect: f.Effect, Bool: f.Value}
		if f.Pattern != nil {
			one.Pattern = Classify(*f.Pattern)
		}
		made.Filters = append(made.Filters, one)
	}
	for _, a := range r.Approval {
		made.Deny = made.Deny || a.Type == "deny"
	}
	return made, nil
}

// ReadRules reads the enabled rules of a workflow.
func ReadRules(dir string) ([]Rule, error) {
	text, err := os.ReadFile(filepath.Join(dir, "rules.json"))
	if err != nil {
		return nil, err
	}
	var all struct{ Rules []rule }
	if text[0] == '[' {
		err = json.Unmarshal(text, &all.Rules)
	} else {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, err
	}
	var rules []Rule
	for i := range all.Rules {
		if all.Rules[i].Disabled {
			continue
		}
		made, err := all.Rules[i].made()
		if err != nil {
			return nil, err
		}
		rules = append(rules, made)
	}
	return rules, nil
}

type request struct {
	Requestor *struct {
		UID    string
		Groups []group
		Oncall map[string]*bool
	}
	Agent *struct {
		ClientID, Owner, ProviderID string
		Subject                     *string
		OwnerGroups                 []group
	}
	Resource struct {
		Service, AccessType string
		Attributes          map[string]any
	}
	Reason          string
	DurationSeconds float64
	Preapproved     bool
}

func names(from []group) []string {
	made := []string{}
	for _, g := range from {
		made = append(made, g.String())
	}
	return made
}

// values lists the values of one attribute; ok is false when it is not known.
func values(of any) (list []string, ok bool) {
	switch v := of.(type) {
	case string:
		return []string{v}, true
	case []any:
		for _, one := range v {
			s, is := one.(string)
			if !is {
				return nil, false
			}
			list = append(list, s)
		}
		return list, true
	}
	return nil, false
}

func (q *Request) attributes(from map[string]any) {
	q.Values = map[string]map[string][]string{}
	q.Bools = map[string]bool{}
	for name, of := range from {
		switch keys := of.(type) {
		case bool:
			q.Bools[name] = keys
		case map[string]any:
			for key, v := range keys {
				list, ok := values(v)
				q.Unknown = q.Unknown || !ok
				if len(list) == 0 {
					continue
				}
				if q.Values[name] == nil {
					q.Values[name] = map[string][]string{}
				}
				q.Values[name][key] = list
			}
		default:
			q.Unknown = true
		}
	}
	if q.Subject != nil {
		q.Values["agent"] = map[string][]string{"subject": {*q.Subject}}
	}
}

func (r *request) made() *Request {
	q := &Request{Service: r.Resource.Service, Access: r.Resource.AccessType,
		Reason:   strings.Trim(r.Reason, " \t\n\v\f\r") != "",
		Duration: r.DurationSeconds > 0, Preapproved: r.Preapproved}
	if r.Requestor != nil {
		q.Human, q.User = true, strings.ToLower(r.Requestor.UID)
		q.Groups, q.Oncall = names(r.Requestor.Groups), r.Requestor.Oncall
	}
	if r.Agent != nil {
		q.Agent, q.Client = true, r.Agent.ClientID
		q.Owner, q.Provider = strings.ToLower(r.Agent.Owner), r.Agent.ProviderID
		q.OwnerGroups, q.Subject = names(r.Agent.OwnerGroups), r.Agent.Subject
	}
	q.attributes(r.Resource.Attributes)
	return q
}

// lines calls f with each line of a file.
func lines(path string, f func([]byte) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	in.Buffer(nil, 1<<26)
	for in.Scan() {
		if len(in.Bytes()) == 0 {
			continue
		}
		if err := f(in.Bytes()); err != nil {
			return err
		}
	}
	return in.Err()
}

// ReadRequests reads the requests of a workload.
func ReadRequests(dir string) (all []*Request, err error) {
	err = lines(filepath.Join(dir, "requests.jsonl"), func(line []byte) error {
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		all = append(all, r.made())
		return nil
	})
	return all, err
}

// Expected is the part of usher's answer that is compared.
type Expected struct {
	Outcome  string
	By       *string
	Rules    []string
	DeniedBy []string
}

// ReadExpected reads the answers of a workload.
func ReadExpected(dir string) (all []Expected, err error) {
	err = lines(filepath.Join(dir, "expected.jsonl"), func(line []byte) error {
		var e Expected
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		all = append(all, e)
		return nil
	})
	return all, err
}
