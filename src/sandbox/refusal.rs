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

/// The error types that the sandbox's laws give.
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
    LicenseNotFound,
    LimitReached,
    MisdirectedRequest,
    MissingAccess,
    NotAllowed,
    NotFound,
    RequestTimeout,
    RequesterAlreadyOffline,
    UnsupportedVersion,
    Validation,
}

/// Every documented type with its status and its default message; faults can play all of them.
const DOCUMENTED: [(&str, u16, &str); 35] = [
    ("agent_offline", 422, "Agent offline"),
    ("already_exists", 409, "Already exists"),
    ("authentication", 401, "Authentication error"),
    ("authorization", 403, "Authorization error"),
    ("chat_anonymized", 422, "Chat anonymized"),
    ("chat_inactive", 422, "Chat is inactive"),
    ("customer_banned", 403, "Customer is banned"),
    ("entity_too_large", 413, "Upload limit exceeded (10MB)."),
    ("greeting_not_found", 404, "Greeting not found"),
    ("group_not_found", 404, "Group not found"),
    ("group_offline", 422, "Group is offline"),
    ("group_unavailable", 422, "No agent available for group"),
    ("groups_offline", 422, "Groups offline"),
    ("internal", 500, "Internal server error"),
    ("license_expired", 402, "License expired"),
    ("license_not_found", 404, "License not found"),
    ("limit_reached", 422, "Limit reached"),
    ("misdirected_request", 421, "Wrong region"),
    ("missing_access", 403, "Missing access"),
    ("not_allowed", 403, "Not allowed"),
    ("not_found", 404, "Not found"),
    ("ownership_transfer", 422, "Invalid transfer ownership request"),
    ("pending_requests_limit_reached", 429, "Requests limit reached"),
    ("request_timeout", 504, "Request timed out"),
    ("requester_already_offline", 422, "Requester is already offline"),
    ("requester_awaiting_approval", 403, "Requester awaiting approval"),
    ("requester_suspended", 403, "Requester suspended"),
    ("seats_limit_exceeded", 403, "Seats limit exceeded"),
    ("service_unavailable", 503, "Service unavailable"),
    ("too_many_requests", 429, "Too many requests"),
    ("transfer_ownership", 422, "Invalid transfer ownership request"),
    ("unsupported_version", 400, "Cannot call unsupported API versions."),
    ("users_limit_reached", 403, "Users limit reached"),
    ("validation", 400, "Wrong format of request"),
    ("wrong_product_version", 422, "Wrong product version"),
];

impl Kind {
    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AgentOffline => "agent_offline",
            Self::AlreadyExists => "already_exists",
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::ChatInactive => "chat_inactive",
            Self::EntityTooLarge => "entity_too_large",
            Self::GroupNotFound => "group_not_found",
            Self::GroupsOffline => "groups_offline",
            Self::LicenseNotFound => "license_not_found",
            Self::LimitReached => "limit_reached",
            Self::MisdirectedRequest => "misdirected_request",
            Self::MissingAccess => "missing_access",
            Self::NotAllowed => "not_allowed",
            Self::NotFound => "not_found",
            Self::RequestTimeout => "request_timeout",
            Self::RequesterAlreadyOffline => "requester_already_offline",
            Self::UnsupportedVersion => "unsupported_version",
            Self::Validation => "validation",
        }
    }
}

impl Refusal {
    /// The type with its default message.
    pub(crate) fn of(kind: Kind) -> Self {
        Self::new(kind, documented(kind.name()).1)
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
            StatusCode::from_u16(documented(self.kind.name()).0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
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
    DOCUMENTED
        .iter()
        .find(|(known, ..)| *known == name)
        .map_or((500, "Error"), |(_, status, text)| (*status, *text))
}
