//! `coship server`, driven by a client over its stdin and stdout.

#[path = "support/lsp.rs"]
mod lsp;
mod source_support;

use std::fs;
use std::path::{Path, PathBuf};

use lsp::{Client, uri};
use serde_json::{Value, json};
use source_support::Sandbox;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// A copy of a directory's files, in a place whose path is canonical.
fn copy(from: &Path) -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let path = fs::canonicalize(directory.path()).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), path.join(entry.file_name())).unwrap();
    }
    (directory, path)
}

fn deployed() -> String {
    format!("--against={}", fixture("outage/deployed").display())
}

/// The position of a piece of a file's text; all of it is ASCII.
fn position(path: &Path, needle: &str) -> Value {
    let text = fs::read_to_string(path).unwrap();
    let offset = text
        .find(needle)
        .unwrap_or_else(|| panic!("no {needle} in {}", path.display()));
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let character = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    json!({"line": line, "character": character})
}

fn at(path: &Path, needle: &str) -> Value {
    json!({"textDocument": {"uri": uri(path)}, "position": position(path, needle)})
}

fn open(client: &mut Client, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let item = json!({"uri": uri(path), "languageId": "python", "version": 1, "text": text});
    client.tell("textDocument/didOpen", json!({"textDocument": item}));
}

fn lines_of(locations: &Value) -> Vec<String> {
    let all = locations.as_array().unwrap().iter();
    all.map(|location| {
        let path = location["uri"].as_str().unwrap();
        let name = path.rsplit('/').next().unwrap();
        format!(
            "{name}:{}",
            location["range"]["start"]["line"].as_u64().unwrap() + 1
        )
    })
    .collect()
}

#[test]
fn a_call_leads_to_its_handler_and_a_handler_back_to_its_senders() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::open(&root, &[&deployed()], &json!({}));
    let wrappers = root.join("gateway_wrappers_cache.py");
    let core = root.join("cache_core.py");
    let call = at(&wrappers, "'get', key=key");

    let found = client.result("textDocument/definition", call.clone());
    let handler = position(&core, "_execute_get_implementation(");
    assert_eq!(found[0]["uri"], uri(&core));
    assert_eq!(found[0]["range"]["start"], handler);
    assert_eq!(found.as_array().unwrap().len(), 1);

    let mut back = at(&core, "_execute_get_implementation(");
    back["context"] = json!({"includeDeclaration": false});
    let senders = client.result("textDocument/references", back.clone());
    let line = position(&wrappers, "execute_operation(GatewayInterface.CACHE, 'get'");
    assert!(lines_of(&senders).contains(&format!(
        "gateway_wrappers_cache.py:{}",
        line["line"].as_u64().unwrap() + 1
    )));
    back["context"] = json!({"includeDeclaration": true});
    let with_handler = client.result("textDocument/references", back);
    assert_eq!(
        with_handler.as_array().unwrap().len(),
        senders.as_array().unwrap().len() + 1
    );

    let hover = client.result("textDocument/hover", call);
    let text = hover["contents"]["value"].as_str().unwrap();
    assert!(
        text.contains(
            "**`GatewayInterface.CACHE/get`** → `cache_core._execute_get_implementation(key"
        ),
        "{text}"
    );
    assert!(
        text.contains("router `interface_cache.execute_cache_operation`"),
        "{text}"
    );
    assert!(text.contains("the same in `directory deployed`"), "{text}");

    // From a table's entry as well.
    let entry = at(&root.join("interface_cache.py"), "'get': _execute");
    assert_eq!(client.result("textDocument/definition", entry), found);
    let interface = at(&root.join("gateway_core.py"), "CACHE: (");
    assert_eq!(
        client
            .result("textDocument/definition", interface)
            .as_array()
            .unwrap()
            .len(),
        4
    );

    let nowhere = at(&wrappers, "from typing");
    assert_eq!(
        client.result("textDocument/definition", nowhere.clone()),
        json!([])
    );
    assert_eq!(client.result("textDocument/hover", nowhere), Value::Null);
}

