//! Secrets do not go into the journal.
use serde_json::Value;

const SECRET_KEYS: [&str; 7] =
    ["secret_key", "bot_secret", "client_secret", "secret", "token", "access_token", "refresh_token"];

/// The same JSON with every secret replaced by stars.
pub(crate) fn masked(mut value: Value) -> Value {
    mask(&mut value);
    value
}

fn mask(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                if SECRET_KEYS.contains(&key.as_str()) {
                    *value = Value::from("***");
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
