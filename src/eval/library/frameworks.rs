//! What frameworks and decorator libraries call, and with what: contracts of packages outside the tree. A contributor adds a line to [`LIBRARIES`], after running
//! the package: `tests/frameworks.py` has the programs, and prints what each of them does.
//!
//! An object that a framework makes goes by the name of what made it with `()` behind it, and a decorator that was given options by its name with `(...)`.

/// What a name of a framework means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// Calling it makes an object whose methods are listed here.
    Makes,
    /// A decorator: what it gives calls what it got, with the same arguments. What that returns is not said.
    Passes,
    /// The same, once it was given its options.
    PassesWithOptions,
    /// Either.
    PassesEither,
    /// A decorator, with options or without: it makes a task, whose function a worker calls with what was sent.
    Task,
    /// A decorator with options: the function gets one more keyword, that its declaration names.
    Parameter(Declares),
    /// A decorator: the function gets one more positional, before the others.
    Positional,
    /// A decorator, with options or without: the function is called with the parameters that it was given so far. Gives an object of this name.
    Command(Option<&'static str>),
    /// A decorator with options, of which the first is a path: the function is called with the parts of it that are named, as keywords.
    View(Path),
}

/// How a parameter of a command line is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Declares {
    /// By flags, of which one names it, or a name of its own.
    Option,
    /// By its name.
    Argument,
    /// It hands the function nothing, unless it is told to.
    Nothing,
}

/// How a path names its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Path {
    /// Whether something before the path may name further parts: a blueprint's prefix.
    pub has_prefix: bool,
    /// Whether a part may have a converter before its name: `<int:id>`.
    pub converts: bool,
}