#[test]
fn a_call_that_is_no_routes_is_told_as_well() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let gateway = root.join("gateway_core.py");
    let text = fs::read_to_string(&gateway).unwrap();
    let more = text.replace(
        "def _load_router(interface: GatewayInterface)",
        "def _load_router(interface: GatewayInterface, more=None)",
    );
    fs::write(&gateway, more).unwrap();
    fs::write(root.join("uses.py"), "import gateway_core as core\nfrom gateway_core import get_gateway_stats as stats\n\n\ndef f():\n    stats()\n    core._load_router(None)\n    f()\n    g()\n").unwrap();
    let mut client = Client::open(&root, &[&deployed()], &json!({}));
    let uses = root.join("uses.py");
    let mut hover = |needle: &str| {
        let found = client.result("textDocument/hover", at(&uses, needle));
        found["contents"]["value"].as_str().map(str::to_owned)
    };
    assert_eq!(
        hover("_load_router(None)").unwrap(),
        "`def _load_router(interface: GatewayInterface, more=None) -> Callable`\n\nin `directory deployed`: `def _load_router(interface: GatewayInterface) -> Callable`\n"
    );
    assert_eq!(
        hover("stats()\n").unwrap(),
        "`def get_gateway_stats() -> Dict[str, Any]`\n\nthe same in `directory deployed`\n"
    );
    assert_eq!(
        hover("f()\n    g").unwrap(),
        "`def f()`\n\nnot in `directory deployed`\n"
    );
    assert_eq!(hover("g()"), None);
    let found = client.result("textDocument/definition", at(&uses, "stats()\n"));
    assert_eq!(
        found[0]["range"]["start"],
        position(&gateway, "get_gateway_stats()")
    );
}

#[test]
fn a_name_is_what_its_scope_binds_and_an_import_what_python_finds() {
    let directory = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(directory.path()).unwrap();
    fs::create_dir_all(root.join("pkg/vendor")).unwrap();
    for (path, text) in [
        ("pkg/__init__.py", ""),
        ("pkg/vendor/__init__.py", ""),
        ("pkg/vendor/json.py", "def loads(text, wrong):\n    pass\n"),
        ("pkg/util.py", "def twice(x):\n    return x\n"),
        (
            "pkg/main.py",
            "import json\nfrom . import util\nfrom .vendor.json import loads as own\n\n\ndef fetch(x):\n    return x\n\n\ndef go(fetch):\n    def inner(y):\n        return y\n    inner(1)\n    json.loads('')\n    util.twice(2)\n    own('', 3)\n    return fetch(4)\n\n\nfetch(5)\n",
        ),
        ("run.py", "import pkg.main\n"),
    ] {
        fs::write(root.join(path), text).unwrap();
    }
    let mut client = Client::open(&root, &["--against", "none"], &json!({}));
    let main = root.join("pkg/main.py");
    let mut hover = |needle: &str| {
        let found = client.result("textDocument/hover", at(&main, needle));
        found["contents"]["value"].as_str().map(str::to_owned)
    };
    assert_eq!(hover("loads('')"), None, "the standard library's");
    assert_eq!(hover("fetch(4)"), None, "the parameter");
    assert_eq!(hover("fetch(5)").unwrap(), "`def fetch(x)`\n");
    assert_eq!(hover("inner(1)").unwrap(), "`def inner(y)`\n");
    assert_eq!(hover("twice(2)").unwrap(), "`def twice(x)`\n");
    assert_eq!(hover("own('', 3)").unwrap(), "`def loads(text, wrong)`\n");
}

#[test]
fn the_deployed_version_is_chosen_again_when_a_tag_comes() {
    let sandbox = Sandbox::repository();
    for entry in fs::read_dir(fixture("outage/deployed")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        sandbox.write(&name, fs::read(entry.path()).unwrap());
    }
    sandbox.commit("first");
    sandbox.git(&["tag", "v1.0"]);
    let mut client = Client::open(&sandbox.path(), &[], &json!({}));
    let call = at(&sandbox.join("gateway_wrappers_cache.py"), "'get', key=key");
    let mut told = || {
        let hover = client.result("textDocument/hover", call.clone());
        hover["contents"]["value"].as_str().unwrap().to_owned()
    };
    assert!(told().contains("the same in `revision v1.0 ("));
    sandbox.commit("second");
    sandbox.git(&["tag", "v2.0"]);
    // The tag of the commit that is looked at says nothing of what it is compared with.
    sandbox.commit("third");
    // Nobody tells the server: it looks by itself.
    let mut looks = 0;
    while !told().contains("the same in `revision v2.0 (") {
        std::thread::sleep(std::time::Duration::from_millis(50));
        looks += 1;
        assert!(looks < 2400, "{}", told());
    }
}

