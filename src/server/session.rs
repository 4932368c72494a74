//! A session with one client: which folders there are, which has to be checked again, and who waits for that.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use gen_lsp_types::{Diagnostic, DidChangeTextDocumentParams, DidOpenTextDocumentParams};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::diagnostics;
use super::documents::{Document, Documents};
use super::message::{self, Message, code};
use super::position::Encoding;
use super::snapshot::Snapshot;
use super::transport::{self, Received};
use super::worker::{Report, Worker};
use super::{End, uri};
use crate::source::Text;

/// How many requests wait for a check at most.
const PENDING: usize = 1000;

/// How much longer than a look at the disk the time to the next one is at least: a large tree is looked at less often.
const REST: u32 = 20;

/// A folder that is checked.
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Counts what may have changed it.
    wanted: u64,
    /// The count that the last check saw.
    seen: u64,
    /// The count that the check under way sees.
    running: u64,
    stamp: Option<u64>,
    /// What the last check found.
    pub(super) state: Option<Result<Box<Snapshot>, String>>,
    /// The files for which diagnostics were sent.
    told: BTreeSet<PathBuf>,
    /// Why it cannot be checked, as the client was told.
    told_why: Option<String>,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            wanted: 1,
            seen: 0,
            running: 0,
            stamp: None,
            state: None,
            told: BTreeSet::new(),
            told_why: None,
        }
    }

    /// Whether nothing changed since the last check.
    pub(super) fn is_current(&self) -> bool {
        self.seen == self.wanted && self.state.is_some()
    }

    /// Whether the last check saw this text of a file, and nothing changed since.
    fn has_checked(&self, path: &Path, text: &Text) -> bool {
        let Some(Ok(snapshot)) = self.state.as_ref().filter(|_| self.is_current()) else {
            return false;
        };
        let file = snapshot.find(path).map(|file| snapshot.tree.file(file));
        file.is_some_and(|file| *file.text == *text)
    }

    /// Whether a file may have a part in its check.
    pub(super) fn concerns(&self, path: &Path) -> bool {
        let tree = self.state.as_ref().and_then(|state| state.as_ref().ok());
        path.starts_with(&self.path) || tree.is_some_and(|tree| path.starts_with(&tree.root))
    }
}

/// A request that waits for a check.
pub(super) struct Pending {
    pub(super) id: Value,
    pub(super) method: String,
    pub(super) params: Value,
}

/// Where a session stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Starting,
    Running,
    Ending,
}

/// What the client can do beyond what all can.
#[derive(Default)]
pub(super) struct Client {
    pub(super) encoding: Encoding,
    /// It asks for diagnostics.
    pub(super) pulls: bool,
    pub(super) refreshes_diagnostics: bool,
    pub(super) refreshes_lenses: bool,
    pub(super) watches: bool,
}

/// A session.
pub(super) struct Session<W: Write> {
    out: W,
    worker: Worker,
    pub(super) stage: Stage,
    pub(super) client: Client,
    pub(super) folders: Vec<Folder>,
    pub(super) documents: Documents,
    pub(super) pending: Vec<Pending>,
    requests: u64,
    next_look: Instant,
}

impl<W: Write> Session<W> {
    /// A session in which nothing was said yet.
    pub(super) fn new(out: W, worker: Worker) -> Self {
        Self {
            out,
            worker,
            stage: Stage::Starting,
            client: Client::default(),
            folders: Vec::new(),
            documents: Documents::default(),
            pending: Vec::new(),
            requests: 0,
            next_look: Instant::now(),
        }
    }

