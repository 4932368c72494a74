//! Contracts of frameworks: what they call, against the functions that are there. Each contract was run with the package itself by `tests/frameworks.py`.

use std::fs;
use std::process::Command;

/// The messages of the errors that `check` finds in a file.
fn errors(name: &str, text: &str, installed: &[&str]) -> Vec<String> {
    let directory =
        std::env::temp_dir().join(format!("coship-frameworks-{name}-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory for the test");
    fs::write(directory.join("app.py"), text).expect("the file is written");
    let packages = directory.join("packages");
    for distribution in installed {
        let metadata = packages.join(format!("{distribution}.dist-info"));
        fs::create_dir_all(metadata).expect("a directory for the test");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_coship"));
    command
        .args(["check", "--against", "none", "--output-format", "concise"])
        .arg(&directory);
    if !installed.is_empty() {
        command.arg("--packages").arg(&packages);
    }
    let output = command.output().expect("coship runs");
    fs::remove_dir_all(&directory).expect("the directory goes");
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = lines.lines().filter(|line| line.contains(": error: "));
    errors.map(str::to_owned).collect()
}

/// Each line that ends in `# error: TEXT` must have an error with that text, and no other line any.
fn holds(name: &str, text: &str) {
    let mut found = errors(name, text, &[]);
    for (number, line) in text.lines().enumerate() {
        let Some((_, expected)) = line.split_once("# error: ") else {
            continue;
        };
        let place = format!("app.py:{}:", number + 1);
        let known = found
            .iter()
            .position(|error| error.starts_with(&place) && error.contains(expected));
        let known = known.unwrap_or_else(|| panic!("no error for {line:?} among {found:#?}"));
        found.remove(known);
    }
    assert!(found.is_empty(), "{name}: {found:#?}");
}

#[test]
fn tasks_are_sent_what_they_take() {
    holds(
        "celery",
        r#"
from celery import Celery, shared_task

app = Celery("shop")


@app.task
def store(key, value):
    return key, value


@app.task(bind=True, max_retries=3)
def retry(self, key):
    return key


@shared_task(name="shop.note", ignore_result=True)
def note(text, *, level=1):
    return text


@app.task(base=object)
def other(key):
    return key


def send(key, arguments):
    store.delay(key, 1)
    store.delay(key, valeu=1)  # error: keyword 'valeu' is not taken
    store.apply_async((key,), {"value": 1}, countdown=5)
    store.apply_async(args=[key, 1, 2])  # error: 3 given
    store.apply_async(arguments)
    store.delay(*arguments)
    store.s(1)
    store.s(key, 1).delay()
    store.s(key).delay()  # error: 'value'
    (store.s(1) | store.s(2)).apply_async()
    retry.delay(key)
    retry.delay()  # error: 'key'
    retry.apply_async(kwargs={"key": key})
    note.delay("a", level=2)
    note.delay("a", 2)  # error: 2 given
    note("a", level=2)
    note("a", 2)  # error: 2 given
    other.delay(key, 1, 2)
    store.retry_policy = None
    return store.name, store.request.id, retry.max_retries
"#,
    );
}

#[test]
fn commands_take_their_parameters() {
    holds(
        "click",
        r#"
import functools

import click
from click import option


def common(function):
    function = click.option("--verbose", is_flag=True)(function)
    return option("--config", "-c", "config_path")(function)


def timed(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


@click.group()
@click.version_option("1.0")
@click.pass_context
def cli(ctx):
    pass


@cli.command()
@common
@click.argument("file-name")
@click.option("--shout/--no-shout", " /-S", default=False)
@click.option("-n", "--dry-run", is_flag=True)
@click.option("--secret", expose_value=False)
def send(file_name, shout, dry_run, verbose, config_path):
    print(file_name)


@cli.command("drop")
@click.option("--force")
def drop(forced=False):  # error: keyword 'force' is not taken
    print(forced)


@click.command
@click.pass_obj
@click.option("--age", "years")
def greet(settings, years, name):  # error: 'name'
    print(years)


@cli.command()
@timed
@click.option("--count")
def count(count):
    print(count)


@cli.command(cls=click.Command)
@click.option("--count")
def special(number):
    print(number)


@click.option("--debug")
@click.group()
def late(debug):
    pass


@cli.group()
def more():
    pass


@more.command()
@click.option("--x")
def deep():  # error: keyword 'x' is not taken
    pass


if __name__ == "__main__":
    cli()
    send(["a"])
"#,
    );
}

#[test]
fn commands_call_what_is_put_in_the_place_of_their_function() {
    holds(
        "click-callback",
        r#"
import click


def told(command):
    plain = command.callback

    def callback(**parameters):
        return plain(parameters)

    command.callback = callback
    return command


def main(config):
    print(config)


main = told(click.command()(click.option("--count")(main)))


class Till:
    def __init__(self, callback):
        self.callback = callback
"#,
    );
    holds(
        "click-own-callback",
        r#"
import click


@click.command()
@click.option("--count")
def main(config):  # error: 'count'
    print(config)


class Till:
    def __init__(self, callback):
        self.callback = callback
"#,
    );
}

#[test]
fn views_take_the_parts_of_their_paths() {
    holds(
        "views",
        r#"
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from flask import Blueprint, Flask

app = Flask(__name__)
blueprint = Blueprint("b", __name__, url_prefix="/<tenant>")
resolver = APIGatewayRestResolver()


@app.route("/user/<int:id>")
@app.route("/user")
def user(id=None):
    return str(id)


@app.get("/page/<path:page>", defaults={"size": 1})
def page(page, size):
    return page


@app.get("/item/<item_id>")
def item(id):  # error: keyword 'item_id' is not taken
    return id


@app.post("/order")
async def order(order):  # error: 'order'
    return order


@blueprint.route("/x/<y>")
def inside(tenant, y):
    return y


@blueprint.route("/x/<z>")
def wrong(tenant, y):  # error: keyword 'z' is not taken
    return y


@resolver.get("/todos/<todo_id>")
def todo(id):  # error: keyword 'todo_id' is not taken
    return {}


@resolver.get("/todos/<todo_id>/<part>")
def part(todo_id, **rest):
    return {}
"#,
    );
}

#[test]
fn what_changes_paths_makes_them_unknown() {
    holds(
        "paths",
        r#"
from flask import Flask, g

app = Flask(__name__)


@app.url_value_preprocessor
def language(endpoint, values):
    g.language = values.pop("language")


@app.route("/<language>/start")
def start():
    return "start"
"#,
    );
}

#[test]
fn decorators_that_keep_the_call() {
    holds(
        "decorators",
        r#"
import backoff
import tenacity
from cachetools import TTLCache, cached
from prometheus_client import Histogram
from tenacity import retry, stop_after_attempt

TIME = Histogram("time", "seconds")


@retry
def once(key):
    return key


@retry(stop=stop_after_attempt(3))
def twice(key, *, timeout=1):
    return key


@backoff.on_exception(backoff.expo, ValueError)
async def later(key):
    return key


@cached(TTLCache(10, 10))
def kept(key):
    return key


@TIME.time()
def timed(key):
    return key


@tenacity.retry
def items(key):
    yield key


class Store:
    @retry(stop=stop_after_attempt(3))
    def put(self, key):
        return key


async def run(key):
    once(key)
    once(key, 1)  # error: 2 given
    twice(key, timeout=2)
    twice(key, timeuot=2)  # error: keyword 'timeuot' is not taken
    await later(key)
    await later()  # error: 'key'
    kept(key).upper()
    kept()  # error: 'key'
    timed(key=1)
    timed(kye=1)  # error: keyword 'kye' is not taken
    for item in items(key):
        print(item)
    Store().put(key)
    Store().put(key, 1)  # error: 3 given
    print(once.retry.statistics, twice.retry_with(stop=None)(key), kept.cache, once.__wrapped__(key))
"#,
    );
}

#[test]
fn other_versions_make_no_error() {
    let text = r#"
import tenacity
from celery import Celery

app = Celery("shop")


@app.task
def store(key):
    return key


@tenacity.retry
def once(key):
    return key


def send(key):
    store.delay(key, 1)
    store(key, 1)
    once(key, 1)
"#;
    let of_calls = |installed: &[&str]| {
        let mut found = errors("versions", text, installed);
        found.retain(|error| error.contains("[too-many-positionals]"));
        found.len()
    };
    assert_eq!(of_calls(&["celery-5.4.0", "tenacity-9.0.0"]), 3);
    assert_eq!(of_calls(&["celery-4.4.7", "tenacity-12.1"]), 0);
}
