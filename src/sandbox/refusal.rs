//! The platform's error answers: type, message, status (reference section 9.2).
use axum::http::StatusCode;
use serde_json::{Value, json};

/// What a refused call is answered with.
#[derive(Debug, Clone)]
pub(crate) struct Refusal {
    pub(crate) kind: Kind,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
    status: Option<StatusCode>,
}

/// The error types that the sandbox gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    AgentOffline,
    AlreadyExists,
    Authentication,
    Authorization,
    ChatInactive,
    EntityTooLarge,
    GroupNotFound,
    GroupsOffline,
    Internal,
    LicenseNotFound,
    LimitReached,
    MisdirectedRequest,
    MissingAccess,
    NotAllowed,
    NotFound,
    RequesterAlreadyOffline,
    RequestTimeout,
    ServiceUnavailable,
    TooManyRequests,
    UnsupportedVersion,
    Validation,
}

/// Every type with its name, its status and its default message.
const TABLE: [(Kind, &str, u16, &str); 21] = [
    (Kind::AgentOffline, "agent_offline", 422, "Agent offline"),
    (Kind::AlreadyExists, "already_exists", 409, "Already exists"),
    (Kind::Authentication, "authentication", 401, "Authentication error"),
    (Kind::Authorization, "authorization", 403, "Authorization error"),
    (Kind::ChatInactive, "chat_inactive", 422, "Chat is inactive"),
    (Kind::EntityTooLarge, "entity_too_large", 413, "Upload limit exceeded (10MB)."),
    (Kind::GroupNotFound, "group_not_found", 404, "Group not found"),
    (Kind::GroupsOffline, "groups_offline", 422, "Groups offline"),
    (Kind::Internal, "internal", 500, "Internal server error"),
    (Kind::LicenseNotFound, "license_not_found", 404, "License not found"),
    (Kind::LimitReached, "limit_reached", 422, "Limit reached"),
    (Kind::MisdirectedRequest, "misdirected_request", 421, "Wrong region"),
    (Kind::MissingAccess, "missing_access", 403, "Missing access"),
    (Kind::NotAllowed, "not_allowed", 403, "Not allowed"),
    (Kind::NotFound, "not_found", 404, "Not found"),
    (Kind::RequesterAlreadyOffline, "requester_already_offline", 422, "Requester is already offline"),
    (Kind::RequestTimeout, "request_timeout", 504, "Request timed out"),
    (Kind::ServiceUnavailable, "service_unavailable", 503, "Service unavailable"),
    (Kind::TooManyRequests, "too_many_requests", 429, "Too many requests"),
    (Kind::UnsupportedVersion, "unsupported_version", 400, "Cannot call unsupported API versions."),
    (Kind::Validation, "validation", 400, "Wrong format of request"),
];

impl Kind {
    fn row(self) -> (&'static str, u16, &'static str) {
        TABLE
            .iter()
            .find(|(kind, ..)| *kind == self)
            .map_or(("internal", 500, "Internal server error"), |(_, name, status, text)| {
                (*name, *status, *text)
            })
    }

    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        self.row().0
    }
}

impl Refusal {
    /// The type with its default message.
    pub(crate) fn of(kind: Kind) -> Self {
        Self::new(kind, kind.row().2)
    }

    /// The type with a message of its own.
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), data: None, status: None }
    }

    /// A request that is not as documented; the message names the field.
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::new(Kind::Validation, message)
    }

    /// The resource does not exist.
    pub(crate) fn not_found(what: &str) -> Self {
        Self::new(Kind::NotFound, format!("{what} not found"))
    }

    /// An action that the platform has and the sandbox has not.
    pub(crate) fn not_built(action: &str) -> Self {
        Self::new(Kind::NotAllowed, format!("`{action}` is not built yet in the sandbox"))
            .with_status(StatusCode::NOT_IMPLEMENTED)
    }

    /// The requester is not in the chat; the text is the one seen from the live service.
    pub(crate) fn not_inside() -> Self {
        Self::new(Kind::Authorization, "Requester is not user of the chat")
    }

    /// Another status than the table's.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status);
        self
    }

    /// With `error.data`.
    pub(crate) fn with_data(mut self, data: Value) -> Self {
        self.data = Some(data);
        self
    }

    /// The HTTP status.
    pub(crate) fn status(&self) -> StatusCode {
        self.status.unwrap_or_else(|| {
            StatusCode::from_u16(self.kind.row().1).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
        })
    }

    /// The documented body.
    pub(crate) fn body(&self) -> Value {
        error_body(self.kind.name(), &self.message, self.data.as_ref())
    }
}

/// `{"error": {"type", "message", "data"?}}`.
pub(crate) fn error_body(kind: &str, message: &str, data: Option<&Value>) -> Value {
    let mut error = json!({"type": kind, "message": message});
    if let (Some(data), Some(fields)) = (data, error.as_object_mut()) {
        fields.insert("data".to_owned(), data.clone());
    }
    json!({ "error": error })
}

/// Status and message that belong to a type's name; unknown names get a 500.
pub(crate) fn documented(name: &str) -> (u16, &'static str) {
    TABLE
        .iter()
        .find(|(_, known, ..)| *known == name)
        .map_or((500, "Error"), |(_, _, status, text)| (*status, *text))
}
