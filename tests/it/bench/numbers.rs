//! The bot's `/metrics`, read.

use std::collections::BTreeMap;

pub(crate) struct Numbers {
    pub(crate) page: String,
    series: BTreeMap<String, f64>,
}

impl Numbers {
    pub(crate) async fn read(http: &reqwest::Client, admin: &str) -> Self {
        let response = http.get(format!("{admin}/metrics")).send().await.expect("the private door answers");
        assert_eq!(response.status(), 200);
        let content_type = response.headers()["content-type"].to_str().expect("text").to_owned();
        assert!(content_type.starts_with("text/plain; version=0.0.4"), "{content_type}");
        let page = response.text().await.expect("a page");
        let lines = page.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        let series = lines.map(|line| {
            let (series, number) = line.rsplit_once(' ').expect("a number");
            (series.to_owned(), number.parse().unwrap_or_else(|_| panic!("no number: {line}")))
        });
        Self { series: series.collect(), page }
    }

    /// The number of a series as the page writes it: `name{label="value"}`.
    pub(crate) fn of(&self, series: &str) -> Option<f64> {
        self.series.get(series).copied()
    }

    /// The sum of all series of a name.
    pub(crate) fn sum(&self, name: &str) -> f64 {
        let of_name = |series: &str| series.split('{').next() == Some(name);
        self.series.iter().filter(|(series, _)| of_name(series)).map(|(_, number)| number).sum()
    }
}
