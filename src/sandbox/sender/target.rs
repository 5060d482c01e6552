//! Where a webhook may go: to this machine only.
use reqwest::Url;
use std::net::IpAddr;

/// Whether the URL is on this machine.
pub(super) fn is_loopback(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_reached() {
        for (url, expected) in [
            ("http://127.0.0.1:80/x", true),
            ("https://localhost/x", true),
            ("http://[::1]:1/", true),
            ("http://127.0.0.1.example.com/", false),
            ("http://10.0.0.1/", false),
            ("http://localhost.example.com/", false),
            ("nonsense", false),
        ] {
            assert_eq!(is_loopback(url), expected, "{url}");
        }
    }
}
