// SPDX-License-Identifier: Apache-2.0

package common

// alternative tells what one alternative lacks, whether break-glass forbids
// it, and whether it is on call now (nil: could not be found out).
func (q *Request) alternative(r *Rule, a *Alternative) (missing, forbidden bool,
	oncall *bool) {
	o := a.Options
	missing = o["requireReason"] && !q.Reason ||
		o["requireDuration"] && !q.Duration ||
		o["requirePreapproval"] && !q.Preapproved
	human := a.Type != "auto" && a.Type != "persistent"
	if q.Service == "ssh" && q.Access == "all" {
		forbidden = r.Access != "all" && !(human && o["breakGlassApprover"])
	}
	yes := true
	oncall = &yes
	if a.Type == "auto" {
		state, known := q.Oncall[a.Integration]
		if !known {
			yes = false
		} else {
			oncall = state
		}
	}
	return missing, forbidden, oncall
}

// Outcome tells what follows from the rules that match: the outcome, and by
// what a grant was given.
func Outcome(q *Request, matched []*Rule) (outcome, by string) {
	if len(matched) == 0 {
		return "no-route", ""
	}
	available := map[string]bool{}
	incomplete, unknown, some := false, false, false
	for _, r := range matched {
		if r.Deny {
			return "denied", ""
		}
		for i := range r.Alternatives {
			a := &r.Alternatives[i]
			missing, forbidden, oncall := q.alternative(r, a)
			some = true
			switch {
			case forbidden:
			case oncall == nil:
				unknown = true
			case !*oncall:
			case missing:
				incomplete = true
			case a.Type == "auto" || a.Type == "persistent":
				available[a.Type] = true
			default:
				available["human"] = true
			}
		}
	}
	switch {
	case !some:
		return "denied", ""
	case available["persistent"]:
		return "granted", "persistent"
	case available["auto"]:
		return "granted", "auto"
	case available["human"] && q.Preapproved:
		return "granted", "preapproval"
	case available["human"]:
		return "pending", ""
	case incomplete:
		return "incomplete", ""
	case unknown:
		return "unknown", ""
	}
	return "denied", ""
}
