//! livechat.
