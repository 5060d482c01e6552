//! The page over HTTP: what each side may see, and that words stay words.
use crate::sandbox::{Options, Sandbox};
use reqwest::header::{CONTENT_TYPE, LOCATION};
use reqwest::{Client, Response, StatusCode, redirect};

/// A sandbox and one customer's page in it.
struct Desk {
    sandbox: Sandbox,
    http: Client,
    page: String,
}

impl Desk {
    async fn open() -> Self {
        let sandbox = Sandbox::start(Options::default()).await.unwrap();
        let http = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        let opened = http.get(&sandbox.addresses().desk_url).send().await.unwrap();
        assert_eq!(opened.status(), StatusCode::SEE_OTHER);
        let page = format!("{}{}", sandbox.addresses().api_url, opened.headers()[LOCATION].to_str().unwrap());
        Self { sandbox, http, page }
    }

    async fn send(&self, act: &str, form: impl Into<reqwest::Body>) -> Response {
        let request = self.http.post(format!("{}/{act}", self.page)).body(form);
        request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").send().await.unwrap()
    }

    async fn seen(&self) -> Windows {
        Windows::of(&self.http.get(&self.page).send().await.unwrap().text().await.unwrap())
    }
}

/// What the page shows in each of its parts, as HTML.
struct Windows {
    customer: String,
    agents: String,
    line: String,
}

impl Windows {
    fn of(page: &str) -> Self {
        let part = |id: &str| {
            let (_, rest) = page.split_once(&format!("<ol id=\"{id}\">")).expect(id);
            rest.split_once("</ol>").unwrap().0.to_owned()
        };
        Self { customer: part("customer-log"), agents: part("agents-log"), line: part("line") }
    }
}