    /// Takes a message of the client; how the session ends, if that ends it.
    pub(super) fn receive(&mut self, received: Received) -> io::Result<Option<End>> {
        let value = match received {
            Received::Json(value) => value,
            Received::Malformed(why) => {
                self.refuse(&Value::Null, code::PARSE_ERROR, &why)?;
                return Ok(None);
            }
        };
        match message::sort(value) {
            Message::Request { id, method, params } => self.request(id, method, params)?,
            Message::Notification { method, .. } if method == "exit" => {
                let is_asked = self.stage == Stage::Ending;
                return Ok(Some(if is_asked { End::Asked } else { End::Abrupt }));
            }
            Message::Notification { method, params } => self.notification(&method, params)?,
            Message::Answer => {}
            Message::Invalid { id } => {
                self.refuse(&id, code::INVALID_REQUEST, "this is no message")?
            }
        }
        self.go_on();
        Ok(None)
    }

    /// Takes what was checked.
    pub(super) fn report(&mut self, report: Report) -> io::Result<()> {
        self.worker.has_reported();
        match report {
            Report::Looked {
                folder,
                stamp,
                took,
            } => {
                self.next_look = Instant::now() + took.saturating_mul(REST);
                let mut folders = self.folders.iter_mut();
                if let Some(folder) = folders.find(|it| it.path == folder)
                    && folder.stamp != stamp
                {
                    folder.wanted += 1;
                }
            }
            Report::Checked {
                folder,
                stamp,
                result,
            } => {
                if let Some(index) = self.folders.iter().position(|it| it.path == folder) {
                    self.checked(index, stamp, result)?;
                }
            }
        }
        self.go_on();
        Ok(())
    }

    /// Has a folder looked at, if nothing else is to be done.
    pub(super) fn look(&mut self) {
        let is_early = Instant::now() < self.next_look;
        if self.stage != Stage::Running || !self.worker.is_free() || is_early {
            return;
        }
        // One after the other.
        if let Some(folder) = self.folders.first() {
            self.worker.look(folder.path.clone());
            self.folders.rotate_left(1);
        }
    }

    /// Has the next folder checked that something changed in.
    fn go_on(&mut self) {
        if self.stage != Stage::Running || !self.worker.is_free() {
            return;
        }
        if let Some(folder) = self.folders.iter_mut().find(|folder| !folder.is_current()) {
            folder.running = folder.wanted;
            self.worker
                .check(folder.path.clone(), self.documents.overlay());
        }
    }

    fn checked(
        &mut self,
        index: usize,
        stamp: Option<u64>,
        result: Result<Box<Snapshot>, String>,
    ) -> io::Result<()> {
        let folder = &mut self.folders[index];
        folder.seen = folder.running;
        folder.stamp = stamp;
        let failed = result.as_ref().err().cloned();
        folder.state = Some(result);
        if !folder.is_current() {
            return Ok(());
        }
        let told = std::mem::replace(&mut folder.told_why, failed.clone());
        if let Some(why) = failed
            && told.as_ref() != Some(&why)
        {
            let params = json!({"type": 1, "message": format!("coship: {why}")});
            self.send(&message::notification("window/showMessage", params))?;
        }
        if self.client.pulls {
            if self.client.refreshes_diagnostics {
                self.ask("workspace/diagnostic/refresh", Value::Null)?;
            }
        } else {
            self.push(index)?;
        }
        if self.client.refreshes_lenses {
            self.ask("workspace/codeLens/refresh", Value::Null)?;
        }
        for pending in std::mem::take(&mut self.pending) {
            self.request(pending.id, pending.method, pending.params)?;
        }
        Ok(())
    }

    /// Sends the diagnostics of a folder, and none for files that have none any more.
    fn push(&mut self, index: usize) -> io::Result<()> {
        let found = self.diagnostics(index);
        let told: BTreeSet<PathBuf> = found.keys().cloned().collect();
        let before = std::mem::replace(&mut self.folders[index].told, told);
        let gone = before.into_iter().filter(|path| !found.contains_key(path));
        let gone: Vec<_> = gone.map(|path| (path, Vec::new())).collect();
        for (path, diagnostics) in found.into_iter().chain(gone) {
            let document = self.documents.get(&path);
            let mut params = json!({"uri": self.uri(&path), "diagnostics": diagnostics});
            if let Some(document) = document {
                params["version"] = json!(document.version);
            }
            self.send(&message::notification(
                "textDocument/publishDiagnostics",
                params,
            ))?;
        }
        Ok(())
    }

