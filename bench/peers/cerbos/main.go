// SPDX-License-Identifier: Apache-2.0

// Cerbos, its engine embedded, asked whether a request is routed and whether
// a rule denies it. The module's name stands under that of Cerbos, whose
// packages of the engine are not open to others.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing/fstest"

	effectv1 "github.com/cerbos/cerbos/api/genpb/cerbos/effect/v1"
	enginev1 "github.com/cerbos/cerbos/api/genpb/cerbos/engine/v1"
	"github.com/cerbos/cerbos/internal/compile"
	"github.com/cerbos/cerbos/internal/evaluator"
	"github.com/cerbos/cerbos/internal/ruletable"
	"github.com/cerbos/cerbos/internal/schema"
	"github.com/cerbos/cerbos/internal/storage/disk"
	"github.com/cerbos/cerbos/internal/storage/index"
	"google.golang.org/protobuf/types/known/structpb"

	"usher/bench/peers/common"
)

type cerbos struct {
	files  fstest.MapFS
	engine *ruletable.Evaluator
	asked  [][]*enginev1.CheckInput
}

func (c *cerbos) Name() string    { return "cerbos" }
func (c *cerbos) Version() string { return "0.55.0" }

// none is the action of requests without an access type.
const none = "none"

// vocabulary is what may be asked of the services that usher knows.
var vocabulary = map[string][]string{
	"gcloud":    {"role", "permission", "resource"},
	"aws":       {"role", "permission-set", "policy", "group", "resource"},
	"azure":     {"role", "resource"},
	"ssh":       {"session", "group", "parent", "all"},
	"k8s":       {"resource"},
	"pg":        {"role", "sql"},
	"postgres":  {"role", "sql"},
	"mysql":     {"role", "sql"},
	"snowflake": {"role", "sql"},
	"okta":      {"group"},
	"workspace": {"group"},
	"azure-ad":  {"group", "role"},
	"entra-id":  {"group", "role"},
	"github":    {"team"},
	"rdp":       {"session"},

	"file-transfer": {"session"},
}

// accesses lists the access types of each service, those that only rules
// speak of too, so that a rule for all of them can name them: Cerbos finds
// those faster than what it has to match with a wildcard.
func accesses(rules []common.Rule) map[string][]string {
	made := map[string][]string{}
	for service, known := range vocabulary {
		made[service] = append([]string{none}, known...)
	}
	for i := range rules {
		r := &rules[i]
		if r.Any {
			continue
		}
		if made[r.Service] == nil {
			made[r.Service] = []string{none}
		}
		if r.Access != "" && !slices.Contains(made[r.Service], r.Access) {
			made[r.Service] = append(made[r.Service], r.Access)
		}
	}
	return made
}

// Translate writes one resource policy for each service. A rule allows its
// access types; one that denies allows "deny" before their names too, and both
// are asked: with several roles, one that is allowed would hide another that
// is denied.
func (c *cerbos) Translate(rules []common.Rule) error {
	c.files = fstest.MapFS{}
	for service, all := range accesses(rules) {
		var made []any
		for i := range rules {
			r := &rules[i]
			if !r.Any && r.Service != service {
				continue
			}
			actions := all
			if r.Access != "" {
				actions = []string{r.Access}
			}
			actions = slices.Clone(actions)
			if r.Deny {
				for _, action := range slices.Clone(actions) {
					actions = append(actions, "deny "+action)
				}
			}
			made = append(made, rule(r, actions))
		}
		if made == nil {
			continue
		}
		text, err := json.Marshal(map[string]any{
			"apiVersion": "api.cerbos.dev/v1",
			"resourcePolicy": map[string]any{"resource": service,
				"version": "default", "rules": made}})
		if err != nil {
			return err
		}
		c.files[service+".json"] = &fstest.MapFile{Data: text}
	}
	return nil
}

func (c *cerbos) Load() error {
	ctx := context.Background()
	found, err := index.Build(ctx, c.files)
	var failed *index.BuildError
	if errors.As(err, &failed) {
		for _, one := range failed.LoadFailures {
			return fmt.Errorf("%s: %s", one.File, one.Error)
		}
	}
	if err != nil {
		return err
	}
	store := disk.NewFromIndexWithConf(found, &disk.Conf{})
	compiler, err := compile.NewManager(ctx, store)
	if err != nil {
		return err
	}
	table, err := ruletable.NewRuleTableFromLoader(ctx, compiler)
	if err != nil {
		return err
	}
	conf := &evaluator.Conf{}
	conf.SetDefaults()
	c.engine, err = ruletable.NewEvaluator(conf,
		schema.NewConf(schema.EnforcementNone), table)
	c.files = nil
	return err
}

func list(of []string) *structpb.Value {
	made := make([]*structpb.Value, len(of))
	for i, text := range of {
		made[i] = structpb.NewStringValue(text)
	}
	return structpb.NewListValue(&structpb.ListValue{Values: made})
}

func principal(q *common.Request) *enginev1.Principal {
	attr := map[string]*structpb.Value{"groups": list(q.Groups)}
	roles := []string{"anyone"}
	if !q.Agent {
		roles = append(roles, "person", "user "+q.User)
		return &enginev1.Principal{Id: q.User, Attr: attr,
			Roles: append(roles, q.Groups...)}
	}
	roles = append(roles, "agent")
	for kind, text := range map[string]string{"client": q.Client,
		"owner": q.Owner, "provider": q.Provider} {
		if text != "" {
			roles = append(roles, "agent "+kind+" "+text)
		}
	}
	attr["ownerGroups"] = list(q.OwnerGroups)
	if q.Owner != "" {
		attr["owner"] = structpb.NewStringValue(q.Owner)
	}
	if q.Human {
		attr["human"] = structpb.NewStringValue(q.User)
	}
	return &enginev1.Principal{Id: "agent", Attr: attr, Roles: roles}
}

func (c *cerbos) Prepare(requests []*common.Request) error {
	for i, q := range requests {
		attr := map[string]*structpb.Value{}
		for name, keys := range q.Values {
			attr[name] = structpb.NewBoolValue(true)
			for key, values := range keys {
				attr[name+"."+key] = list(values)
			}
		}
		for name, is := range q.Bools {
			attr[name] = structpb.NewBoolValue(is)
		}
		access := q.Access
		if access == "" {
			access = none
		}
		c.asked = append(c.asked, []*enginev1.CheckInput{{
			RequestId: fmt.Sprint(i), Principal: principal(q),
			Resource: &enginev1.Resource{Kind: q.Service, Id: "item",
				Attr: attr},
			Actions: []string{access, "deny " + access}}})
	}
	return nil
}

func (c *cerbos) Decide(i int) error {
	_, _, err := c.engine.Check(context.Background(), c.asked[i])
	return err
}

func (c *cerbos) Answer(i int) (common.Answer, error) {
	made, _, err := c.engine.Check(context.Background(), c.asked[i])
	if err != nil {
		return common.Answer{}, err
	}
	if len(made[0].EvaluationErrors) > 0 {
		return common.Answer{}, fmt.Errorf("request %d: %v", i+1,
			made[0].EvaluationErrors[0])
	}
	allowed := func(action string) bool {
		return made[0].Actions[action].Effect == effectv1.Effect_EFFECT_ALLOW
	}
	actions := c.asked[i][0].Actions
	switch {
	case allowed(actions[1]):
		return common.Answer{Class: "deny"}, nil
	case allowed(actions[0]):
		return common.Answer{Class: "match"}, nil
	}
	return common.Answer{Class: "none"}, nil
}

func main() {
	common.Main(&cerbos{})
}
