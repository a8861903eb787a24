// SPDX-License-Identifier: Apache-2.0

// Open Policy Agent, asked through its Go API which rules match.
package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
	"github.com/open-policy-agent/opa/v1/version"

	"usher/bench/peers/common"
)

type opa struct {
	dispatch bool // by package rather than by the indexer alone
	deny     map[string]bool
	modules  map[string]string
	query    rego.PreparedEvalQuery
	inputs   []ast.Value
	cache    cache.InterQueryValueCache
}

func (o *opa) Name() string {
	if o.dispatch {
		return "opa-packages"
	}
	return "opa"
}

func (o *opa) Version() string { return version.Version }

// Translate writes one package with all rules; with dispatch, one for each
// service and group or person, whose rules the first package gathers.
func (o *opa) Translate(rules []common.Rule) error {
	o.modules = map[string]string{"lib.rego": library}
	o.deny = map[string]bool{}
	texts := map[string]*strings.Builder{}
	for i := range rules {
		r := &rules[i]
		o.deny[r.Name] = r.Deny
		under := []string{""}
		if o.dispatch {
			under = keys(r)
		}
		for _, key := range under {
			if texts[key] == nil {
				texts[key] = &strings.Builder{}
			}
			texts[key].WriteString(bodies(r))
		}
	}
	for key, text := range texts {
		name := "peer"
		if o.dispatch {
			service, who, _ := strings.Cut(key, " ")
			name = fmt.Sprintf("peer.rules[%q][%q]", service, who)
		}
		o.modules[fmt.Sprintf("%q.rego", key)] = fmt.Sprintf(
			"package %s\n\nimport data.lib\n\n%s", name, text)
	}
	if o.dispatch {
		o.modules["main.rego"] = gather
	}
	return nil
}

const gather = `package peer

matched contains name if {
	some service in [input.service, "*"]
	some who in input.who
	some name in data.peer.rules[service][who].matched
}
`

func (o *opa) Load() error {
	config, err := cache.ParseCachingConfig([]byte(
		`{"inter_query_builtin_value_cache": {"max_num_entries": 200000}}`))
	if err != nil {
		return err
	}
	ctx := context.Background()
	o.cache = cache.NewInterQueryValueCache(ctx, config)
	options := []func(*rego.Rego){rego.Query("data.peer.matched"),
		rego.InterQueryBuiltinValueCache(o.cache)}
	for name, text := range o.modules {
		options = append(options, rego.Module(name, text))
	}
	o.query, err = rego.New(options...).PrepareForEval(ctx)
	o.modules = nil
	return err
}

// strs makes a set, which the indexer and `in` look up faster than an array.
func strs(list []string) *ast.Term {
	terms := make([]*ast.Term, len(list))
	for i, text := range list {
		terms[i] = ast.StringTerm(text)
	}
	return ast.SetTerm(terms...)
}

func input(q *common.Request) ast.Value {
	made := ast.NewObject()
	put := func(in ast.Object, key string, term *ast.Term) {
		in.Insert(ast.StringTerm(key), term)
	}
	put(made, "service", ast.StringTerm(q.Service))
	if q.Access != "" {
		put(made, "access", ast.StringTerm(q.Access))
	}
	who := []string{"*"}
	if q.Agent {
		agent := ast.NewObject()
		for key, text := range map[string]string{"client": q.Client,
			"owner": q.Owner, "provider": q.Provider} {
			if text != "" {
				put(agent, key, ast.StringTerm(text))
			}
		}
		put(agent, "groups", strs(q.OwnerGroups))
		put(made, "agent", ast.NewTerm(agent))
		if q.Human {
			put(made, "human", ast.StringTerm(q.User))
			put(made, "human_groups", strs(q.Groups))
		}
	} else {
		put(made, "person", ast.StringTerm(q.User))
		put(made, "groups", strs(q.Groups))
		who = append(append(who, q.User), q.Groups...)
	}
	put(made, "who", strs(who))
	values, bools := ast.NewObject(), ast.NewObject()
	for name, keys := range q.Values {
		for key, list := range keys {
			put(values, name+"."+key, strs(list))
		}
	}
	for name, is := range q.Bools {
		put(bools, name, ast.BooleanTerm(is))
	}
	put(made, "values", ast.NewTerm(values))
	put(made, "bools", ast.NewTerm(bools))
	put(made, "present", strs(q.Present()))
	return made
}

func (o *opa) Prepare(requests []*common.Request) error {
	for _, q := range requests {
		o.inputs = append(o.inputs, input(q))
	}
	return nil
}

func (o *opa) eval(i int) (rego.ResultSet, error) {
	return o.query.Eval(context.Background(),
		rego.EvalParsedInput(o.inputs[i]))
}

func (o *opa) Decide(i int) error {
	_, err := o.eval(i)
	return err
}

func (o *opa) Answer(i int) (common.Answer, error) {
	results, err := o.eval(i)
	if err != nil {
		return common.Answer{}, err
	}
	answer := common.Answer{Class: "none", Rules: []string{}}
	for _, result := range results {
		for _, name := range result.Expressions[0].Value.([]any) {
			answer.Rules = append(answer.Rules, name.(string))
		}
	}
	if len(answer.Rules) > 0 {
		answer.Class = "match"
	}
	if slices.ContainsFunc(answer.Rules, func(name string) bool {
		return o.deny[name]
	}) {
		answer.Class = "deny"
	}
	return answer, nil
}

func main() {
	peer := &opa{}
	args := os.Args[:1]
	for _, word := range os.Args[1:] {
		if word == "--packages" {
			peer.dispatch = true
		} else {
			args = append(args, word)
		}
	}
	os.Args = args
	common.Main(peer)
}
