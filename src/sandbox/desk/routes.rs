//! The desk's paths: the page, its files, its updates, and the forms.
//!
//! A form that worked leads back to the page; one that did not gives the page with the reason and the text.
use super::acts::{answer, arrive, close, say};
use super::assets;
use super::page::{Draft, Drafts, page};
use super::problem::Problem;
use super::scene::Scene;
use super::updates::updates;
use crate::sandbox::shared::Shared;
use crate::sandbox::world::{TEXT_BYTES, Visibility};
use axum::extract::rejection::FormRejection;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use serde::Deserialize;
use std::sync::Arc;

/// The largest form: the longest message with each of its bytes written as three, and a little more.
const FORM: usize = 64 * 1024;

type Its = State<Arc<Shared>>;
type Sent = Result<Form<Words>, FormRejection>;

/// What a window sends.
#[derive(Debug, Deserialize)]
struct Words {
    text: String,
    /// There when only agents shall see it.
    whisper: Option<String>,
}

/// The page's routes.
pub(crate) fn router(shared: &Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(begin))
        .route("/desk.css", get(assets::style))
        .route("/desk.js", get(assets::script))
        .route("/desk.svg", get(assets::icon))
        .route("/desk/{customer_id}", get(show))
        .route("/desk/{customer_id}/updates", get(tell))
        .route("/desk/{customer_id}/say", post(take_saying))
        .route("/desk/{customer_id}/answer", post(take_answer))
        .route("/desk/{customer_id}/close", post(end))
        .route("/desk/{customer_id}/new", post(begin_again))
        .layer(DefaultBodyLimit::max(FORM))
        .layer(map_response(assets::sealed))
        .with_state(Arc::clone(shared))
}

async fn begin(State(shared): Its) -> Response {
    go_to(&arrive(&shared))
}

async fn show(State(shared): Its, Path(customer_id): Path<String>) -> Response {
    shown(&shared, &customer_id, StatusCode::OK, &Drafts::default())
}

async fn tell(State(shared): Its, Path(customer_id): Path<String>) -> Response {
    updates(shared, customer_id).into_response()
}

async fn take_saying(State(shared): Its, Path(customer_id): Path<String>, sent: Sent) -> Response {
    let done = read(sent).and_then(|Words { text, .. }| {
        say(&shared, &customer_id, &text).map_err(|problem| Draft::with(text, &problem))
    });
    finished(&shared, &customer_id, done, |customer| Drafts { customer, ..Drafts::default() })
}

async fn take_answer(State(shared): Its, Path(customer_id): Path<String>, sent: Sent) -> Response {
    let done = read(sent).and_then(|Words { text, whisper }| {
        let to = if whisper.is_some() { Visibility::Agents } else { Visibility::All };
        answer(&shared, &customer_id, &text, to).map_err(|problem| Draft::with(text, &problem))
    });
    finished(&shared, &customer_id, done, |agent| Drafts { agent, ..Drafts::default() })
}

async fn end(State(shared): Its, Path(customer_id): Path<String>) -> Response {
    let done = close(&shared, &customer_id).map_err(|problem| Draft::with(String::new(), &problem));
    finished(&shared, &customer_id, done, |customer| Drafts { customer, ..Drafts::default() })
}

/// The customer leaves and another one comes.
async fn begin_again(State(shared): Its, Path(customer_id): Path<String>) -> Response {
    // There may be nothing to close.
    drop(close(&shared, &customer_id));
    go_to(&arrive(&shared))
}

/// What was written, or the draft with what is wrong with it. Browsers send line ends as two characters.
fn read(sent: Sent) -> Result<Words, Draft> {
    let Form(words) = sent.map_err(|rejection| Draft::with(String::new(), &rejection.into()))?;
    let text = words.text.replace("\r\n", "\n");
    if text.trim().is_empty() {
        return Err(Draft::with(text, &Problem::Empty));
    }
    if text.len() > TEXT_BYTES {
        return Err(Draft::with(text, &Problem::TooLong));
    }
    Ok(Words { text, ..words })
}

fn finished(
    shared: &Shared,
    customer_id: &str,
    done: Result<(), Draft>,
    drafts: impl FnOnce(Draft) -> Drafts,
) -> Response {
    match done {
        Ok(()) => go_to(customer_id),
        Err(draft) => shown(shared, customer_id, draft.status, &drafts(draft)),
    }
}

/// The page; a customer whom a reset has forgotten begins anew.
fn shown(shared: &Shared, customer_id: &str, status: StatusCode, drafts: &Drafts) -> Response {
    match Scene::read(shared, customer_id) {
        None => Redirect::to("/").into_response(),
        Some(scene) => (status, Html(page(&scene, drafts).into_string())).into_response(),
    }
}

fn go_to(customer_id: &str) -> Response {
    Redirect::to(&format!("/desk/{customer_id}")).into_response()
}