#[test]
fn lenses_and_tables_are_told() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let wrappers = root.join("gateway_wrappers_cache.py");
    let more = "\n\ndef cache_fetch(key):\n    return execute_operation(GatewayInterface.CACHE, 'get', key=key)\n";
    fs::write(&wrappers, fs::read_to_string(&wrappers).unwrap() + more).unwrap();
    let mut client = Client::open(&root, &[&deployed()], &json!({}));
    let core = json!({"textDocument": {"uri": uri(&root.join("cache_core.py"))}});
    let lenses = client.result("textDocument/codeLens", core);
    let titles: Vec<&str> = lenses
        .as_array()
        .unwrap()
        .iter()
        .map(|lens| lens["command"]["title"].as_str().unwrap())
        .collect();
    assert!(
        titles.contains(&"1 route reaches this; 1 caller is not shipped yet"),
        "{titles:?}"
    );
    assert!(titles.contains(&"1 route reaches this"), "{titles:?}");

    let router = json!({"textDocument": {"uri": uri(&root.join("interface_cache.py"))}});
    let symbols = client.result("textDocument/documentSymbol", router);
    assert_eq!(symbols[0]["name"], "_OPERATION_DISPATCH");
    let names: Vec<&Value> = symbols[0]["children"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["name"])
        .collect();
    assert_eq!(names, ["'get'", "'set'", "'delete'", "'clear'"]);
}

#[test]
fn diagnostics_are_pushed_and_taken_back() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::open(&root, &[&deployed()], &json!({}));
    let gateway = root.join("gateway_core.py");
    let pushed = |client: &mut Client, version: &Value| loop {
        let message = client.hear();
        let params = &message["params"];
        if message["method"] == "textDocument/publishDiagnostics"
            && params["uri"] == uri(&gateway)
            && params["version"] == *version
        {
            return params["diagnostics"].clone();
        }
    };
    let found = pushed(&mut client, &Value::Null);
    let error = found
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["severity"] == 1)
        .unwrap();
    assert_eq!(error["code"], "unexpected-keyword");
    assert_eq!(
        error["range"]["start"],
        position(&gateway, "timeout=timeout")
    );
    assert!(error["relatedInformation"].as_array().unwrap().len() > 2);

    // What is typed counts, not what is on disk.
    open(&mut client, &gateway);
    let mut end = position(&gateway, "timeout=timeout, **kwargs)");
    let start = end.clone();
    end["character"] = json!(end["character"].as_u64().unwrap() + "timeout=timeout, ".len() as u64);
    let change = json!({"range": {"start": start, "end": end}, "text": ""});
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": {"uri": uri(&gateway), "version": 2}, "contentChanges": [change]}),
    );
    // An empty list was sent for this version, or nothing is told of it: the first error is gone either way.
    let after = pushed(&mut client, &json!(2));
    assert!(
        after
            .as_array()
            .unwrap()
            .iter()
            .all(|it| it["severity"] != 1),
        "{after}"
    );
}

#[test]
fn changes_on_disk_are_taken_up() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::open(
        &root,
        &[&deployed()],
        &json!({"textDocument": {"diagnostic": {}}}),
    );
    let gateway = root.join("gateway_core.py");
    let ask = json!({"textDocument": {"uri": uri(&gateway)}});
    let found = client.result("textDocument/diagnostic", ask.clone());
    assert_eq!(found["kind"], "full");
    let again =
        json!({"textDocument": {"uri": uri(&gateway)}, "previousResultId": found["resultId"]});
    assert_eq!(
        client.result("textDocument/diagnostic", again)["kind"],
        "unchanged"
    );
    let is_error = |it: &Value| it["severity"] == 1;
    assert!(found["items"].as_array().unwrap().iter().any(is_error));
    fs::copy(fixture("outage/deployed").join("gateway_core.py"), &gateway).unwrap();
    client.tell(
        "workspace/didChangeWatchedFiles",
        json!({"changes": [{"uri": uri(&gateway), "type": 2}]}),
    );
    let found = client.result("textDocument/diagnostic", ask.clone());
    assert!(
        !found["items"].as_array().unwrap().iter().any(is_error),
        "{found}"
    );
    fs::remove_file(root.join("cache_core.py")).unwrap();
    client.tell(
        "workspace/didChangeWatchedFiles",
        json!({"changes": [{"uri": uri(&root.join("cache_core.py")), "type": 3}]}),
    );
    let found = client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    assert!(found.to_string().contains("cache_core"), "{found}");
    // A configuration that cannot be used is told and answered, and mended.
    fs::write(root.join("coship.toml"), "nonsense = 1\n").unwrap();
    let changed = json!({"changes": [{"uri": uri(&root.join("coship.toml")), "type": 1}]});
    client.tell("workspace/didChangeWatchedFiles", changed.clone());
    let answer = client.ask("textDocument/diagnostic", ask.clone());
    assert_eq!(answer["error"]["code"], -32803, "{answer}");
    assert!(
        client
            .notifications
            .iter()
            .any(|it| it["method"] == "window/showMessage")
    );
    fs::remove_file(root.join("coship.toml")).unwrap();
    client.tell("workspace/didChangeWatchedFiles", changed);
    client.result("textDocument/diagnostic", ask);
}

