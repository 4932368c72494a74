//! What `coship routes` says of dispatchers other than gateways. What is expected here is what the frameworks themselves listed, run with Flask 3.1 (`url_map`), Click 8.5
//! (`commands`) and Celery 5.7 (`tasks`).

use std::fs;
use std::process::Command;

use serde_json::Value;

/// A tree of these files: each handler as `kind dispatcher: key -> function`, and the last line of the table.
fn listed(name: &str, files: &[(&str, &str)]) -> (Vec<String>, String) {
    let directory =
        std::env::temp_dir().join(format!("coship-routes-{name}-{}", std::process::id()));
    for (path, text) in files {
        let path = directory.join(path);
        let folder = path.parent().expect("a file is in a folder");
        fs::create_dir_all(folder).expect("a directory for the test");
        fs::write(path, text).expect("the file is written");
    }
    let run = |format: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
        command
            .args(["routes", "--isolated", "--output-format", format])
            .arg(&directory)
            .env("NO_COLOR", "1");
        let output = command.output().expect("coship runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let document: Value = serde_json::from_str(&run("json")).expect("a JSON document");
    let table = run("full");
    fs::remove_dir_all(&directory).expect("the directory goes");
    let entries = document["listed"].as_array().expect("a list");
    let lines = entries.iter().map(|entry| {
        let text = |name: &str| entry[name].as_str().unwrap_or("?").to_owned();
        format!(
            "{} {}: {} -> {}",
            text("kind"),
            text("dispatcher"),
            text("key"),
            text("handler")
        )
    });
    let last = table.lines().last().unwrap_or_default().to_owned();
    (lines.collect(), last)
}

#[test]
fn views_of_flask() {
    let (found, _) = listed(
        "flask",
        &[
            (
                "shop/__init__.py",
                r#"from flask import Flask

from shop.items import items
from shop.users import users


def ping():
    return "pong"


def create_app():
    app = Flask(__name__)

    @app.route("/")
    def index():
        return "x"

    @app.post("/orders/<int:order_id>/lines")
    def add_line(order_id):
        return str(order_id)

    app.add_url_rule("/ping", view_func=ping)
    app.register_blueprint(items, url_prefix="/v2/items")
    app.register_blueprint(users)
    return app
"#,
            ),
            (
                "shop/items.py",
                r#"from flask import Blueprint

items = Blueprint("items", __name__, url_prefix="/items")


@items.route("/<int:item_id>", methods=["GET", "DELETE"])
def item(item_id):
    return str(item_id)


@items.get("/")
def all_items():
    return ""
"#,
            ),
            (
                "shop/users.py",
                r#"import flask as web

users = web.Blueprint("users", __name__)


@users.put("/users/<name>")
def rename(name):
    return name
"#,
            ),
        ],
    );
    assert_eq!(
        found,
        [
            "flask shop.app: GET / -> shop.create_app.<locals>.index",
            "flask shop.app: GET /ping -> shop.ping",
            "flask shop.app: POST /orders/<int:order_id>/lines -> shop.create_app.<locals>.add_line",
            "flask shop.items.items: DELETE,GET /v2/items/<int:item_id> -> shop.items.item",
            "flask shop.items.items: GET /v2/items/ -> shop.items.all_items",
            "flask shop.users.users: PUT /users/<name> -> shop.users.rename",
        ]
    );
}

#[test]
fn commands_of_click() {
    let (found, _) = listed(
        "click",
        &[
            ("tool/__init__.py", ""),
            (
                "tool/cli.py",
                r#"import click

from tool.db import db


@click.group()
@click.option("--debug/--no-debug")
def cli(debug):
    pass


@cli.command()
@click.argument("name")
def say_hello(name):
    click.echo(name)


@cli.command("bye")
def leave():
    click.echo("bye")


@click.command(name="solo-one")
def solo():
    pass


cli.add_command(solo)
cli.add_command(db, "database")
"#,
            ),
            (
                "tool/db.py",
                r#"import click


@click.group()
def db():
    pass


@db.command()
def migrate():
    pass


@db.group()
def user():
    pass


@user.command()
@click.option("--name")
def add(name):
    pass
"#,
            ),
        ],
    );
    assert_eq!(
        found,
        [
            "click click: cli -> tool.cli.cli",
            "click click: db -> tool.db.db",
            "click click: solo-one -> tool.cli.solo",
            "click tool.cli.cli: bye -> tool.cli.leave",
            "click tool.cli.cli: database -> tool.db.db",
            "click tool.cli.cli: say-hello -> tool.cli.say_hello",
            "click tool.cli.cli: solo-one -> tool.cli.solo",
            "click tool.db.db: migrate -> tool.db.migrate",
            "click tool.db.db: user -> tool.db.user",
            "click tool.db.user: add -> tool.db.add",
        ]
    );
}

#[test]
fn tasks_of_celery() {
    let (found, _) = listed(
        "celery",
        &[
            ("jobs/__init__.py", ""),
            (
                "jobs/app.py",
                r#"from celery import Celery

app = Celery("jobs", include=["jobs.mail"])


@app.task
def clean(days):
    return days


@app.task(bind=True, name="jobs.special")
def special(self, x):
    return x
"#,
            ),
            (
                "jobs/mail.py",
                r"from celery import shared_task

from jobs.app import app


@shared_task
def send(to, subject):
    return to


@app.task(ignore_result=True)
def bounce(to):
    return to
",
            ),
        ],
    );
    assert_eq!(
        found,
        [
            "celery celery: jobs.mail.send -> jobs.mail.send",
            "celery jobs.app.app: jobs.app.clean -> jobs.app.clean",
            "celery jobs.app.app: jobs.mail.bounce -> jobs.mail.bounce",
            "celery jobs.app.app: jobs.special -> jobs.app.special",
        ]
    );
}

#[test]
fn tables_of_functions_that_code_calls_by_a_key() {
    let text = r#"
def start(words):
    return words


def stop(words):
    return words


COMMANDS = {"start": start, "stop": stop}
SAMPLES = {"first": start}


def main(words):
    command = COMMANDS.get(words[0])
    if command is None:
        return 1
    return command(words[1:])
"#;
    let (found, last) = listed("tables", &[("tool.py", text)]);
    assert_eq!(
        found,
        [
            "table tool.COMMANDS: start -> tool.start",
            "table tool.COMMANDS: stop -> tool.stop",
        ]
    );
    assert!(last.ends_with("2 handlers of 1 other dispatcher"), "{last}");
}

#[test]
fn a_tree_without_any_dispatch_says_so() {
    let (found, last) = listed(
        "none",
        &[("tool.py", "def start(words):\n    return words\n")],
    );
    assert!(found.is_empty());
    assert!(last.ends_with("; no dispatch was recognised"), "{last}");
}

#[test]
fn what_cannot_be_told_has_no_key() {
    let text = r#"
import os

from flask import Flask

app = Flask(__name__)


@app.route(os.environ["RULE"])
def view():
    return ""
"#;
    let (found, _) = listed("unknown", &[("web.py", text)]);
    assert_eq!(found, ["flask web.app: ? -> web.view"]);
}
