#!/usr/bin/env bash
# SAM completes the description of an HttpApi that stands in the template, leaves that of an Api as it is, and says nothing when two functions want one route.
#
# What surprises: an event's route is added to the DefinitionBody of an HttpApi, and to that of an Api it is not: the function gets a permission for a route that does not
# exist. Where the description has the route for another function, or two events of an HttpApi with a description state the same one, the template is accepted, both functions
# get a permission, and one of them gets all requests. Without a description the very same two events are refused.
#
# Why it matters for a deploy: a handler that was deployed, checked and allowed to be called is never called, and no tool says so.
#
# Seen with: aws-sam-translator 1.115.0, CPython 3.11. Output seen: the text of `expected` below.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/python" -m pip install --quiet --disable-pip-version-check aws-sam-translator==1.115.0 > "$work/pip.log" 2>&1 \
    || { cat "$work/pip.log" >&2; exit 1; }

cat > "$work/run.py" <<'PY'
import importlib.metadata
import logging

from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

logging.disable(logging.CRITICAL)
print("aws-sam-translator", importlib.metadata.version("aws-sam-translator"))


def function(kind, path, api=True):
    properties = {"Path": path, "Method": "get"}
    if api:
        properties["RestApiId" if kind == "Api" else "ApiId"] = {"Ref": "A"}
    event = {"Type": kind, "Properties": properties}
    return {"Type": "AWS::Serverless::Function", "Properties": {"InlineCode": "x", "Handler": "a.b", "Runtime": "python3.13", "Events": {"E": event}}}


def api(kind, called=None):
    operation = {"responses": {}}
    if called:
        uri = {"Fn::Sub": "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${%s.Arn}/invocations" % called}
        operation["x-amazon-apigateway-integration"] = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    body = {"openapi": "3.0.1", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}}
    return {"Type": f"AWS::Serverless::{kind}", "Properties": {"StageName": "x", "DefinitionBody": body}}


def show(label, resources):
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    try:
        made = Translator({}, Parser()).translate(template, {"AWS::Region": "us-east-1"})["Resources"]
    except InvalidDocumentException:
        print(f"{label}: refused")
        return
    routes = []
    for resource in made.values():
        for path, methods in resource["Properties"].get("Body", {}).get("paths", {}).items():
            stated = methods["get"].get("x-amazon-apigateway-integration")
            routes.append(path + " -> " + (stated["uri"]["Fn::Sub"].split("functions/${")[1].split(".")[0] if stated else "nothing"))
    permissions = sum(resource["Type"] == "AWS::Lambda::Permission" for resource in made.values())
    print(f"{label}: {', '.join(routes)}; {permissions} permissions")


for kind in ("Api", "HttpApi"):
    show(f"{kind}, route without integration", {"F": function(kind, "/a"), "A": api(kind)})
    show(f"{kind}, another route", {"F": function(kind, "/b"), "A": api(kind, "F")})
    show(f"{kind}, the route of another function", {"F": function(kind, "/a"), "G": function(kind, "/c"), "A": api(kind, "G")})
    show(f"{kind}, one route for two", {"F": function(kind, "/b"), "G": function(kind, "/b"), "A": api(kind)})
    show(f"{kind}, one route for two, no description", {"F": function(kind, "/b", False), "G": function(kind, "/b", False)})
PY

seen=$(AWS_DEFAULT_REGION=us-east-1 "$work/venv/bin/python" "$work/run.py" 2> "$work/err.log") || { cat "$work/err.log" >&2; exit 1; }
printf '%s\n' "$seen"
expected="aws-sam-translator 1.115.0
Api, route without integration: /a -> nothing; 1 permissions
Api, another route: /a -> F; 1 permissions
Api, the route of another function: /a -> G; 2 permissions
Api, one route for two: /a -> nothing; 2 permissions
Api, one route for two, no description: refused
HttpApi, route without integration: /a -> F; 1 permissions
HttpApi, another route: /a -> F, /b -> F; 1 permissions
HttpApi, the route of another function: /a -> G, /c -> G; 2 permissions
HttpApi, one route for two: /a -> nothing, /b -> F; 2 permissions
HttpApi, one route for two, no description: refused"
[ "$seen" = "$expected" ] || { printf 'the behaviour changed; expected was:\n%s\n' "$expected" >&2; exit 1; }
