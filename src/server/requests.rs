//! What a client asks, and what is answered. A request about what was not checked yet waits.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use gen_lsp_types::{Diagnostic, TextDocumentPositionParams};
use serde_json::{Value, json};

use super::diagnostics::Places;
use super::message::{self, code};
use super::position::Encoding;
use super::session::{Client, Folder, Pending, Session, Stage, parsed};
use super::uri;
use crate::facts::FileId;

impl<W: Write> Session<W> {
    /// Takes a request.
    pub(super) fn request(&mut self, id: Value, method: String, params: Value) -> io::Result<()> {
        match (self.stage, method.as_str()) {
            (Stage::Starting, "initialize") => {
                let result = self.initialize(&params);
                return self.send(&message::answer(&id, result));
            }
            (Stage::Starting, _) => {
                return self.refuse(&id, code::NOT_INITIALIZED, "initialize comes first");
            }
            (Stage::Running, "shutdown") => {
                self.stage = Stage::Ending;
                for pending in std::mem::take(&mut self.pending) {
                    self.refuse(
                        &pending.id,
                        code::SERVER_CANCELLED,
                        "the server is shut down",
                    )?;
                }
                return self.send(&message::answer(&id, Value::Null));
            }
            (Stage::Ending, _) | (_, "initialize") => {
                return self.refuse(&id, code::INVALID_REQUEST, "not at this time");
            }
            (Stage::Running, _) => {}
        }
        if method == "workspace/diagnostic" {
            if self.folders.iter().all(Folder::is_current) {
                let result = self.all_diagnostics(&params);
                return self.send(&message::answer(&id, result));
            }
            return self.wait(Pending { id, method, params });
        }
        let is_known = [
            "textDocument/diagnostic",
            "textDocument/hover",
            "textDocument/definition",
            "textDocument/references",
            "textDocument/codeLens",
            "textDocument/documentSymbol",
        ];
        if !is_known.contains(&method.as_str()) {
            let why = format!("there is no method '{method}'");
            return self.refuse(&id, code::METHOD_NOT_FOUND, &why);
        }
        let asks_place = matches!(
            method.as_str(),
            "textDocument/hover" | "textDocument/definition" | "textDocument/references"
        );
        let is_sound = params
            .pointer("/textDocument/uri")
            .is_some_and(Value::is_string)
            && (!asks_place || parsed::<TextDocumentPositionParams>(params.clone()).is_some());
        if !is_sound {
            return self.refuse(
                &id,
                code::INVALID_PARAMS,
                "the parameters are not those of this method",
            );
        }
        let Some(path) = self.path_in(&params) else {
            // What is no file on disk is part of no program.
            let result = nothing(&method);
            return self.send(&message::answer(&id, result));
        };
        let Some(index) = self.nearest(&path) else {
            let result = nothing(&method);
            return self.send(&message::answer(&id, result));
        };
        let folder = &self.folders[index];
        if !folder.is_current() {
            return self.wait(Pending { id, method, params });
        }
        if let Some(Err(why)) = &folder.state {
            let why = why.clone();
            return self.refuse(&id, code::REQUEST_FAILED, &why);
        }
        let result = self.result(index, &path, &method, &params);
        self.send(&message::answer(&id, result))
    }

    /// The answer to a request about a file in a folder that was checked.
    fn result(&self, index: usize, path: &Path, method: &str, params: &Value) -> Value {
        if method == "textDocument/diagnostic" {
            let mut found = self.diagnostics(index);
            let items = found.remove(path).unwrap_or_default();
            let previous = params.get("previousResultId").and_then(Value::as_str);
            return report(&items, previous);
        }
        let Some(Ok(snapshot)) = &self.folders[index].state else {
            return nothing(method);
        };
        let Some(file) = snapshot.find(path) else {
            return nothing(method);
        };
        let places = Places {
            snapshot,
            documents: &self.documents,
            encoding: self.client.encoding,
        };
        answer(&places, file, method, params)
    }

