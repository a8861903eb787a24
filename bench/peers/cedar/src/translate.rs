// SPDX-License-Identifier: Apache-2.0

//! Rules as policies of Cedar: who asks and for what stand in the scope where
//! they can, the rest in conditions.

use crate::pattern::{classify, Test};
use serde_json::Value;

/// A rule as the text of one policy.
pub struct Policy {
    pub name: String,
    pub text: String,
    pub forbid: bool,
    pub approximate: bool,
    /// Where a slice finds it: service, and who asks ("*" stands for all).
    pub keys: Vec<(String, String)>,
}

pub fn text<'a>(of: &'a Value, name: &str) -> &'a str {
    of[name].as_str().unwrap_or("")
}

pub fn group(of: &Value) -> String {
    let directory = match text(of, "directory") {
        "azure-ad" => "entra-id",
        other => other,
    };
    format!("{}/{}", directory, text(of, "id"))
}

/// A string of Cedar.
fn string(of: &str) -> String {
    format!("\"{}\"", of.replace('\\', "\\\\").replace('"', "\\\""))
}

struct Set {
    groups: Vec<String>,
    remove: bool,
}

fn set(of: &Value) -> Set {
    let groups = match of["groups"].as_array() {
        Some(list) => list.iter().map(group).collect(),
        None => vec![group(of)],
    };
    Set { groups, remove: text(of, "effect") == "remove" }
}

impl Set {
    fn list(&self) -> String {
        let all: Vec<_> =
            self.groups.iter().map(|g| format!("Group::{}", string(g))).collect();
        all.join(", ")
    }

    fn test(&self, who: &str) -> String {
        if self.remove {
            format!("!({who} in [{}])", self.list())
        } else {
            format!("{who} in [{}]", self.list())
        }
    }
}

/// The scope's principal, conditions, and where a slice finds it.
fn who(of: &Value) -> (String, Vec<String>, Vec<String>) {
    let every = vec!["*".to_string()];
    match text(of, "type") {
        "user" => {
            let uid = text(of, "uid").to_lowercase();
            (format!("principal == User::{}", string(&uid)), vec![], vec![uid])
        }
        "group" => {
            let set = set(of);
            if set.remove {
                return ("principal is User".into(), vec![set.test("principal")], every);
            }
            if set.groups.len() == 1 {
                return (format!("principal in {}", set.list()), vec![], set.groups);
            }
            ("principal is User".into(), vec![set.test("principal")], set.groups)
        }
        "agentic" => {
            let mut all = agent(&of["agent"]);
            all.extend(human(&of["user"]));
            ("principal is Session".into(), all, every)
        }
        _ => ("principal".into(), vec![], every),
    }
}

fn agent(of: &Value) -> Vec<String> {
    let is = |name: &str, value: &str| {
        vec![format!("principal has {name} && principal.{name} == {}", string(value))]
    };
    match text(of, "type") {
        "agent-client" | "mcp-client" => is("client", text(of, "clientId")),
        "agent-owner" => vec![format!(
            "principal has owner && principal.owner == Owner::{}",
            string(&text(of, "owner").to_lowercase())
        )],
        "owner-group" => vec![format!(
            "principal has owner && {}",
            set(&of["groups"]).test("principal.owner")
        )],
        "provider" => is("provider", text(of, "providerId")),
        _ => vec![],
    }
}

fn human(of: &Value) -> Vec<String> {
    match text(of, "type") {
        "none" => vec!["!(principal has human)".into()],
        "user" => vec![format!(
            "principal has human && principal.human == User::{}",
            string(&text(of, "uid").to_lowercase())
        )],
        "group" => vec![format!(
            "principal has human && {}",
            set(of).test("principal.human")
        )],
        _ => vec![],
    }
}

/// A condition that some value at the place passes; whether it approximates.
fn test(entity: &str, place: &str, pattern: &str) -> (String, bool) {
    let place = string(place);
    let has = format!("{entity} has {place}");
    let value = format!("{entity}[{place}]");
    let (passes, approximate) = match classify(pattern) {
        Test::OneOf(texts) if texts.len() == 1 => {
            (format!("{value} == {}", string(&texts[0])), false)
        }
        Test::OneOf(texts) => {
            let all: Vec<_> = texts.iter().map(|t| string(t)).collect();
            (format!("[{}].contains({value})", all.join(", ")), false)
        }
        Test::Like(texts, approximate) => {
            let all: Vec<_> =
                texts.iter().map(|t| format!("{value} like \"{t}\"")).collect();
            (format!("({})", all.join(" || ")), approximate)
        }
        Test::NotLike(text) => (format!("!({value} like \"{text}\")"), false),
        Test::Anything => ("true".into(), true),
    };
    (format!("{has} && {passes}"), approximate)
}

fn filter(name: &str, of: &Value) -> (String, bool) {
    let key = text(of, "key");
    let place = if key.is_empty() { name.to_string() } else { format!("{name}.{key}") };
    let keep = text(of, "effect") == "keep";
    if text(of, "effect") == "removeAll" {
        return (format!("!(resource has {})", string(&place)), false);
    }
    if let Some(value) = of["value"].as_bool() {
        let is = format!("resource has {0} && resource[{0}]", string(name));
        let not = if value == keep { "" } else { "!" };
        return (format!("{not}({is})"), false);
    }
    let (passes, approximate) = test("resource", &place, text(of, "pattern"));
    if keep {
        (passes, approximate)
    } else {
        (format!("!({passes})"), approximate)
    }
}

pub fn policy(rule: &Value) -> Policy {
    let (principal, mut all, keys) = who(&rule["requestor"]);
    let resource = &rule["resource"];
    let any = text(resource, "type") == "any";
    let service = if any { "*" } else { text(resource, "service") };
    let action = match text(resource, "accessType") {
        _ if any => "action".to_string(),
        "" | "any" => format!("action in Action::{}", string(service)),
        access => format!("action == Action::{}", string(&format!("{service}/{access}"))),
    };
    let mut approximate = false;
    if let Some(pattern) = rule["requestor"]["agent"]["subjectPattern"].as_str() {
        let (passes, about) = test("principal", "subject", pattern);
        all.push(passes);
        approximate |= about;
    }
    for (name, of) in resource["filters"].as_object().into_iter().flatten() {
        let (passes, about) = filter(name, of);
        all.push(passes);
        approximate |= about;
    }
    let deny = |a: &Value| text(a, "type") == "deny";
    let forbid = rule["approval"].as_array().is_some_and(|a| a.iter().any(deny));
    let effect = if forbid { "forbid" } else { "permit" };
    let when = if all.is_empty() {
        String::new()
    } else {
        format!(" when {{ ({}) }}", all.join(") && ("))
    };
    Policy {
        name: text(rule, "name").to_string(),
        text: format!("{effect} ({principal}, {action}, resource){when};"),
        forbid,
        approximate,
        keys: keys.into_iter().map(|k| (service.to_string(), k)).collect(),
    }
}
