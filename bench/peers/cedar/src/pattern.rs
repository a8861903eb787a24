// SPDX-License-Identifier: Apache-2.0

//! Patterns as what Cedar can compare: equality, membership, and `like`.

/// How one value is tested.
pub enum Test {
    OneOf(Vec<String>),
    /// Patterns of `like`, one of which has to match; `true` where they only
    /// approximate the pattern (they match more).
    Like(Vec<String>, bool),
    NotLike(String),
    /// Nothing is known of it: every value passes.
    Anything,
}

const META: &str = ".^$*+?()[]{}|";

/// The text of a pattern without metacharacters; None if it has some.
fn literal(text: &str) -> Option<String> {
    let mut made = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\\' {
            match chars.next() {
                Some(e) if !e.is_ascii_alphanumeric() => made.push(e),
                _ => return None,
            }
        } else if META.contains(c) {
            return None;
        } else {
            made.push(c);
        }
    }
    Some(made)
}

/// The texts of `(a|b|c)`.
fn alternatives(text: &str) -> Option<Vec<String>> {
    let inner = text.strip_prefix('(')?.strip_suffix(')')?;
    let (mut parts, mut from, mut escaped) = (vec![], 0, false);
    for (i, c) in inner.char_indices() {
        if c == '|' && !escaped {
            parts.push(&inner[from..i]);
            from = i + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    parts.push(&inner[from..]);
    parts.into_iter().map(literal).collect()
}

/// A text inside of a pattern of `like`.
fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('*', "\\*")
}

fn like(pattern: String) -> Test {
    Test::Like(vec![pattern], false)
}

/// `(a|b)-[a-z0-9]+`: one of the texts, followed by a character of a class.
fn followed(pattern: &str) -> Option<Test> {
    let open = pattern.find(")-[")?;
    pattern.strip_suffix("]+")?;
    let texts = alternatives(&pattern[..=open])?;
    let made = texts.iter().map(|t| format!("*{}-*", quote(t))).collect();
    Some(Test::Like(made, true))
}

/// `text[class]*`, anchored or not, and what may follow: begins with, or
/// contains, the text.
fn class(pattern: &str) -> Option<Test> {
    let open = pattern.find('[')?;
    let close = open + pattern[open..].find("]*")?;
    let (anchored, body) = match pattern.strip_prefix('^') {
        Some(_) => (true, &pattern[1..open]),
        None => (false, &pattern[..open]),
    };
    let text = quote(&literal(body)?);
    let rest = &pattern[close + 2..];
    Some(match (anchored, rest) {
        (true, _) => Test::Like(vec![format!("{text}*")], !rest.is_empty()),
        (false, _) => Test::Like(vec![format!("*{text}*")], !rest.is_empty()),
    })
}

pub fn classify(pattern: &str) -> Test {
    let (start, body) = match pattern.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, pattern),
    };
    if start {
        if let Some(rest) = body.strip_prefix("(?!") {
            if let Some(text) = rest.strip_suffix(')').and_then(literal) {
                return Test::NotLike(format!("{}*", quote(&text)));
            }
        }
        let open = body.strip_suffix(".*$").or(body.strip_suffix(".*"));
        if let Some(text) = open.and_then(literal) {
            return like(format!("{}*", quote(&text)));
        }
    }
    if let (true, Some(inner)) = (start, body.strip_suffix('$')) {
        if let Some(text) = literal(inner) {
            return Test::OneOf(vec![text]);
        }
        if let Some(texts) = alternatives(inner) {
            return Test::OneOf(texts);
        }
    }
    if let Some(text) = literal(body) {
        let text = quote(&text);
        return like(if start { format!("{text}*") } else { format!("*{text}*") });
    }
    if let (false, Some(inner)) = (start, body.strip_suffix('$')) {
        if let Some(text) = literal(inner) {
            return like(format!("*{}", quote(&text)));
        }
    }
    followed(pattern)
        .or_else(|| class(pattern))
        .unwrap_or(Test::Anything)
}
