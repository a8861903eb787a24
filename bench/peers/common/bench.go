// SPDX-License-Identifier: Apache-2.0

package common

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// Answer is what a peer says of one request. Rules is nil where the peer does
// not say which rules matched.
type Answer struct {
	Rules []string
	Class string // deny, match, none
}

// Peer is an engine that is asked.
type Peer interface {
	Name() string
	Version() string
	// Translate writes the rules in the peer's own form; not timed.
	Translate(rules []Rule) error
	// Load makes the peer ready from that form.
	Load() error
	// Prepare makes all requests, in the peer's own form.
	Prepare(requests []*Request) error
	// Decide answers request i; this is what is timed.
	Decide(i int) error
	// Answer decides request i once more and tells what was answered.
	Answer(i int) (Answer, error)
}

type result struct {
	Peer      string  `json:"peer"`
	Version   string  `json:"version"`
	Rules     int     `json:"rules"`
	Requests  int     `json:"requests"`
	Agree     int     `json:"agree"`
	Differ    int     `json:"differ"`
	Skipped   int     `json:"skipped"`
	Decisions int     `json:"decisions"`
	P50       int64   `json:"p50_ns"`
	P99       int64   `json:"p99_ns"`
	P50Clock  int64   `json:"p50_clock_ns"`
	PerSecond float64 `json:"decisions_per_s"`
	LoadMs    float64 `json:"load_ms"`
	RssKib    int64   `json:"rss_kib"`
}

// class is what an engine that allows and denies can say of an answer.
func class(e *Expected, rules map[string]*Rule) string {
	if len(e.Rules) == 0 {
		return "none"
	}
	for _, name := range e.Rules {
		if rules[name].Deny {
			return "deny"
		}
	}
	return "match"
}

// compare returns what differs between the answer and the expected one, "" if
// nothing does.
func compare(q *Request, got Answer, want *Expected,
	rules map[string]*Rule) string {
	if is := class(want, rules); got.Class != is {
		return fmt.Sprintf("says %s, not %s", got.Class, is)
	}
	if got.Rules == nil {
		return ""
	}
	var matched []*Rule
	for _, name := range got.Rules {
		matched = append(matched, rules[name])
	}
	a, b := slices.Clone(got.Rules), slices.Clone(want.Rules)
	if got.Class == "deny" && len(a) < len(b) {
		b = slices.Clone(want.DeniedBy) // it names only these
	}
	slices.Sort(a)
	slices.Sort(b)
	if !slices.Equal(slices.Compact(a), b) {
		return fmt.Sprintf("matches %v, not %v", a, b)
	}
	by := ""
	if want.By != nil {
		by = *want.By
	}
	if o, how := Outcome(q, matched); o != want.Outcome || how != by {
		return fmt.Sprintf("is %s by %q, not %s by %q", o, how,
			want.Outcome, by)
	}
	return ""
}

// resident is this process's memory in KiB, after a collection.
func resident() int64 {
	runtime.GC()
	debug.FreeOSMemory()
	text, err := os.ReadFile("/proc/self/statm")
	var size, pages int64
	if err != nil {
		return 0
	}
	if _, err = fmt.Sscan(string(text), &size, &pages); err != nil {
		return 0
	}
	return pages * int64(os.Getpagesize()) / 1024
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// cpu is the time that this thread has run.
func cpu() int64 {
	const thread = 3 // CLOCK_THREAD_CPUTIME_ID
	var at syscall.Timespec
	_, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, thread,
		uintptr(unsafe.Pointer(&at)), 0)
	if errno != 0 {
		fail(errno)
	}
	return at.Nano()
}

// repeat decides for a while, visiting the requests in a scattered order. It
// returns how long each took: of this thread's time, and by the clock.
func (r *result) repeat(peer Peer, seconds float64) (ran, took []int64) {
	step := max(1_000_003%r.Requests, 1)
	length := time.Duration(seconds * float64(time.Second))
	start := time.Now()
	for i := 0; time.Since(start) < length; i = (i + step) % r.Requests {
		began, from := cpu(), time.Now()
		err := peer.Decide(i)
		took = append(took, int64(time.Since(from)))
		ran = append(ran, cpu()-began)
		fail(err)
	}
	return ran, took
}