#[test]
fn several_folders_are_told_apart() {
    let (_one, one) = copy(&fixture("outage/candidate"));
    let (_other, other) = copy(&fixture("outage/fixed"));
    let mut client = Client::start(&one, &["--against", "none"]);
    let folders = json!([{"uri": uri(&one), "name": "a"}, {"uri": uri(&other), "name": "b"}]);
    client.initialize(&folders, &json!({"textDocument": {"diagnostic": {}}}));
    let mut errors = |root: &Path| {
        let ask = json!({"textDocument": {"uri": uri(&root.join("gateway_core.py"))}});
        let found = client.result("textDocument/diagnostic", ask);
        found["items"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|it| it["severity"] == 1)
            .count()
    };
    assert_eq!((errors(&one), errors(&other)), (1, 0));
    client.tell(
        "workspace/didChangeWorkspaceFolders",
        json!({"event": {"added": [], "removed": [{"uri": uri(&one), "name": "a"}]}}),
    );
    let ask = json!({"textDocument": {"uri": uri(&one.join("gateway_core.py"))}});
    assert_eq!(
        client.result("textDocument/diagnostic", ask)["items"],
        json!([])
    );
}

#[test]
fn what_is_no_message_is_answered_and_the_session_goes_on() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::start(&root, &[]);
    let none = Value::Null;
    assert_eq!(
        client.ask("textDocument/hover", json!({}))["error"]["code"],
        -32002
    );
    client.initialize(&json!([{"uri": uri(&root), "name": "it"}]), &json!({}));
    for (bytes, code) in [
        (&b"Content-Length: 5\r\n\r\n{\"a\":"[..], -32700),
        (b"Content-Length: many\r\n\r\n", -32700),
        (b"No-Length: 3\r\n\r\n", -32700),
        (b"Content-Length: 4\r\n\r\nnull", -32600),
        (b"Content-Length: 2\r\n\r\n[]", -32600),
        (b"Content-Length: 2\r\n\r\n\xff\xfe", -32700),
    ] {
        client.raw(bytes);
        assert_eq!(client.answer(&none)["error"]["code"], code, "{bytes:?}");
    }
    // Nested deeper than anybody reads, and larger than anybody sends.
    let deep = "[".repeat(100_000);
    client.raw(format!("Content-Length: {}\r\n\r\n{deep}", deep.len()).as_bytes());
    assert_eq!(client.answer(&none)["error"]["code"], -32700);
    let large = 257 * 1024 * 1024;
    client.raw(format!("Content-Length: {large}\r\n\r\n").as_bytes());
    for _ in 0..257 {
        client.raw(&vec![b' '; 1024 * 1024]);
    }
    assert_eq!(client.answer(&none)["error"]["code"], -32700);

    assert_eq!(
        client.ask("coship/noSuchThing", json!({}))["error"]["code"],
        -32601
    );
    assert_eq!(
        client.ask("textDocument/hover", json!([1]))["error"]["code"],
        -32602
    );
    assert_eq!(
        client.ask("textDocument/hover", json!({"textDocument": 7}))["error"]["code"],
        -32602
    );
    assert_eq!(client.ask("initialize", json!({}))["error"]["code"], -32600);
    client.tell("coship/noSuchThing", json!({}));
    client.tell("textDocument/didChange", json!({"nonsense": true}));
    for strange in [
        "untitled:Untitled-1",
        "file:///no/such/file.py",
        "http://x/y.py",
        "file://%zz",
        "",
    ] {
        let item = json!({"uri": strange, "languageId": "python", "version": 1, "text": "def f(:"});
        client.tell("textDocument/didOpen", json!({"textDocument": item}));
        let place = json!({"textDocument": {"uri": strange}, "position": {"line": 4_000_000_000_u32, "character": 9}});
        assert_eq!(
            client.result("textDocument/hover", place.clone()),
            none,
            "{strange}"
        );
        client.result("textDocument/diagnostic", place);
    }
    let path = root.join("cache_core.py");
    let far = json!({"textDocument": {"uri": uri(&path)}, "position": {"line": 4_000_000_000_u32, "character": 4_000_000_000_u32}});
    assert_eq!(client.result("textDocument/hover", far), none);
    let huge = "x = 1\n".repeat(200_000);
    let item = json!({"uri": uri(&path), "languageId": "python", "version": 1, "text": huge});
    client.tell("textDocument/didOpen", json!({"textDocument": item}));
    client.result(
        "textDocument/diagnostic",
        json!({"textDocument": {"uri": uri(&path)}}),
    );

    assert_eq!(client.result("shutdown", none.clone()), none);
    assert_eq!(
        client.ask("textDocument/hover", json!({}))["error"]["code"],
        -32600
    );
    client.tell("exit", none);
    assert_eq!(client.wait(), Some(0));
}