/// A contract: the name, what it means, and the options with which it means something else.
pub struct Contract(pub &'static str, pub Meaning, pub &'static [&'static str]);

/// The contracts of a distribution.
pub struct Library {
    /// Its name on the index.
    pub distribution: &'static str,
    /// The versions that they were run against: from the first to the second, that one left out. With another one installed they make no error.
    pub versions: (&'static [u32], &'static [u32]),
    /// The contracts.
    pub contracts: &'static [Contract],
}

use Meaning::{
    Command, Makes, Parameter, Passes, PassesEither, PassesWithOptions, Positional, Task, View,
};

const NO: &[&str] = &[];

/// What gives a task another class, another signature or another check.
const OF_TASKS: &[&str] = &["base", "typing", "pydantic", "__header__", "filter"];

const OF_COMMANDS: &[&str] = &["cls", "params"];

const OF_PATHS: &[&str] = &["host", "subdomain"];

const FLASK: Meaning = View(Path {
    has_prefix: false,
    converts: true,
});

const BLUEPRINT: Meaning = View(Path {
    has_prefix: true,
    converts: true,
});

const RESOLVER: Meaning = View(Path {
    has_prefix: false,
    converts: false,
});

/// The contracts, by distribution.
pub const LIBRARIES: &[Library] = &[
    Library {
        distribution: "celery",
        versions: (&[5, 2], &[6]),
        contracts: &[
            Contract("celery.Celery", Makes, &["task_cls", "strict_typing"]),
            Contract("celery.Celery().task", Task, OF_TASKS),
            Contract("celery.shared_task", Task, OF_TASKS),
        ],
    },
    Library {
        distribution: "click",
        versions: (&[8], &[9]),
        contracts: &[
            Contract("click.argument", Parameter(Declares::Argument), OF_COMMANDS),
            Contract("click.option", Parameter(Declares::Option), OF_COMMANDS),
            Contract(
                "click.confirmation_option",
                Parameter(Declares::Nothing),
                OF_COMMANDS,
            ),
            Contract(
                "click.help_option",
                Parameter(Declares::Nothing),
                OF_COMMANDS,
            ),
            Contract(
                "click.version_option",
                Parameter(Declares::Nothing),
                OF_COMMANDS,
            ),
            Contract("click.pass_context", Positional, NO),
            Contract("click.pass_obj", Positional, NO),
            Contract("click.command", Command(None), OF_COMMANDS),
            Contract("click.group", Command(Some("click.group()")), OF_COMMANDS),
            Contract("click.group().command", Command(None), OF_COMMANDS),
            Contract(
                "click.group().group",
                Command(Some("click.group()")),
                OF_COMMANDS,
            ),
        ],
    },
    Library {
        distribution: "flask",
        versions: (&[2], &[4]),
        contracts: &[
            Contract(
                "flask.Flask",
                Makes,
                &["host_matching", "subdomain_matching"],
            ),
            Contract("flask.Flask().route", FLASK, OF_PATHS),
            Contract("flask.Flask().delete", FLASK, OF_PATHS),
            Contract("flask.Flask().get", FLASK, OF_PATHS),
            Contract("flask.Flask().patch", FLASK, OF_PATHS),
            Contract("flask.Flask().post", FLASK, OF_PATHS),
            Contract("flask.Flask().put", FLASK, OF_PATHS),
            Contract("flask.Blueprint", Makes, NO),
            Contract("flask.Blueprint().route", BLUEPRINT, OF_PATHS),
            Contract("flask.Blueprint().delete", BLUEPRINT, OF_PATHS),
            Contract("flask.Blueprint().get", BLUEPRINT, OF_PATHS),
            Contract("flask.Blueprint().patch", BLUEPRINT, OF_PATHS),
            Contract("flask.Blueprint().post", BLUEPRINT, OF_PATHS),
            Contract("flask.Blueprint().put", BLUEPRINT, OF_PATHS),
        ],
    },
    Library {
        distribution: "aws-lambda-powertools",
        versions: (&[2], &[4]),
        contracts: &[
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver",
                Makes,
                &["enable_validation"],
            ),
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver().delete",
                RESOLVER,
                NO,
            ),
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver().get",
                RESOLVER,
                NO,
            ),
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver().patch",
                RESOLVER,
                NO,
            ),
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver().post",
                RESOLVER,
                NO,
            ),
            Contract(
                "aws_lambda_powertools.event_handler.APIGatewayRestResolver().put",
                RESOLVER,
                NO,
            ),
            Contract("aws_lambda_powertools.Tracer", Makes, NO),
            Contract(
                "aws_lambda_powertools.Tracer().capture_method",
                PassesEither,
                NO,
            ),
        ],
    },
    Library {
        distribution: "tenacity",
        versions: (&[8], &[10]),
        contracts: &[Contract("tenacity.retry", PassesEither, NO)],
    },
    Library {
        distribution: "backoff",
        versions: (&[2], &[3]),
        contracts: &[
            Contract("backoff.on_exception", PassesWithOptions, NO),
            Contract("backoff.on_predicate", PassesWithOptions, NO),
        ],
    },
    Library {
        distribution: "retrying",
        versions: (&[1, 3], &[2]),
        contracts: &[Contract("retrying.retry", PassesEither, NO)],
    },
    Library {
        distribution: "cachetools",
        versions: (&[5], &[6]),
        contracts: &[
            Contract("cachetools.cached", PassesWithOptions, NO),
            Contract("cachetools.func.lru_cache", PassesEither, NO),
            Contract("cachetools.func.ttl_cache", PassesEither, NO),
        ],
    },
    Library {
        distribution: "flask-login",
        versions: (&[0, 6], &[1]),
        contracts: &[Contract("flask_login.login_required", Passes, NO)],
    },
    Library {
        distribution: "prometheus-client",
        versions: (&[0, 20], &[1]),
        contracts: &[
            Contract("prometheus_client.Counter", Makes, NO),
            Contract(
                "prometheus_client.Counter().count_exceptions",
                PassesWithOptions,
                NO,
            ),
            Contract("prometheus_client.Gauge", Makes, NO),
            Contract(
                "prometheus_client.Gauge().track_inprogress",
                PassesWithOptions,
                NO,
            ),
            Contract("prometheus_client.Gauge().time", PassesWithOptions, NO),
            Contract("prometheus_client.Histogram", Makes, NO),
            Contract("prometheus_client.Histogram().time", PassesWithOptions, NO),
            Contract("prometheus_client.Summary", Makes, NO),
            Contract("prometheus_client.Summary().time", PassesWithOptions, NO),
        ],
    },
    Library {
        distribution: "opentelemetry-api",
        versions: (&[1, 20], &[2]),
        contracts: &[
            Contract("opentelemetry.trace.get_tracer", Makes, NO),
            Contract(
                "opentelemetry.trace.get_tracer().start_as_current_span",
                PassesWithOptions,
                NO,
            ),
        ],
    },
];
