//! Reading a request's JSON strictly: a missing or ill-typed field is a `validation` error that names it.
//!
//! `null` counts as absent. Unknown fields are let through: the platform documents no refusal of them.
use super::refusal::Refusal;
use serde_json::{Map, Value};

/// A JSON object of a request and where it stands in it.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

/// What a field check gives.
pub(crate) type Checked<T> = Result<T, Refusal>;

impl<'a> Fields<'a> {
    /// The top of a request.
    pub(crate) fn new(map: &'a Map<String, Value>) -> Self {
        Self { map, path: String::new() }
    }

    /// An element of a list, under the list's name.
    pub(crate) fn element(value: &'a Value, path: &str) -> Checked<Self> {
        let map = value.as_object().ok_or_else(|| wrong(path, "an object"))?;
        Ok(Self { map, path: format!("{path}.") })
    }

    /// The same object as a request of its own.
    pub(crate) fn unnamed(self) -> Self {
        Self { path: String::new(), ..self }
    }

    fn name(&self, key: &str) -> String {
        format!("{}{key}", self.path)
    }

    /// The error of a field that must be there.
    fn required<T>(&self, key: &str, found: Option<T>) -> Checked<T> {
        found.ok_or_else(|| Refusal::validation(format!("`{}` is required", self.name(key))))
    }

    /// The raw value, if there is one.
    pub(crate) fn any(&self, key: &str) -> Option<&'a Value> {
        self.map.get(key).filter(|value| !value.is_null())
    }

    /// Whether the field is there.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.any(key).is_some()
    }

    fn typed<T>(&self, key: &str, what: &str, read: impl Fn(&'a Value) -> Option<T>) -> Checked<Option<T>> {
        match self.any(key) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| wrong(&self.name(key), what)),
        }
    }

    /// An optional string.
    pub(crate) fn text_if(&self, key: &str) -> Checked<Option<&'a str>> {
        self.typed(key, "a string", Value::as_str)
    }

    /// A string that must be there and not be empty.
    pub(crate) fn text(&self, key: &str) -> Checked<&'a str> {
        let found = self.text_if(key)?.filter(|text| !text.is_empty());
        self.required(key, found)
    }

    /// A boolean with its default.
    pub(crate) fn flag(&self, key: &str, default: bool) -> Checked<bool> {
        Ok(self.flag_if(key)?.unwrap_or(default))
    }

    /// An optional boolean.
    pub(crate) fn flag_if(&self, key: &str) -> Checked<Option<bool>> {
        self.typed(key, "a boolean", Value::as_bool)
    }

    /// A boolean that must be there.
    pub(crate) fn flag_required(&self, key: &str) -> Checked<bool> {
        let found = self.flag_if(key)?;
        self.required(key, found)
    }

    /// An optional integer.
    pub(crate) fn int_if(&self, key: &str) -> Checked<Option<i64>> {
        self.typed(key, "an integer", Value::as_i64)
    }

    /// An integer that must be there.
    pub(crate) fn int(&self, key: &str) -> Checked<i64> {
        let found = self.int_if(key)?;
        self.required(key, found)
    }

    /// An optional integer inside a range.
    pub(crate) fn int_within(&self, key: &str, from: i64, to: i64) -> Checked<Option<i64>> {
        match self.int_if(key)? {
            Some(value) if !(from..=to).contains(&value) => {
                Err(Refusal::validation(format!("`{}` must be between {from} and {to}", self.name(key))))
            }
            found => Ok(found),
        }
    }

    /// An optional object.
    pub(crate) fn object_if(&self, key: &str) -> Checked<Option<Fields<'a>>> {
        let path = format!("{}.", self.name(key));
        Ok(self.typed(key, "an object", Value::as_object)?.map(|map| Fields { map, path }))
    }

    /// An object that must be there.
    pub(crate) fn object(&self, key: &str) -> Checked<Fields<'a>> {
        let found = self.object_if(key)?;
        self.required(key, found)
    }

    /// An optional list.
    pub(crate) fn list_if(&self, key: &str) -> Checked<Option<&'a [Value]>> {
        self.typed(key, "an array", |value| value.as_array().map(Vec::as_slice))
    }

    /// The objects of an optional list; empty when absent.
    pub(crate) fn objects(&self, key: &str) -> Checked<Vec<Fields<'a>>> {
        let name = self.name(key);
        self.list_if(key)?.unwrap_or_default().iter().map(|value| Fields::element(value, &name)).collect()
    }

    /// An optional list of strings.
    pub(crate) fn texts_if(&self, key: &str) -> Checked<Option<Vec<String>>> {
        self.typed(key, "an array of strings", |value| {
            value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        })
    }

    /// An optional list of integers.
    pub(crate) fn ints_if(&self, key: &str) -> Checked<Option<Vec<i64>>> {
        self.typed(key, "an array of integers", |value| value.as_array()?.iter().map(Value::as_i64).collect())
    }

    /// An optional string out of a fixed list.
    pub(crate) fn one_of_if(&self, key: &str, allowed: &[&str]) -> Checked<Option<&'a str>> {
        match self.text_if(key)? {
            Some(text) if !allowed.contains(&text) => Err(Refusal::validation(format!(
                "`{}` must be one of: {}",
                self.name(key),
                allowed.join(", ")
            ))),
            found => Ok(found),
        }
    }

    /// A string out of a fixed list that must be there.
    pub(crate) fn one_of(&self, key: &str, allowed: &[&str]) -> Checked<&'a str> {
        let found = self.one_of_if(key, allowed)?;
        self.required(key, found)
    }

    /// A point in time that must be there.
    pub(crate) fn time(&self, key: &str) -> Checked<jiff::Timestamp> {
        self.text(key)?.parse().map_err(|_| wrong(&self.name(key), "a timestamp"))
    }

    /// All fields as they are.
    pub(crate) fn map(&self) -> &'a Map<String, Value> {
        self.map
    }
}

fn wrong(name: &str, what: &str) -> Refusal {
    Refusal::validation(format!("`{name}` must be {what}"))
}
