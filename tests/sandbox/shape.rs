//! The shape of JSON: every path with its type, so that two documents can be compared without their values.
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Maps whose keys are data, not names.
const OPEN_MAPS: [&str; 5] =
    ["properties", "chat_properties", "agent_priorities", "text_vars", "session_fields"];

/// Path to the types that stand there.
pub(crate) type Shape = BTreeMap<String, BTreeSet<&'static str>>;

/// The shape of a document.
pub(crate) fn shape(value: &Value) -> Shape {
    let mut found = Shape::new();
    walk(value, "", &mut found);
    found
}

fn walk(value: &Value, path: &str, found: &mut Shape) {
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    found.entry(path.to_owned()).or_default().insert(kind);
    match value {
        Value::Array(items) => {
            items.iter().for_each(|item| walk(item, &format!("{path}[]{}", variant(item)), found));
        }
        Value::Object(map) => {
            for (key, value) in map {
                let below = format!("{path}.{key}{}", variant(value));
                if OPEN_MAPS.contains(&key.as_str()) {
                    found.entry(below).or_default().insert(if value.is_array() { "array" } else { "object" });
                } else {
                    walk(value, &below, found);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Users and events are told apart by their type: their fields differ.
fn variant(value: &Value) -> String {
    match value.get("type").and_then(Value::as_str) {
        Some(kind) if value.get("id").is_some() => format!("<{kind}>"),
        _ => String::new(),
    }
}

/// What differs between what the sandbox writes and what is documented. `absent` are documented fields that may
/// be missing, `added` are fields that the sample lacks though the tables have them.
pub(crate) fn differences(
    written: &Value,
    documented: &Value,
    absent: &[&str],
    added: &[&str],
) -> Vec<String> {
    let (written, documented) = (shape(written), shape(documented));
    let under = |path: &str, list: &[&str]| {
        list.iter().any(|known| {
            path.ends_with(known)
                || path.contains(&format!("{known}."))
                || path.contains(&format!("{known}["))
        })
    };
    let mut found = Vec::new();
    for (path, kinds) in &written {
        match documented.get(path) {
            Some(known) if !kinds.is_subset(known) => {
                found.push(format!("{path} is {kinds:?}, documented {known:?}"));
            }
            Some(_) => {}
            None if under(path, added) => {}
            None => found.push(format!("{path} is not documented")),
        }
    }
    let missing = documented.keys().filter(|path| !written.contains_key(*path) && !under(path, absent));
    found.extend(missing.map(|path| format!("{path} is missing")));
    found
}

#[cfg(test)]
mod tests {
    use super::differences;
    use serde_json::json;

    #[test]
    fn a_wrong_type_a_missing_and_an_unknown_field_are_found() {
        let documented = json!({"a": 1, "b": [{"c": "x"}], "d": true});
        let written = json!({"a": "1", "b": [{"c": "y", "e": 1}]});
        let found = differences(&written, &documented, &[], &[]);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(differences(&written, &documented, &[".d"], &[".e"]).len() == 1);
    }
}
