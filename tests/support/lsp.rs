//! A client of the Language Server Protocol, as an editor is one.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// Long enough for any answer on a busy machine; no test waits for it to pass.
const PATIENCE: Duration = Duration::from_mins(2);

pub struct Client {
    child: Child,
    stdin: Option<ChildStdin>,
    heard: Receiver<Value>,
    next: i64,
    /// What the server said without being asked.
    pub notifications: Vec<Value>,
}

impl Client {
    /// A server that was started and not spoken to yet.
    pub fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_coship"))
            .current_dir(directory)
            .arg("server")
            .args(arguments)
            .env_remove("VIRTUAL_ENV")
            .env("COSHIP_CACHE_DIR", directory.join("no-such-cache"))
            // What it finds again is held against an evaluation.
            .env("COSHIP_VERIFY_ROUNDS", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, heard) = mpsc::channel();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            while let Some(message) = read(&mut stdout) {
                if said.send(message).is_err() {
                    return;
                }
            }
        });
        Self {
            stdin: child.stdin.take(),
            child,
            heard,
            next: 0,
            notifications: Vec::new(),
        }
    }

    /// A server that knows what the client can, and has one folder.
    pub fn open(directory: &Path, arguments: &[&str], capabilities: &Value) -> Self {
        let mut client = Self::start(directory, arguments);
        let folders = json!([{"uri": uri(directory), "name": "it"}]);
        client.initialize(&folders, capabilities);
        client
    }

    pub fn initialize(&mut self, folders: &Value, capabilities: &Value) -> Value {
        let params = json!({"processId": null, "rootUri": null, "workspaceFolders": folders, "capabilities": capabilities});
        let answer = self.ask("initialize", params);
        self.tell("initialized", json!({}));
        answer["result"]["capabilities"].clone()
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        let stdin = self.stdin.as_mut().unwrap();
        stdin.write_all(bytes).unwrap();
        stdin.flush().unwrap();
    }

    pub fn send(&mut self, message: &Value) {
        let body = message.to_string();
        self.raw(format!("Content-Length: {}\r\n\r\n{body}", body.len()).as_bytes());
    }

    pub fn tell(&mut self, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    /// Sends a request and does not wait.
    pub fn request(&mut self, method: &str, params: Value) -> i64 {
        self.next += 1;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        id
    }

    /// The next message, whatever it is.
    pub fn hear(&mut self) -> Value {
        self.heard
            .recv_timeout(PATIENCE)
            .expect("the server says something")
    }

    /// The answer to a request; what is said before it is kept, what is asked is answered.
    pub fn answer(&mut self, id: &Value) -> Value {
        loop {
            let message = self.hear();
            let is_answer = message.get("method").is_none();
            if is_answer && message["id"] == *id {
                return message;
            }
            assert!(!is_answer, "an answer that nobody waits for: {message}");
            if message.get("id").is_some() {
                self.send(&json!({"jsonrpc": "2.0", "id": message["id"], "result": null}));
            }
            self.notifications.push(message);
        }
    }

    pub fn ask(&mut self, method: &str, params: Value) -> Value {
        let id = self.request(method, params);
        self.answer(&json!(id))
    }

    /// What a request that succeeds gives.
    pub fn result(&mut self, method: &str, params: Value) -> Value {
        let answer = self.ask(method, params);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// Ends the input, and gives the exit status.
    pub fn close(mut self) -> Option<i32> {
        self.stdin = None;
        self.child.wait().unwrap().code()
    }

    /// The exit status of a server that was told to go.
    pub fn wait(mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        self.stdin = None;
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(input: &mut impl BufRead) -> Option<Value> {
    let mut length = None;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim_end() {
            "" => break,
            line => {
                if let Some(value) = line.strip_prefix("Content-Length: ") {
                    length = value.parse().ok();
                }
            }
        }
    }
    let mut body = vec![0; length?];
    input.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

/// A path as a URI; those of the tests need no escapes.
pub fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
