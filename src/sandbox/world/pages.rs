//! Pages: a page id remembers the first request's filters, order and limit, and where the next page begins.
use crate::sandbox::fields::{Checked, Fields};
use crate::sandbox::refusal::Refusal;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

/// Which page is wanted.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) filters: Map<String, Value>,
    limit: usize,
    ascending: bool,
    from: Option<From>,
}

#[derive(Debug, Clone, Copy)]
struct From {
    key: i64,
    backwards: bool,
}

impl Page {
    /// Reads `page_id`, or `filters`, `limit` and `sort_order`; both together are refused.
    pub(crate) fn read(body: &Fields<'_>, default: i64, most: i64) -> Checked<Self> {
        let limit = body.int_within("limit", 1, most)?.unwrap_or(default);
        let order = body.one_of_if("sort_order", &["asc", "desc"])?;
        let filters = body.object_if("filters")?;
        match body.text_if("page_id")? {
            Some(id) => {
                if let Some(odd) = ["filters", "limit", "sort_order"].into_iter().find(|key| body.has(key)) {
                    return Err(Refusal::validation(format!(
                        "`{odd}` cannot be used together with `page_id`"
                    )));
                }
                Self::decode(id).ok_or_else(|| Refusal::validation("`page_id` is not valid"))
            }
            None => Ok(Self {
                filters: filters.map(|filters| filters.map().clone()).unwrap_or_default(),
                limit: usize::try_from(limit).unwrap_or(1),
                ascending: order == Some("asc"),
                from: None,
            }),
        }
    }

    /// The same page with another limit.
    pub(crate) fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    fn decode(id: &str) -> Option<Self> {
        let page: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let from = From { key: page.get("key")?.as_i64()?, backwards: page.get("backwards")?.as_bool()? };
        Some(Self {
            filters: page.get("filters")?.as_object()?.clone(),
            limit: usize::try_from(page.get("limit")?.as_u64()?).ok()?,
            ascending: page.get("ascending")?.as_bool()?,
            from: Some(from),
        })
    }

    fn encode(&self, key: i64, backwards: bool) -> String {
        let page = json!({
            "filters": self.filters,
            "limit": self.limit,
            "ascending": self.ascending,
            "key": key,
            "backwards": backwards,
        });
        URL_SAFE_NO_PAD.encode(page.to_string())
    }
}

/// The items of a page, and `next_page_id` and `previous_page_id` when there are such pages.
pub(crate) fn paginate<T>(mut items: Vec<(i64, T)>, page: &Page) -> (Vec<T>, Map<String, Value>) {
    items.sort_by_key(|(key, _)| if page.ascending { *key } else { -*key });
    let total = items.len();
    let beyond = |key: i64, mark: i64| if page.ascending { key > mark } else { key < mark };
    let start = match page.from {
        None => 0,
        Some(From { key: mark, backwards: false }) => {
            items.iter().position(|(key, _)| beyond(*key, mark)).unwrap_or(total)
        }
        Some(From { key: mark, backwards: true }) => {
            let end = items.iter().position(|(key, _)| *key == mark || beyond(*key, mark)).unwrap_or(total);
            end.saturating_sub(page.limit)
        }
    };
    let shown: Vec<(i64, T)> = items.into_iter().skip(start).take(page.limit).collect();
    let mut links = Map::new();
    if let Some((last, _)) = shown.last().filter(|_| start + shown.len() < total) {
        links.insert("next_page_id".to_owned(), json!(page.encode(*last, false)));
    }
    if let Some((first, _)) = shown.first().filter(|_| start > 0) {
        links.insert("previous_page_id".to_owned(), json!(page.encode(*first, true)));
    }
    (shown.into_iter().map(|(_, item)| item).collect(), links)
}