// time measures what was warmed up: a slow peer sees the same requests twice.
func (r *result) time(peer Peer, seconds float64) {
	runtime.LockOSThread()
	r.repeat(peer, seconds)
	ran, took := r.repeat(peer, seconds)
	if len(ran) == 0 {
		return
	}
	total := int64(0)
	for _, t := range ran {
		total += t
	}
	slices.Sort(ran)
	slices.Sort(took)
	r.Decisions = len(ran)
	r.P50, r.P99 = ran[len(ran)/2], ran[len(ran)*99/100]
	r.P50Clock = took[len(took)/2]
	r.PerSecond = float64(len(ran)) / (float64(total) / 1e9)
}

// progress shows how far the check is, to somebody who looks.
func progress(name string, i, n int) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 ||
		i%100 != 0 && i != n {
		return
	}
	fmt.Fprintf(os.Stderr, "\r%s: checked %d of %d ", name, i, n)
	if i == n {
		fmt.Fprintf(os.Stderr, "\r%60s\r", "")
	}
}

func (r *result) check(peer Peer, requests []*Request, expected []Expected,
	rules []Rule) {
	byName := map[string]*Rule{}
	for i := range rules {
		byName[rules[i].Name] = &rules[i]
	}
	for i := range requests {
		progress(peer.Name(), i, len(requests))
		if requests[i].Unknown {
			r.Skipped++
			continue
		}
		got, err := peer.Answer(i)
		fail(err)
		said := compare(requests[i], got, &expected[i], byName)
		if said == "" {
			r.Agree++
			continue
		}
		if r.Differ++; r.Differ <= 5 {
			fmt.Fprintf(os.Stderr, "%s: request %d: %s\n", peer.Name(), i+1,
				said)
		}
	}
	progress(peer.Name(), len(requests), len(requests))
}

const help = `usage: %[1]s [--requests N] [--seconds S] [--json] [--again] DIR

Asks this engine the requests of the workload in DIR (rules.json,
requests.jsonl, expected.jsonl): first compares N answers (default: all) with
the expected ones, then times decisions for S seconds (default: 2; 0: none).
With --again it tells what it compared, and times once for each line on its
standard input.

    %[1]s tests/policy/workload
    %[1]s --requests 200 --seconds 1 --json ../shared/workload/1000
`

// Main runs a harness.
func Main(peer Peer) {
	flags := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	flags.Usage = func() { fmt.Printf(help, os.Args[0]) }
	n := flags.Int("requests", -1, "")
	seconds := flags.Float64("seconds", 2, "")
	asJSON := flags.Bool("json", false, "")
	again := flags.Bool("again", false, "")
	var words, dirs []string // options may stand after DIR
	for _, word := range os.Args[1:] {
		if strings.HasPrefix(word, "-") ||
			len(words) > 0 && takes(words[len(words)-1]) {
			words = append(words, word)
		} else {
			dirs = append(dirs, word)
		}
	}
	fail(flags.Parse(words))
	if len(dirs) != 1 {
		flags.Usage()
		os.Exit(2)
	}
	rules, err := ReadRules(dirs[0])
	fail(err)
	fail(peer.Translate(rules))
	made := result{Peer: peer.Name(), Version: peer.Version(),
		Rules: len(rules)}
	start := time.Now()
	fail(peer.Load())
	made.LoadMs = float64(time.Since(start).Microseconds()) / 1000
	made.RssKib = resident()
	requests, err := ReadRequests(dirs[0])
	fail(err)
	expected, err := ReadExpected(dirs[0])
	fail(err)
	fail(peer.Prepare(requests))
	made.Requests = len(requests)
	checked := requests
	if *n >= 0 && *n < len(requests) {
		checked = requests[:*n]
	}
	made.check(peer, checked, expected, rules)
	if *again {
		made.print(*asJSON)
		for in := bufio.NewScanner(os.Stdin); in.Scan(); {
			made.time(peer, *seconds)
			made.print(*asJSON)
		}
		return
	}
	made.time(peer, *seconds)
	made.print(*asJSON)
}

// takes tells whether an option wants the next word.
func takes(option string) bool {
	return option == "--requests" || option == "--seconds" ||
		option == "-requests" || option == "-seconds"
}

func (r *result) print(asJSON bool) {
	if asJSON {
		text, err := json.Marshal(r)
		fail(err)
		fmt.Println(string(text))
		return
	}
	fmt.Printf("%s %s, %d rules: %d agree, %d differ, %d skipped; "+
		"p50 %.1f µs, p99 %.1f µs, load %.0f ms, %d MiB\n", r.Peer,
		r.Version, r.Rules, r.Agree, r.Differ, r.Skipped,
		float64(r.P50)/1e3, float64(r.P99)/1e3, r.LoadMs, r.RssKib/1024)
}
