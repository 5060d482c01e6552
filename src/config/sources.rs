//! Where settings come from: defaults, files in order, the environment; and which one said what.

use super::mistakes::{Mistake, nearest, place};
use super::{Config, DEFAULTS};
use config::builder::DefaultState;
use config::{ConfigBuilder, Value};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

const PREFIX: &str = "CHIMEIN__";
/// Settings that may come from a file named by `…_FILE`, and whose values are never shown.
const SECRETS: &[&str] = &[
    "admin.token",
    "bot.secret",
    "livechat.personal_access_token",
    "webhooks.previous_secret_key",
    "webhooks.secret_key",
];
/// Settings that are lists: in the environment their items are separated by commas.
const LISTS: &[&str] = &["bot.groups"];

/// A setting that somebody made.
struct Setting {
    value: Value,
    /// The file or the variable.
    origin: String,
    place: Option<(usize, usize)>,
    /// The folder that relative paths start at.
    folder: Option<PathBuf>,
}

/// Everything that was read.
pub(super) struct Sources {
    known: BTreeSet<String>,
    made: BTreeMap<String, Setting>,
    mistakes: Vec<Mistake>,
}

impl Sources {
    pub(super) fn read<'a>(
        files: impl IntoIterator<Item = &'a Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let mut sources = Self { known: known_settings(), made: BTreeMap::new(), mistakes: Vec::new() };
        for file in files {
            sources.read_file(file);
        }
        for (name, value) in environment {
            if let Some(rest) = name.strip_prefix(PREFIX) {
                let key = rest.to_lowercase().replace("__", ".");
                sources.read_variable(&name, &key, value);
            }
        }
        sources
    }

    fn read_file(&mut self, path: &Path) {
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => return self.add(&name, None, format!("cannot be read: {error}"), None),
        };
        let table = match DeTable::parse(&text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map(|span| place(&text, span.start));
                return self.add(&name, at, error.message().to_owned(), None);
            }
        };
        for (section, settings) in table.get_ref() {
            let at = Some(place(&text, section.span().start));
            let section = section.get_ref().as_ref();
            let DeValue::Table(settings) = settings.get_ref() else {
                self.add(
                    &name,
                    at,
                    format!("`{section}` must be a section"),
                    Some(format!("write `[{section}]`")),
                );
                continue;
            };
            for (key, value) in settings {
                let at = place(&text, key.span().start);
                let folder = path.parent().map(Path::to_owned);
                let value = to_value(&text, value);
                let origin = name.clone();
                let setting = Setting { value, origin, place: Some(at), folder };
                self.make(format!("{section}.{}", key.get_ref()), setting);
            }
        }
    }

    fn read_variable(&mut self, name: &str, key: &str, value: String) {
        let place = None;
        if let Some(secret) = key.strip_suffix("_file").filter(|secret| SECRETS.contains(secret)) {
            match std::fs::read_to_string(&value) {
                Ok(text) => {
                    let value = Value::from(text.trim_end_matches(['\r', '\n']));
                    let setting = Setting { value, origin: name.to_owned(), place, folder: None };
                    self.make(secret.to_owned(), setting);
                }
                Err(error) => self.add(name, None, format!("the file cannot be read: {error}"), None),
            }
            return;
        }
        let value = if LISTS.contains(&key) {
            let items = value.split(',').map(str::trim).filter(|item| !item.is_empty());
            Value::from(items.map(Value::from).collect::<Vec<_>>())
        } else {
            Value::from(value)
        };
        self.make(key.to_owned(), Setting { value, origin: name.to_owned(), place, folder: None });
    }

    fn make(&mut self, key: String, setting: Setting) {
        if self.known.contains(&key) {
            self.made.insert(key, setting);
            return;
        }
        let suggestion = nearest(&key, self.known.iter().map(String::as_str));
        self.add(&setting.origin, setting.place, format!("there is no setting `{key}`"), suggestion);
    }

    /// A section; a setting that does not fit is told and replaced by its default.
    pub(super) fn section<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let keys: Vec<String> =
            self.made.keys().filter(|key| key.split('.').next() == Some(section)).cloned().collect();
        let mut builder = defaults();
        for key in keys {
            let Some(setting) = self.made.get(&key) else { continue };
            let alone =
                defaults().set_override(&key, setting.value.clone()).and_then(|builder| builder.build());
            match alone.and_then(|alone| alone.get::<T>(section)) {
                Ok(_) => builder = builder.set_override(&key, setting.value.clone()).ok()?,
                Err(error) => {
                    let (origin, at) = (setting.origin.clone(), setting.place);
                    self.add(&origin, at, format!("`{key}` does not fit: {}", cause(&key, &error)), None);
                }
            }
        }
        match builder.build().and_then(|built| built.get(section)) {
            Ok(section) => Some(section),
            Err(error) => {
                self.add("config/default.toml", None, error.to_string(), None);
                None
            }
        }
    }

    /// A path relative to whoever named it.
    pub(super) fn resolve(&self, key: &str, path: &Path) -> PathBuf {
        match self.made.get(key).and_then(|setting| setting.folder.as_ref()) {
            Some(folder) if path.is_relative() => folder.join(path),
            _ => path.to_owned(),
        }
    }

    /// Tells a mistake about a setting, at the place where it was made.
    pub(super) fn refuse(&mut self, key: &str, message: impl Into<String>) {
        let (origin, at) = match self.made.get(key) {
            Some(setting) => (setting.origin.clone(), setting.place),
            None => ("config/default.toml".to_owned(), None),
        };
        self.add(&origin, at, message.into(), None);
    }

    pub(super) fn mistakes(&self) -> Vec<Mistake> {
        self.mistakes.clone()
    }

    pub(super) fn finish(self, config: Config) -> Result<Config, Vec<Mistake>> {
        if self.mistakes.is_empty() { Ok(config) } else { Err(self.mistakes) }
    }

    fn add(&mut self, file: &str, at: Option<(usize, usize)>, message: String, suggestion: Option<String>) {
        let (line, column) = (at.map(|at| at.0), at.map(|at| at.1));
        self.mistakes.push(Mistake { file: file.to_owned(), line, column, message, suggestion });
    }
}

/// Why a value does not fit; a secret's value is not told.
fn cause(key: &str, error: &config::ConfigError) -> String {
    if SECRETS.contains(&key) {
        return "it must be a text".to_owned();
    }
    let text = error.to_string();
    text.split(" for key ").next().unwrap_or_default().to_owned()
}

fn defaults() -> ConfigBuilder<DefaultState> {
    config::Config::builder().add_source(config::File::from_str(DEFAULTS, config::FileFormat::Toml))
}

fn known_settings() -> BTreeSet<String> {
    let defaults: toml::Table = DEFAULTS.parse().unwrap_or_default();
    let sections = defaults.iter().filter_map(|(section, settings)| Some((section, settings.as_table()?)));
    sections
        .flat_map(|(section, settings)| settings.keys().map(move |key| format!("{section}.{key}")))
        .collect()
}

/// A TOML value as the settings library holds it.
fn to_value(text: &str, value: &toml::Spanned<DeValue<'_>>) -> Value {
    match value.get_ref() {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Array(items) => {
            Value::from(items.iter().map(|item| to_value(text, item)).collect::<Vec<_>>())
        }
        // As it is written: what it must be is known to the setting.
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => {
            Value::from(text.get(value.span()).unwrap_or_default())
        }
    }
}
