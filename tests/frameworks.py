#!/usr/bin/env python3
"""Runs each contract of src/eval/library/frameworks.rs with the package itself, and prints what a wrong call raises: python3 tests/frameworks.py in an environment
with celery, click, flask, aws-lambda-powertools, aws-xray-sdk, tenacity, backoff, retrying, cachetools, opentelemetry-sdk, prometheus-client and flask-login."""
import functools, importlib.metadata as m
for d in ("celery","click","flask","aws-lambda-powertools","tenacity","backoff","retrying","cachetools","opentelemetry-sdk","prometheus-client","flask-login","django","pluggy"):
    try: print(d, m.version(d), end="; ")
    except Exception as e: print(d, "MISSING", end="; ")
print()
def out(act):
    try: return ("ok", act())
    except BaseException as e: return f"{type(e).__name__}: {e}"[:150]
import tenacity, backoff, retrying, cachetools
def f(a, b=1, *, c=2): return (a,b,c)
def passes(label, deco, *wrong):
    g = deco(f)
    print(label, out(lambda: g(1, c=5)), "|", out(lambda: g(1, d=5)), "|", out(lambda: g()))
passes("tenacity.retry()", tenacity.retry(stop=tenacity.stop_after_attempt(1), reraise=True))
passes("tenacity.retry() no reraise", tenacity.retry(stop=tenacity.stop_after_attempt(1)))
passes("backoff.on_exception", backoff.on_exception(backoff.expo, ValueError))
passes("backoff.on_predicate", backoff.on_predicate(backoff.expo))
passes("retrying.retry()", retrying.retry(stop_max_attempt_number=1))
passes("cachetools.cached", cachetools.cached({}))
import cachetools.func
passes("cachetools.func.ttl_cache", cachetools.func.ttl_cache())
from prometheus_client import Counter, Histogram, Summary, Gauge
passes("Histogram.time", Histogram("h","h").time()); passes("Summary.time", Summary("s","s").time()); passes("Counter.count_exceptions", Counter("c","c").count_exceptions()); passes("Gauge.track_inprogress", Gauge("g","g").track_inprogress())
from opentelemetry import trace
passes("otel", trace.get_tracer("x").start_as_current_span("n"))
from aws_lambda_powertools import Tracer, Metrics, Logger
t = Tracer(service="x", disabled=True)
passes("Tracer.capture_method", t.capture_method)
import click
from click.testing import CliRunner
@click.command()
@click.argument("text")
@click.option("--session", "-s")
@click.option("--all", is_flag=True)
def send(text, session_id, all_sessions): pass
r = CliRunner().invoke(send, ["x"]); print("click:", r.exception)
@click.group()
@click.pass_context
def cli(ctx, debug): pass
@cli.command("x")
@click.option("--dry-run/--no-dry-run", "dry")
def x(dry_run): pass
print("click group:", CliRunner().invoke(cli, ["x"]).exception, "|", CliRunner().invoke(x, []).exception)
import flask
app = flask.Flask("x"); app.testing=True
@app.route("/u/<int:id>")
def user(uid): return "x"
@app.get("/v/<v>", defaults={"w": 1})
def v(v): return "x"
c = app.test_client(); print("flask:", out(lambda: c.get("/u/1")), "|", out(lambda: c.get("/v/1")))
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
r = APIGatewayRestResolver()
@r.get("/todos/<todo_id>")
def todo(id): return {}
ev={"path":"/todos/1","httpMethod":"GET","requestContext":{"requestId":"1"},"headers":{},"multiValueHeaders":{},"queryStringParameters":None,"multiValueQueryStringParameters":None,"body":None,"isBase64Encoded":False,"resource":"","pathParameters":None,"stageVariables":None}
print("powertools:", out(lambda: r.resolve(ev, None)))
from celery import Celery
ca = Celery("x", broker="memory://", backend="cache+memory://")
@ca.task
def ev_(name, pk): pass
@ca.task(bind=True)
def bo(self, pk): pass
print("celery:", out(lambda: ev_.delay("x", pk=1, s=1)), "|", out(lambda: ev_.apply_async(("x",), {"pk":1,"s":2})), "|", out(lambda: ev_("x",1,2)), "|", out(lambda: ev_.s("x",1,2,3)) , "|", out(lambda: bo.delay(1,2)), "|", out(lambda: ev_.s("x",1,2).delay()), "|", out(lambda: ev_.s("x").delay(1,2)))
from celery import shared_task
@shared_task
def sh(a): pass
print("shared:", out(lambda: sh.delay(1,2)), out(lambda: sh.apply_async(args=[1], kwargs={"b":1})))