#[tokio::test]
async fn markup_of_a_customer_is_text_in_every_part() {
    let desk = Desk::open().await;
    let sent = desk.send("say", "text=%3Cscript%3Ealert(1)%3C%2Fscript%3E+%22%26%27").await;
    assert_eq!(sent.status(), StatusCode::SEE_OTHER);
    let seen = desk.seen().await;
    for part in [&seen.customer, &seen.agents, &seen.line] {
        assert!(part.contains("&lt;script&gt;alert(1)&lt;/script&gt; &quot;&amp;"), "{part}");
        assert!(!part.contains("<script"), "{part}");
    }
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn bytes_that_are_no_text_are_shown_as_such() {
    let desk = Desk::open().await;
    assert_eq!(desk.send("say", "text=a%FF%00b").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(desk.send("say", b"text=raw\xC3\x28".to_vec()).await.status(), StatusCode::SEE_OTHER);
    let seen = desk.seen().await;
    assert!(
        seen.customer.contains("a\u{FFFD}\0b") && seen.agents.contains("raw\u{FFFD}("),
        "{}",
        seen.customer
    );
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn a_text_that_is_too_long_comes_back_with_the_reason() {
    let desk = Desk::open().await;
    let exactly = "x".repeat(16 * 1024);
    assert_eq!(desk.send("say", format!("text={exactly}")).await.status(), StatusCode::SEE_OTHER);
    for more in [1, 100_000] {
        let refused = desk.send("say", format!("text={exactly}{}", "y".repeat(more))).await;
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
        let page = refused.text().await.unwrap();
        assert!(page.contains("messages of up to 16 KB"), "{more} too many");
        assert!(!Windows::of(&page).customer.contains("xy"));
    }
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn nothing_to_send_is_said_kindly_and_starts_no_chat() {
    let desk = Desk::open().await;
    for form in ["text=++%0D%0A", "text=", "words=hello", ""] {
        let refused = desk.send("say", form).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{form}");
        assert!(refused.text().await.unwrap().contains("role=\"alert\""));
    }
    assert_eq!(desk.send("answer", "text=hello").await.status(), StatusCode::CONFLICT);
    assert!(desk.seen().await.agents.contains("as soon as the customer writes"));
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn the_customer_sees_what_is_said_and_never_what_is_whispered() {
    let desk = Desk::open().await;
    desk.send("say", "text=hello").await;
    desk.send("answer", "text=good+day").await;
    desk.send("answer", "text=who+is+this&whisper=yes").await;
    let seen = desk.seen().await;
    assert!(
        seen.customer.contains("good day") && !seen.customer.contains("who is this"),
        "{}",
        seen.customer
    );
    assert!(
        seen.agents.contains("Whisper: only agents see this</p><p class=\"text\" dir=\"auto\">who is this")
    );
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn a_closed_chat_is_opened_again_by_writing_and_a_new_one_is_another_customers() {
    let desk = Desk::open().await;
    for (act, form) in [("say", "text=first"), ("close", ""), ("say", "text=second")] {
        assert_eq!(desk.send(act, form).await.status(), StatusCode::SEE_OTHER, "{act} {form}");
    }
    let seen = desk.seen().await;
    let places = ["first", "archived the chat", "The chat is opened again", "second"]
        .map(|text| seen.customer.find(text).expect(text));
    assert!(places.is_sorted(), "{places:?}");
    let other = desk.send("new", "").await;
    assert_eq!(other.status(), StatusCode::SEE_OTHER);
    assert!(!desk.page.ends_with(other.headers()[LOCATION].to_str().unwrap()));
    assert!(desk.seen().await.agents.matches("archived the chat").count() == 2);
    desk.sandbox.stop().await;
}

/// The next event of a stream, as text.
async fn event(updates: &mut Response) -> String {
    let mut event = Vec::new();
    while !event.ends_with(b"\n\n") {
        event.extend(updates.chunk().await.unwrap().expect("one more event"));
    }
    String::from_utf8(event).unwrap()
}

#[tokio::test]
async fn updates_begin_with_everything_and_tell_what_changes_until_the_sandbox_stops() {
    let desk = Desk::open().await;
    let mut updates = desk.http.get(format!("{}/updates", desk.page)).send().await.unwrap();
    assert!(event(&mut updates).await.contains("as soon as the customer writes"));
    desk.send("say", "text=two%0D%0Alines+%0D+here").await;
    let news = event(&mut updates).await;
    let regions: serde_json::Value = serde_json::from_str(news.strip_prefix("data: ").unwrap()).unwrap();
    assert_eq!(regions["state"], "open");
    assert!(regions["customer-log"].as_str().unwrap().contains("two\nlines \r here"));
    assert!(regions.get("summary").is_none(), "what has not changed is not sent");
    desk.sandbox.stop().await;
    while let Ok(Some(_)) = updates.chunk().await {}
}

#[tokio::test]
async fn only_this_origin_may_be_used_and_may_send() {
    let desk = Desk::open().await;
    let page = desk.http.get(&desk.page).send().await.unwrap();
    assert!(page.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'self';"));
    for (path, kind) in
        [("desk.css", "text/css"), ("desk.js", "text/javascript"), ("desk.svg", "image/svg+xml")]
    {
        let url = format!("{}{path}", desk.sandbox.addresses().desk_url);
        let file = desk.http.get(url).send().await.unwrap();
        assert!(file.headers()[CONTENT_TYPE].to_str().unwrap().starts_with(kind));
        assert_eq!(file.headers()["x-content-type-options"], "nosniff");
    }
    let elsewhere = desk.http.post(format!("{}/say", desk.page)).header("origin", "https://example.com");
    let elsewhere = elsewhere.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body("text=pizza");
    assert_eq!(elsewhere.send().await.unwrap().status(), StatusCode::FORBIDDEN);
    assert!(!desk.seen().await.customer.contains("pizza</p>"));
    desk.sandbox.stop().await;
}

#[tokio::test]
async fn a_customer_whom_nobody_knows_is_a_new_one() {
    let desk = Desk::open().await;
    let base = &desk.sandbox.addresses().api_url;
    let page = desk.http.get(format!("{base}/desk/nobody")).send().await.unwrap();
    assert_eq!((page.status(), page.headers()[LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/"));
    let updates = desk.http.get(format!("{base}/desk/nobody/updates")).send().await.unwrap();
    assert_eq!(updates.text().await.unwrap(), "data: {\"gone\":true}\n\n");
    desk.sandbox.stop().await;
}