#[test]
fn a_session_that_ends_otherwise_says_so() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::open(&root, &[], &json!({}));
    client.tell("exit", Value::Null);
    assert_eq!(client.wait(), Some(1));
    assert_eq!(Client::open(&root, &[], &json!({})).close(), Some(1));
    let mut client = Client::open(&root, &[], &json!({}));
    client.raw(b"Content-Length: 100\r\n\r\n{");
    assert_eq!(client.close(), Some(1));
}

#[test]
fn a_request_that_waits_can_be_cancelled() {
    let (_guard, root) = copy(&fixture("outage/candidate"));
    let mut client = Client::open(
        &root,
        &[&deployed()],
        &json!({"textDocument": {"diagnostic": {}}}),
    );
    let path = root.join("gateway_core.py");
    let ask = json!({"textDocument": {"uri": uri(&path)}});
    client.result("textDocument/diagnostic", ask.clone());
    // The check of this change cannot have ended when the two messages after it are read: all three are sent at once.
    let text = fs::read_to_string(&path).unwrap() + "\n# changed\n";
    let item = json!({"uri": uri(&path), "languageId": "python", "version": 1, "text": text});
    let messages = [
        json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}),
        json!({"jsonrpc": "2.0", "id": "waits", "method": "textDocument/diagnostic", "params": ask}),
        json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "waits"}}),
        json!({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "nobody"}}),
    ];
    let framed = messages.map(|message| {
        let body = message.to_string();
        format!("Content-Length: {}\r\n\r\n{body}", body.len())
    });
    client.raw(framed.concat().as_bytes());
    let answer = client.answer(&json!("waits"));
    // Whoever is that quick may answer all the same.
    assert!(
        answer["error"]["code"] == -32800 || answer.get("result").is_some(),
        "{answer}"
    );
    client.result(
        "textDocument/diagnostic",
        json!({"textDocument": {"uri": uri(&path)}}),
    );
}

/// How many diagnostics a client shows for each file of that name below a directory.
fn shown(client: &Client, root: &Path, name: &str) -> usize {
    let uri = uri(&root.join(name));
    let mut pushed = client.notifications.iter().filter(|it| {
        it["method"] == "textDocument/publishDiagnostics" && it["params"]["uri"] == uri.as_str()
    });
    let last = pushed.next_back();
    last.map_or(0, |it| {
        it["params"]["diagnostics"].as_array().unwrap().len()
    })
}

#[test]
fn a_file_in_two_folders_is_told_by_the_inner_one() {
    let directory = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(directory.path()).unwrap();
    let inner = root.join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(root.join("a.py"), "import lib\nlib.gone()\n").unwrap();
    fs::write(root.join("lib.py"), "").unwrap();
    fs::write(inner.join("b.py"), "def f():\n    pass\n\n\nf(1)\n").unwrap();
    let mut client = Client::start(&root, &["--against", "none"]);
    let folder = |path: &Path| json!({"uri": uri(path), "name": "it"});
    client.initialize(&json!([folder(&root), folder(&inner)]), &json!({}));
    client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    let both = |client: &Client| (shown(client, &root, "a.py"), shown(client, &inner, "b.py"));
    assert_eq!(both(&client), (1, 1));
    // What one folder has no more, another one may have.
    for event in [
        json!({"added": [], "removed": [folder(&inner)]}),
        json!({"added": [folder(&inner)], "removed": []}),
        json!({"added": [], "removed": [folder(&root)]}),
    ] {
        client.tell(
            "workspace/didChangeWorkspaceFolders",
            json!({"event": event}),
        );
        client.result("workspace/diagnostic", json!({"previousResultIds": []}));
        let outer = usize::from(event["removed"] != json!([folder(&root)]));
        assert_eq!(both(&client), (outer, 1), "{event}");
    }
}

