// SPDX-License-Identifier: Apache-2.0

//! Cedar, asked which policies determine whether a request is allowed.

mod pattern;
mod request;
mod translate;

use cedar_policy::{Authorizer, Decision, PolicyId, PolicySet, Response};
use request::Asked;
use serde_json::{json, Value};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::time::{Duration, Instant};

const HELP: &str = "usage: peer-cedar [--slice] [--requests N] [--seconds S] [--json] [--again] DIR

Asks Cedar the requests of the workload in DIR (rules.json, requests.jsonl,
expected.jsonl): first compares N answers (default: all) with the expected
ones, then times decisions for S seconds (default: 2; 0: none). With --again it
tells what it compared, and times once for each line on its standard input. With
--slice each decision is given only the policies whose scope could apply.

    peer-cedar tests/policy/workload
    peer-cedar --slice --requests 200 --json ../shared/workload/1000
";

struct Options {
    dir: String,
    requests: usize,
    seconds: f64,
    json: bool,
    slice: bool,
    again: bool,
}

fn options() -> Option<Options> {
    let mut made = Options {
        dir: String::new(),
        requests: usize::MAX,
        seconds: 2.0,
        json: false,
        slice: false,
        again: false,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => made.json = true,
            "--slice" => made.slice = true,
            "--again" => made.again = true,
            "--requests" => made.requests = words.next()?.parse().ok()?,
            "--seconds" => made.seconds = words.next()?.parse().ok()?,
            dir if !dir.starts_with('-') && made.dir.is_empty() => made.dir = word,
            _ => return None,
        }
    }
    (!made.dir.is_empty()).then_some(made)
}

struct Peer {
    authorizer: Authorizer,
    all: PolicySet,
    /// Policies by service and who asks, for slices.
    by_key: Option<HashMap<(String, String), Vec<PolicyId>>>,
    exact: HashSet<String>,
    forbids: HashSet<String>,
}

fn rules(dir: &str) -> Vec<translate::Policy> {
    let file = std::fs::File::open(Path::new(dir).join("rules.json")).expect("rules.json");
    let read: Value =
        serde_json::from_reader(std::io::BufReader::new(file)).expect("rules.json");
    let list = if read.is_array() { &read } else { &read["rules"] };
    let enabled = |r: &&Value| r["disabled"] != true;
    list.as_array().expect("rules").iter().filter(enabled).map(translate::policy).collect()
}

impl Peer {
    fn load(rules: &[translate::Policy], slice: bool) -> Peer {
        let mut all = PolicySet::new();
        let mut by_key: HashMap<_, Vec<_>> = HashMap::new();
        for rule in rules {
            let id = PolicyId::new(&rule.name);
            let made = cedar_policy::Policy::parse(Some(id.clone()), &rule.text);
            let made = made.unwrap_or_else(|e| panic!("{}: {e:?}", rule.text));
            all.add(made).expect("one policy of each name");
            for key in &rule.keys {
                by_key.entry(key.clone()).or_default().push(id.clone());
            }
        }
        let names = |keep: fn(&translate::Policy) -> bool| {
            rules.iter().filter(|r| keep(r)).map(|r| r.name.clone()).collect()
        };
        Peer {
            authorizer: Authorizer::new(),
            all,
            by_key: slice.then_some(by_key),
            exact: names(|r| !r.approximate),
            forbids: names(|r| r.forbid),
        }
    }

    /// The policies whose scope could apply, found in the index of slices.
    fn slice(&self, asked: &Asked) -> PolicySet {
        let mut made = PolicySet::new();
        for key in &asked.keys {
            for id in self.by_key.iter().filter_map(|k| k.get(key)).flatten() {
                if let (None, Some(policy)) = (made.policy(id), self.all.policy(id)) {
                    made.add(policy.clone()).expect("a policy");
                }
            }
        }
        made
    }

    fn decide(&self, asked: &Asked) -> Response {
        if self.by_key.is_some() {
            let slice = self.slice(asked);
            return self.authorizer.is_authorized(&asked.request, &slice, &asked.entities);
        }
        self.authorizer.is_authorized(&asked.request, &self.all, &asked.entities)
    }

    /// What differs from the expected answer, as far as the policies that were
    /// expressed exactly tell; None if that says nothing.
    fn compare(&self, asked: &Asked, want: &Value) -> Option<Result<(), String>> {
        let names = |list: &Value| -> BTreeSet<String> {
            let list = list.as_array().into_iter().flatten();
            list.map(|n| n.as_str().unwrap_or("").to_string()).collect()
        };
        let exact = |set: &BTreeSet<String>| -> BTreeSet<String> {
            set.iter().filter(|n| self.exact.contains(*n)).cloned().collect()
        };
        let response = self.decide(asked);
        if let Some(e) = response.diagnostics().errors().next() {
            return Some(Err(format!("error: {e}")));
        }
        let all = names(&want["rules"]);
        let denying: BTreeSet<_> =
            all.iter().filter(|n| self.forbids.contains(*n)).cloned().collect();
        let reasons: BTreeSet<_> =
            response.diagnostics().reason().map(|id| id.to_string()).collect();
        let forbidden = response.decision() == Decision::Deny && !reasons.is_empty();
        if forbidden && exact(&denying).is_empty() && exact(&reasons).is_empty() {
            return None; // a forbid that was approximated hides the others
        }
        let (got, want) = if forbidden {
            (exact(&reasons), exact(&denying))
        } else {
            (exact(&reasons), exact(&all))
        };
        Some(if got == want {
            Ok(())
        } else {
            Err(format!("{:?}: {got:?}, not {want:?}", response.decision()))
        })
    }
}

