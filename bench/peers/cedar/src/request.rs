// SPDX-License-Identifier: Apache-2.0

//! Requests as Cedar's own: a request and the entities that it speaks of.

use crate::translate::{group, text};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression,
};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::str::FromStr;

pub struct Asked {
    pub request: Request,
    pub entities: Entities,
    /// Where a slice finds the policies that could apply.
    pub keys: Vec<(String, String)>,
}

fn uid(kind: &str, id: &str) -> EntityUid {
    let kind = EntityTypeName::from_str(kind).expect("a name");
    EntityUid::from_type_name_and_id(kind, EntityId::new(id))
}

fn refer(kind: &str, id: &str) -> RestrictedExpression {
    RestrictedExpression::new_entity_uid(uid(kind, id))
}

fn string(of: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(of.to_string())
}

/// An entity that is a member of groups.
fn member(kind: &str, id: &str, groups: &Value) -> (Entity, Vec<String>) {
    let names: Vec<_> = groups.as_array().into_iter().flatten().map(group).collect();
    let parents: HashSet<_> = names.iter().map(|g| uid("Group", g)).collect();
    (Entity::new_no_attrs(uid(kind, id), parents), names)
}

/// The attributes of the resource: one for each key with its value, and one
/// for each name that has any. None if a value is a list of several, which
/// `like` cannot look into, or is not known.
fn attributes(of: &Value) -> Option<HashMap<String, RestrictedExpression>> {
    let mut made = HashMap::new();
    for (name, keys) in of.as_object().into_iter().flatten() {
        if let Some(is) = keys.as_bool() {
            made.insert(name.clone(), RestrictedExpression::new_bool(is));
            continue;
        }
        for (key, value) in keys.as_object()? {
            let value = match value {
                Value::Array(list) if list.is_empty() => continue,
                Value::Array(list) if list.len() == 1 => &list[0],
                one => one,
            };
            made.insert(format!("{name}.{key}"), string(value.as_str()?));
            made.insert(name.clone(), RestrictedExpression::new_bool(true));
        }
    }
    Some(made)
}

/// The principal of a session of an agent.
fn session(of: &Value, human: Option<&str>, entities: &mut Vec<Entity>) -> EntityUid {
    let mut attrs = HashMap::new();
    for (name, member) in
        [("client", "clientId"), ("provider", "providerId"), ("subject", "subject")]
    {
        if let Some(value) = of[member].as_str() {
            attrs.insert(name.to_string(), string(value));
        }
    }
    if let Some(owner) = of["owner"].as_str() {
        let owner = owner.to_lowercase();
        attrs.insert("owner".to_string(), refer("Owner", &owner));
        entities.push(member("Owner", &owner, &of["ownerGroups"]).0);
    }
    if let Some(human) = human {
        attrs.insert("human".to_string(), refer("User", human));
    }
    let made = uid("Session", "s");
    entities.push(Entity::new(made.clone(), attrs, HashSet::new()).expect("values"));
    made
}

pub fn asked(of: &Value) -> Option<Asked> {
    let resource = &of["resource"];
    let mut entities = vec![Entity::new(
        uid("Item", "i"),
        attributes(&resource["attributes"])?,
        HashSet::new(),
    )
    .expect("values")];
    let mut who = vec!["*".to_string()];
    let human = of["requestor"]["uid"].as_str().map(str::to_lowercase);
    let mut principal = None;
    if let Some(name) = &human {
        let (entity, groups) = member("User", name, &of["requestor"]["groups"]);
        entities.push(entity);
        principal = Some(uid("User", name));
        who.extend(groups);
        who.push(name.clone());
    }
    if of["agent"].is_object() {
        who.truncate(1);
        principal = Some(session(&of["agent"], human.as_deref(), &mut entities));
    }
    let service = text(resource, "service");
    let access = text(resource, "accessType");
    let mut action = uid("Action", service);
    if !access.is_empty() {
        let above = HashSet::from([action.clone()]);
        action = uid("Action", &format!("{service}/{access}"));
        entities.push(Entity::new_no_attrs(action.clone(), above));
    }
    let request =
        Request::new(principal?, action, uid("Item", "i"), Context::empty(), None).ok()?;
    let mut keys = vec![];
    for one in who {
        keys.push((service.to_string(), one.clone()));
        keys.push(("*".to_string(), one));
    }
    Some(Asked {
        request,
        entities: Entities::from_entities(entities, None).expect("entities"),
        keys,
    })
}