    /// The diagnostics of the files that a folder answers for.
    pub(super) fn diagnostics(&self, index: usize) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
        let Some(Ok(snapshot)) = &self.folders[index].state else {
            return BTreeMap::new();
        };
        let mut found = diagnostics::all(snapshot, &self.documents, self.client.encoding);
        found.retain(|path, _| self.nearest(path) == Some(index));
        found
    }

    /// The folder that answers for a file: of those around it the innermost; else one whose tree it is in.
    pub(super) fn nearest(&self, path: &Path) -> Option<usize> {
        let folders = self.folders.iter().enumerate();
        let concerned = folders.filter(|(_, folder)| folder.concerns(path));
        let nearest = concerned.max_by_key(|(_, folder)| {
            let is_around = path.starts_with(&folder.path);
            (is_around, folder.path.as_os_str().len(), &folder.path)
        });
        nearest.map(|(index, _)| index)
    }

    /// The path of a file as a client names it: that of the open file of this name, wherever its name leads by now.
    fn path_of(&self, uri: &str) -> Option<PathBuf> {
        let mut open = self.documents.all.iter();
        let known = open.find(|(_, document)| document.uri == uri);
        known.map_or_else(|| uri::to_path(uri), |(path, _)| Some(path.clone()))
    }

    /// The path of the text document that parameters name.
    pub(super) fn path_in(&self, params: &Value) -> Option<PathBuf> {
        self.path_of(params.pointer("/textDocument/uri")?.as_str()?)
    }

    pub(super) fn uri(&self, path: &Path) -> String {
        let open = self.documents.get(path);
        open.map_or_else(|| uri::of_path(path), |document| document.uri.clone())
    }

    fn notification(&mut self, method: &str, params: Value) -> io::Result<()> {
        if self.stage != Stage::Running {
            return Ok(());
        }
        match method {
            "initialized" => {
                if self.client.watches {
                    self.watch()?;
                }
            }
            "textDocument/didOpen" => {
                if let Some(params) = parsed::<DidOpenTextDocumentParams>(params) {
                    let document = params.text_document;
                    let uri = document.uri.as_ref().to_owned();
                    if let Some(path) = self.path_of(&uri) {
                        let document = Document::new(uri, document.version, &document.text);
                        let text = Arc::clone(&document.text);
                        self.documents.all.insert(path.clone(), document);
                        self.adopt(&path);
                        self.opened(&path, &text)?;
                    }
                }
            }
            "textDocument/didChange" => {
                if let Some(params) = parsed::<DidChangeTextDocumentParams>(params) {
                    let uri = &params.text_document.text_document_identifier.uri;
                    let path = self.path_of(uri.as_ref());
                    let encoding = self.client.encoding;
                    if let Some(path) = path
                        && let Some(document) = self.documents.all.get_mut(&path)
                    {
                        document.change(
                            params.text_document.version,
                            params.content_changes,
                            encoding,
                        );
                        self.touch(&path);
                    }
                }
            }
            "textDocument/didClose" => {
                if let Some(path) = self.path_in(&params)
                    && self.documents.all.remove(&path).is_some()
                {
                    self.touch(&path);
                }
            }
            "textDocument/didSave" => {
                if let Some(path) = self.path_in(&params) {
                    self.touch(&path);
                }
            }
            "workspace/didChangeWatchedFiles" => {
                let changes = params.get("changes").and_then(Value::as_array);
                for change in changes.into_iter().flatten() {
                    let path = change
                        .get("uri")
                        .and_then(Value::as_str)
                        .and_then(uri::to_path);
                    if let Some(path) = path {
                        self.touch(&path);
                    }
                }
            }
            "workspace/didChangeConfiguration" => {
                for folder in &mut self.folders {
                    folder.wanted += 1;
                }
            }
            "workspace/didChangeWorkspaceFolders" => self.change_folders(&params)?,
            "$/cancelRequest" => {
                let id = params.get("id");
                if let Some(index) = self.pending.iter().position(|it| Some(&it.id) == id) {
                    let pending = self.pending.remove(index);
                    self.refuse(&pending.id, code::CANCELLED, "cancelled")?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes that a file was opened: most are as they are on disk, and were checked already.
    fn opened(&mut self, path: &Path, text: &Text) -> io::Result<()> {
        for index in 0..self.folders.len() {
            let folder = &mut self.folders[index];
            if !folder.concerns(path) {
                continue;
            }
            if !folder.has_checked(path, text) {
                folder.wanted += 1;
            } else if !self.client.pulls {
                // Under the name that the client has for it.
                self.push(index)?;
            }
        }
        Ok(())
    }

    /// Notes that a file changed.
    fn touch(&mut self, path: &Path) {
        for folder in &mut self.folders {
            if folder.concerns(path) {
                folder.wanted += 1;
            }
        }
    }

    /// A file that is in no folder brings its own.
    fn adopt(&mut self, path: &Path) {
        if !self.folders.iter().any(|folder| folder.concerns(path))
            && let Some(parent) = path.parent().filter(|parent| parent.is_dir())
        {
            self.folders.push(Folder::new(parent.to_owned()));
        }
    }

    fn change_folders(&mut self, params: &Value) -> io::Result<()> {
        let paths = |which: &str| -> Vec<PathBuf> {
            let all = params
                .pointer(&format!("/event/{which}"))
                .and_then(Value::as_array);
            let uris = all
                .into_iter()
                .flatten()
                .filter_map(|folder| folder.get("uri")?.as_str());
            uris.filter_map(uri::to_path).collect()
        };
        let removed = paths("removed");
        for index in (0..self.folders.len()).rev() {
            if removed.contains(&self.folders[index].path) {
                let folder = self.folders.remove(index);
                for path in folder.told {
                    let params = json!({"uri": self.uri(&path), "diagnostics": []});
                    self.send(&message::notification(
                        "textDocument/publishDiagnostics",
                        params,
                    ))?;
                }
            }
        }
        for path in paths("added") {
            if !self.folders.iter().any(|folder| folder.path == path) {
                self.folders.push(Folder::new(path));
            }
        }
        // A file may have another folder now that answers for it.
        for index in 0..self.folders.len() {
            if !self.client.pulls && self.folders[index].is_current() {
                self.push(index)?;
            }
        }
        // Those who wait for a folder that is gone are answered now.
        for pending in std::mem::take(&mut self.pending) {
            self.request(pending.id, pending.method, pending.params)?;
        }
        Ok(())
    }

    pub(super) fn wait(&mut self, pending: Pending) -> io::Result<()> {
        if self.pending.len() >= PENDING {
            return self.refuse(
                &pending.id,
                code::SERVER_CANCELLED,
                "too many requests wait",
            );
        }
        self.pending.push(pending);
        Ok(())
    }

    /// Asks the client to tell of files that change outside of it.
    fn watch(&mut self) -> io::Result<()> {
        let globs = [
            "**/*.py",
            "**/*.pyi",
            "**/{coship,pyproject}.toml",
            "**/*.{yaml,yml,json,txt,lock}",
        ];
        let watchers: Vec<Value> = globs
            .iter()
            .map(|glob| json!({"globPattern": glob}))
            .collect();
        let params = json!({"registrations": [{
            "id": "coship-files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": {"watchers": watchers},
        }]});
        self.ask("client/registerCapability", params)
    }

    fn ask(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.requests += 1;
        self.send(&message::request(self.requests, method, params))
    }

    pub(super) fn refuse(&mut self, id: &Value, code: i32, why: &str) -> io::Result<()> {
        self.send(&message::refusal(id, code, why))
    }

    pub(super) fn send(&mut self, message: &Value) -> io::Result<()> {
        transport::write(&mut self.out, message)
    }
}

pub(super) fn parsed<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}