    fn all_diagnostics(&self, params: &Value) -> Value {
        let previous: BTreeMap<&str, &str> = params
            .get("previousResultIds")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|it| Some((it.get("uri")?.as_str()?, it.get("value")?.as_str()?)))
            .collect();
        let mut all: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
        for index in 0..self.folders.len() {
            all.extend(self.diagnostics(index));
        }
        let known = previous.keys().filter_map(|uri| uri::to_path(uri));
        for path in known {
            all.entry(path).or_default();
        }
        let items = all.iter().map(|(path, items)| {
            let uri = self.uri(path);
            let mut report = report(items, previous.get(uri.as_str()).copied());
            report["version"] = self
                .documents
                .get(path)
                .map_or(Value::Null, |it| json!(it.version));
            report["uri"] = json!(uri);
            report
        });
        json!({"items": items.collect::<Vec<_>>()})
    }

    fn initialize(&mut self, params: &Value) -> Value {
        let capabilities = params.get("capabilities").unwrap_or(&Value::Null);
        let can = |pointer: &str| {
            capabilities
                .pointer(pointer)
                .is_some_and(|it| *it != false && !it.is_null())
        };
        self.client = Client {
            encoding: Encoding::negotiated(capabilities),
            pulls: can("/textDocument/diagnostic"),
            refreshes_diagnostics: can("/workspace/diagnostics/refreshSupport"),
            refreshes_lenses: can("/workspace/codeLens/refreshSupport"),
            watches: can("/workspace/didChangeWatchedFiles/dynamicRegistration"),
        };
        let folders = params.get("workspaceFolders").and_then(Value::as_array);
        let mut uris: Vec<&str> = folders
            .into_iter()
            .flatten()
            .filter_map(|folder| folder.get("uri")?.as_str())
            .collect();
        if uris.is_empty() {
            uris.extend(params.get("rootUri").and_then(Value::as_str));
        }
        for path in uris.into_iter().filter_map(uri::to_path) {
            if !self.folders.iter().any(|folder| folder.path == path) {
                self.folders.push(Folder::new(path));
            }
        }
        self.stage = Stage::Running;
        json!({
            "capabilities": {
                "positionEncoding": self.client.encoding.name(),
                "textDocumentSync": {"openClose": true, "change": 2, "save": {"includeText": false}},
                "diagnosticProvider": {
                    "identifier": "coship",
                    "interFileDependencies": true,
                    "workspaceDiagnostics": true,
                },
                "hoverProvider": true,
                "definitionProvider": true,
                "referencesProvider": true,
                "codeLensProvider": {"resolveProvider": false},
                "documentSymbolProvider": true,
                "workspace": {"workspaceFolders": {"supported": true, "changeNotifications": true}},
            },
            "serverInfo": {"name": "coship", "version": env!("CARGO_PKG_VERSION")},
        })
    }
}

/// The answer from a file's places.
fn answer(places: &Places, file: FileId, method: &str, params: &Value) -> Value {
    let position = parsed::<TextDocumentPositionParams>(params.clone()).map(|it| it.position);
    let declared = params.pointer("/context/includeDeclaration") == Some(&Value::Bool(true));
    match (method, position) {
        ("textDocument/hover", Some(at)) => json!(places.hover(file, at)),
        ("textDocument/definition", Some(at)) => json!(places.definition(file, at)),
        ("textDocument/references", Some(at)) => json!(places.references(file, at, declared)),
        ("textDocument/codeLens", _) => json!(places.lenses(file)),
        ("textDocument/documentSymbol", _) => json!(places.symbols(file)),
        _ => nothing(method),
    }
}

/// The answer that says that there is nothing.
fn nothing(method: &str) -> Value {
    match method {
        "textDocument/hover" => Value::Null,
        "textDocument/diagnostic" => report(&[], None),
        _ => json!([]),
    }
}

/// A file's diagnostics as they are pulled: in full, or that they are as before.
fn report(items: &[Diagnostic], previous: Option<&str>) -> Value {
    let items = json!(items);
    let mut hasher = DefaultHasher::new();
    items.to_string().hash(&mut hasher);
    let id = format!("{:016x}", hasher.finish());
    if previous == Some(id.as_str()) {
        json!({"kind": "unchanged", "resultId": id})
    } else {
        json!({"kind": "full", "resultId": id, "items": items})
    }
}
