//! Namespaced properties: merge, delete, and what may be written.
use crate::sandbox::fields::Checked;
use crate::sandbox::refusal::Refusal;
use serde_json::{Map, Value};

/// Namespace to name to value.
pub(crate) type PropertyMap = Map<String, Value>;

/// The platform's own namespaces that a client may write.
const OPEN_NAMESPACES: [&str; 8] =
    ["test", "routing", "lc2", "rating", "chats", "translation", "url_details", "status"];

/// The properties of the namespace that every license has for tests.
const TEST: [(&str, &str); 4] = [
    ("bool_property", "bool"),
    ("int_property", "int"),
    ("string_property", "string"),
    ("tokenized_string_property", "string"),
];

/// Checks the form `{namespace: {name: value}}`; values are strings, integers and booleans.
pub(crate) fn checked_properties(map: &Map<String, Value>) -> Checked<&PropertyMap> {
    for (namespace, names) in map {
        let names = names
            .as_object()
            .ok_or_else(|| Refusal::validation(format!("`properties.{namespace}` must be an object")))?;
        for (name, value) in names {
            if !(value.is_string() || value.is_boolean() || value.is_i64()) {
                let text =
                    format!("`properties.{namespace}.{name}` must be a string, an integer or a boolean");
                return Err(Refusal::validation(text));
            }
        }
    }
    Ok(map)
}

/// Checks that the namespaces exist and that the values have their types.
pub(crate) fn allowed_properties(map: &PropertyMap, is_client: impl Fn(&str) -> bool) -> Checked<()> {
    for (namespace, names) in map {
        if !OPEN_NAMESPACES.contains(&namespace.as_str()) && !is_client(namespace) {
            return Err(Refusal::validation(format!("`{namespace}` is not a registered namespace")));
        }
        if namespace != "test" {
            continue;
        }
        for (name, value) in names.as_object().into_iter().flatten() {
            let right = TEST.iter().any(|(known, kind)| {
                known == name
                    && match *kind {
                        "bool" => value.is_boolean(),
                        "int" => value.is_i64(),
                        _ => value.is_string(),
                    }
            });
            if !right {
                return Err(Refusal::validation(format!("`test.{name}` is not registered with this type")));
            }
        }
    }
    Ok(())
}

/// Writes the given names over what is there.
pub(crate) fn merge_properties(into: &mut PropertyMap, from: &PropertyMap) {
    for (namespace, names) in from {
        let space = into.entry(namespace.clone()).or_insert_with(|| Value::Object(Map::new()));
        if let (Some(space), Some(names)) = (space.as_object_mut(), names.as_object()) {
            space.extend(names.clone());
        }
    }
}

/// Deletes `{namespace: [name, ...]}`; names that are not there are no error.
pub(crate) fn delete_properties(from: &mut PropertyMap, names: &Map<String, Value>) {
    for (namespace, names) in names {
        if let Some(space) = from.get_mut(namespace).and_then(Value::as_object_mut) {
            for name in names.as_array().into_iter().flatten().filter_map(Value::as_str) {
                space.remove(name);
            }
        }
        if from.get(namespace).and_then(Value::as_object).is_some_and(Map::is_empty) {
            from.remove(namespace);
        }
    }
}