#[test]
fn a_folder_of_a_repository_does_not_answer_for_a_file_outside_of_it() {
    let sandbox = Sandbox::repository();
    let root = fs::canonicalize(sandbox.path()).unwrap();
    fs::create_dir(root.join("inner")).unwrap();
    sandbox
        .write("a.py", "import lib\nlib.gone()\n")
        .write("lib.py", "")
        .write("inner/b.py", "x = 1\n");
    let mut client = Client::start(&root, &["--against", "none"]);
    let folder = |path: &Path| json!({"uri": uri(path), "name": "it"});
    client.initialize(
        &json!([folder(&root), folder(&root.join("inner"))]),
        &json!({"textDocument": {"diagnostic": {}}}),
    );
    client.result("workspace/diagnostic", json!({"previousResultIds": []}));
    let ask = json!({"textDocument": {"uri": uri(&root.join("a.py"))}});
    let found = client.result("textDocument/diagnostic", ask);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");
}

#[cfg(unix)]
#[test]
fn a_file_is_closed_wherever_its_name_leads_by_then() {
    let directory = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(directory.path()).unwrap();
    fs::create_dir(root.join("pk")).unwrap();
    fs::write(root.join("main.py"), "from pk import m\nm.f()\n").unwrap();
    fs::write(root.join("pk/__init__.py"), "").unwrap();
    fs::write(root.join("pk/m.py"), "def f():\n    pass\n").unwrap();
    let capabilities = json!({"textDocument": {"diagnostic": {}}});
    let mut client = Client::open(&root, &["--against", "none"], &capabilities);
    let file = root.join("pk/m.py");
    open(&mut client, &file);
    let change = json!({"text": ""});
    let about = json!({"uri": uri(&file), "version": 2});
    client.tell(
        "textDocument/didChange",
        json!({"textDocument": about, "contentChanges": [change]}),
    );
    let count = |client: &mut Client| {
        let all = client.result("workspace/diagnostic", json!({"previousResultIds": []}));
        let items = all["items"].as_array().unwrap().iter();
        let counts = items.map(|it| it["items"].as_array().unwrap().len());
        counts.sum::<usize>()
    };
    assert_eq!(count(&mut client), 1);
    // The folder is a link while the file is closed, and then what it was.
    fs::rename(root.join("pk"), root.join("moved")).unwrap();
    std::os::unix::fs::symlink("moved", root.join("pk")).unwrap();
    client.tell(
        "textDocument/didClose",
        json!({"textDocument": {"uri": uri(&file)}}),
    );
    count(&mut client);
    fs::remove_file(root.join("pk")).unwrap();
    fs::rename(root.join("moved"), root.join("pk")).unwrap();
    let main = json!({"textDocument": {"uri": uri(&root.join("main.py"))}});
    client.tell("textDocument/didSave", main);
    assert_eq!(count(&mut client), 0);
}

#[test]
fn why_a_folder_cannot_be_checked_is_told_however_fast_somebody_types() {
    let directory = tempfile::tempdir().unwrap();
    let root = fs::canonicalize(directory.path()).unwrap();
    fs::write(root.join("coship.toml"), "nonsense = 1\n").unwrap();
    fs::write(root.join("a.py"), "x = 1\n").unwrap();
    let mut client = Client::start(&root, &["--against", "none"]);
    let folders = json!([{"uri": uri(&root), "name": "it"}]);
    let mut bytes = Vec::new();
    let item = json!({"uri": uri(&root.join("a.py")), "languageId": "python", "version": 1, "text": "x = 2\n"});
    for message in [
        json!({"jsonrpc": "2.0", "id": "i", "method": "initialize", "params": {"workspaceFolders": folders, "capabilities": {}}}),
        json!({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": item}}),
    ] {
        let body = message.to_string();
        bytes.extend(format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes());
    }
    // At once: the first check is under way when the file is opened.
    client.raw(&bytes);
    client.answer(&json!("i"));
    let ask = json!({"textDocument": {"uri": uri(&root.join("a.py"))}});
    assert_eq!(
        client.ask("textDocument/diagnostic", ask)["error"]["code"],
        -32803
    );
    let mut told = client.notifications.iter();
    assert!(told.any(|it| it["method"] == "window/showMessage"));
}