fn lines(dir: &str, name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(Path::new(dir).join(name)).expect(name);
    let read = |line| serde_json::from_str(line).expect(name);
    text.lines().filter(|l| !l.is_empty()).map(read).collect()
}

fn resident_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = text.split(' ').nth(1).and_then(|n| n.parse::<u64>().ok());
    pages.unwrap_or(0) * 4
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, at: *mut Timespec) -> i32;
}

/// The time that this thread has run.
fn cpu() -> u64 {
    const THREAD: i32 = 3; // CLOCK_THREAD_CPUTIME_ID
    let mut at = Timespec { seconds: 0, nanoseconds: 0 };
    // SAFETY: the clock exists on Linux, and writes one Timespec of 64 bits.
    unsafe { clock_gettime(THREAD, &mut at) };
    at.seconds as u64 * 1_000_000_000 + at.nanoseconds as u64
}

/// Decides for a while, visiting the requests in a scattered order. Returns how
/// long each took: of this thread's time, and by the clock.
fn repeat(peer: &Peer, asked: &[Option<Asked>], seconds: f64) -> (Vec<u64>, Vec<u64>) {
    let (mut ran, mut took) = (vec![], vec![]);
    let length = Duration::from_secs_f64(seconds);
    let step = (1_000_003 % asked.len()).max(1);
    let (start, mut i) = (Instant::now(), 0);
    while start.elapsed() < length {
        if let Some(one) = &asked[i] {
            let (began, from) = (cpu(), Instant::now());
            std::hint::black_box(peer.decide(one));
            took.push(from.elapsed().as_nanos() as u64);
            ran.push(cpu() - began);
        }
        i = (i + step) % asked.len();
    }
    (ran, took)
}

/// What was measured, beside what is told already.
fn figures(made: &mut Value, (mut ran, mut took): (Vec<u64>, Vec<u64>)) {
    let total: u64 = ran.iter().sum();
    ran.sort_unstable();
    took.sort_unstable();
    let at = |all: &[u64], part: usize| all.get(all.len() * part / 100).copied().unwrap_or(0);
    made["decisions"] = ran.len().into();
    made["p50_ns"] = at(&ran, 50).into();
    made["p99_ns"] = at(&ran, 99).into();
    made["p50_clock_ns"] = at(&took, 50).into();
    made["decisions_per_s"] = (ran.len() as f64 / (total.max(1) as f64 / 1e9)).into();
}

fn main() {
    let Some(options) = options() else {
        print!("{HELP}");
        std::process::exit(if std::env::args().any(|a| a == "--help") { 0 } else { 2 });
    };
    let rules = rules(&options.dir);
    let start = Instant::now();
    let peer = Peer::load(&rules, options.slice);
    let load_ms = start.elapsed().as_secs_f64() * 1000.0;
    let rss_kib = resident_kib();
    let name = if options.slice { "cedar-slice" } else { "cedar" };

    let expected = lines(&options.dir, "expected.jsonl");
    let requests = lines(&options.dir, "requests.jsonl");
    let asked: Vec<_> = requests.iter().map(request::asked).collect();
    let (mut agree, mut differ, mut skipped) = (0, 0, 0);
    for i in 0..asked.len().min(options.requests) {
        match asked[i].as_ref().and_then(|a| peer.compare(a, &expected[i])) {
            None => skipped += 1,
            Some(Ok(())) => agree += 1,
            Some(Err(what)) => {
                differ += 1;
                if differ <= 5 {
                    eprintln!("{name}: request {}: {what}", i + 1);
                }
            }
        }
    }
    let mut made = json!({"peer": name, "version": "4.14.1", "rules": rules.len(),
        "requests": asked.len(), "agree": agree, "differ": differ, "skipped": skipped,
        "approximated": rules.iter().filter(|r| r.approximate).count(),
        "load_ms": load_ms, "rss_kib": rss_kib});
    let mut measure = |seconds: f64| {
        repeat(&peer, &asked, seconds); // warms up
        figures(&mut made, repeat(&peer, &asked, seconds));
        let text = if options.json { made.to_string() } else { format!("{made:#}") };
        println!("{text}");
    };
    if !options.again {
        return measure(options.seconds);
    }
    measure(0.0);
    for _ in std::io::stdin().lines() {
        measure(options.seconds);
    }
}
