//! What a message is: a request, a notification, or an answer (JSON-RPC 2.0; LSP 3.18, "Base Protocol").

use serde_json::{Value, json};

/// The numbers of errors, as JSON-RPC and LSP have them.
pub(super) mod code {
    /// The bytes are no JSON.
    pub const PARSE_ERROR: i32 = -32700;
    /// The JSON is no message, or comes at a time at which none of its kind may.
    pub const INVALID_REQUEST: i32 = -32600;
    /// Nobody knows the method.
    pub const METHOD_NOT_FOUND: i32 = -32601;
    /// The method is known, and the parameters are not of its form.
    pub const INVALID_PARAMS: i32 = -32602;
    /// A request before `initialize`.
    pub const NOT_INITIALIZED: i32 = -32002;
    /// What was asked for cannot be said.
    pub const REQUEST_FAILED: i32 = -32803;
    /// The client took it back.
    pub const CANCELLED: i32 = -32800;
    /// The server gave it up.
    pub const SERVER_CANCELLED: i32 = -32802;
}

/// A message of the client.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// It wants an answer.
    Request {
        /// What the answer is known by: a number or a text.
        id: Value,
        method: String,
        params: Value,
    },
    /// It wants none.
    Notification { method: String, params: Value },
    /// It is one.
    Answer,
    /// It is none of these. The id of what it may have meant to be.
    Invalid { id: Value },
}

/// Sorts a message.
pub(super) fn sort(mut value: Value) -> Message {
    let id = value.get("id").cloned();
    let is_id = |id: &Value| id.is_string() || id.is_number();
    let shown = id.clone().filter(is_id).unwrap_or(Value::Null);
    let Some(object) = value.as_object_mut() else {
        return Message::Invalid { id: Value::Null };
    };
    let params = object.remove("params").unwrap_or(Value::Null);
    match (object.remove("method"), id) {
        (Some(Value::String(method)), Some(id)) if is_id(&id) => {
            Message::Request { id, method, params }
        }
        (Some(Value::String(method)), None) => Message::Notification { method, params },
        (None, Some(_)) if object.contains_key("result") || object.contains_key("error") => {
            Message::Answer
        }
        _ => Message::Invalid { id: shown },
    }
}

/// An answer.
pub(super) fn answer(id: &Value, result: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": result})
}

/// An answer that says why there is none.
pub(super) fn refusal(id: &Value, code: i32, message: &str) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": message}})
}

/// A notification to the client.
pub(super) fn notification(method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "method": method, "params": params})
}

/// A request to the client.
pub(super) fn request(id: u64, method: &str, params: Value) -> Value {
    json!({"jsonrpc": "2.0", "id": format!("coship-{id}"), "method": method, "params": params})
}
