"""Public templates: `python3 tests/templates.py COSHIP DIRECTORY [--faults N] [--globals]`. By hand: DIRECTORY holds clones of example repositories.

Runs `coship verify --template` over each template with functions in Python, and lists the errors for a person to judge. With `--faults N` seeds N faults, one at a time, each in a copy of a
template that has no error, and says how many were found, by rule. With `--globals` holds what coship makes of SAM's `Globals` against aws-sam-translator, which has to be installed
(`pip install aws-sam-translator==1.115.0 pyyaml`).
"""

import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

#: What a fault of a kind has to be reported as.
RULES = {
    "handler": {"missing-handler", "unusable-handler"},
    "code": {"missing-code"},
    "event": {"broken-event"},
    "runtime": {"unknown-runtime"},
    "route": {"broken-event"},
}
NEEDED = {"Path", "Method", "Queue", "Stream", "Topic", "Bucket", "Schedule", "ScheduleExpression"}


def candidates(directory):
    for path in sorted(directory.rglob("*")):
        if path.suffix not in {".yml", ".yaml", ".json", ".template"} or not path.is_file() or path.stat().st_size > 500_000:
            continue
        text = path.read_text(errors="replace")
        is_serverless = path.name.startswith("serverless.") and "functions:" in text
        if (is_serverless or "::Function" in text) and ("python" in text.lower() or ".py" in text):
            yield path


def verify(coship, path):
    """The report on a template; none if it deploys nothing in Python. A crash ends the script."""
    command = [coship, "verify", "--template", path.name, "--against", "none", "--output-format", "json"]
    done = subprocess.run(command, cwd=path.parent, capture_output=True, text=True, env={**os.environ, "COSHIP_NO_CACHE": "1"}, timeout=300)
    if done.returncode == 2 and "deploys no function in Python" in done.stderr:
        return None
    if done.returncode not in (0, 1):
        raise SystemExit(f"{path}: {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def told(report):
    return collections.Counter((finding["rule"], finding["message"]) for finding in report["findings"] if finding["severity"] != "info")


def is_clean(report):
    return not any(finding["severity"] == "error" for finding in report["findings"])


def faults(path, report):
    """Each fault that can be made of a template: its kind, what was done, the text."""
    text = path.read_text(errors="replace")

    def change(kind, what, at, before, after):
        if at >= 0 and text[at : at + len(before)] == before:
            yield kind, f"{what}: {before} -> {after}", text[:at] + after + text[at + len(before) :]

    for function in report["functions"]:
        handler, code, runtime = (function.get(key) for key in ("handler", "code", "runtime"))
        if code is None or not (path.parent / code).is_dir():
            continue
        start = text.find(function["name"] + ":")
        if start < 0:
            continue
        if handler and (path.parent / code / (handler.rsplit(".", 1)[0].replace(".", "/") + ".py")).exists():
            at = text.find(handler, start)
            module, name = handler.rsplit(".", 1)
            for after in [f"{module}.{name}s", f"{module}s.{name}", module, f"./{handler}", f"{module}.{name.upper()}"]:
                yield from change("handler", function["name"], at, handler, after)
        if code:
            found = re.compile(r"CodeUri:\s*(" + re.escape(code) + r")\s*$", re.M).search(text, start)
            if found:
                for after in ["gone/", code.rstrip("/") + "s/"]:
                    if not (path.parent / after).exists():
                        yield from change("code", function["name"], found.start(1), code, after)
        if runtime:
            stated = re.compile(r"Runtime:\s*" + re.escape(runtime)).search(text, start)
            at = stated.end() - len(runtime) if stated else -1
            for after in ["python3.99", runtime.replace("python", "python-"), runtime + ".1"]:
                yield from change("runtime", function["name"], at, runtime, after)
    # The integration of a route leads to nothing, or the event of one takes the route of another.
    for found in re.finditer(r"\$\{(\w+)\.Arn\}/invocations|functions/\$\{(\w+)\.Arn\}", text):
        name = found.group(1) or found.group(2)
        yield from change("route", "integration", found.start(), found.group(), found.group().replace(name, "Gone" + name))
    routes = [(it.group(2), it.start(2)) for it in re.finditer(r"^(\s+)Path: (/\S+)\s*\n\1Method: get\s*$", text, re.M | re.I)]
    for path, at in routes[1:]:
        if "DefinitionBody" not in text and path != routes[0][0]:
            yield from change("route", "path", at, path, routes[0][0])
    for found in re.finditer(r"^\s+Type: (Api|HttpApi|SQS|SNS|S3|Schedule|Kinesis|DynamoDB)\s*$", text, re.M):
        kind = found.group(1)
        if not is_event(text, found.start(1)):
            continue
        yield from change("event", "event", found.start(1), kind, kind + "s")
        yield from change("event", "event", found.start(1), kind, kind.swapcase())
        after = re.compile(r"^(\s+)(\w+):.*$", re.M).search(text, text.find("Properties:", found.end()) + 11)
        if after and after.group(2) in NEEDED and kind != "HttpApi":
            yield from change("event", f"{kind} event", after.start(2), after.group(2) + ":", "X" + after.group(2) + ":")
        source = re.compile(r"!(?:Ref|GetAtt) (\w+)").search(text, found.end(), found.end() + 120)
        if source and kind in {"SQS", "SNS", "S3", "Kinesis", "DynamoDB"}:
            yield from change("event", f"{kind} event", source.start(1), source.group(1), "Gone")


def is_event(text, at):
    """Whether what stands there is in an `Events:`, two levels further in: targets of failures and sources of data have types too."""
    indentation = None
    for line in reversed(text[:at].split("\n")):
        own = len(line) - len(line.lstrip())
        if line.strip() and (indentation is None or own < indentation):
            if line.strip() == "Events:":
                return True
            indentation = own
    return False


def seed(coship, clean, count, number):
    """Seeds faults, as many of each kind."""
    choose = random.Random(number)
    by_kind = collections.defaultdict(list)
    for path, report in clean:
        for kind, what, text in faults(path, report):
            by_kind[kind].append((path, report, what, text))
    result = collections.Counter()
    rules = collections.Counter()
    for kind, wanted in RULES.items():
        made = by_kind[kind]
        for path, before, what, text in choose.sample(made, min(len(made), count // len(RULES))):
            seeded = path.with_name("serverless.yml") if path.name.startswith("serverless.") else path.with_name("seeded-" + path.name)
            original = seeded.read_bytes() if seeded.exists() else None
            seeded.write_text(text)
            try:
                report = verify(coship, seeded)
            finally:
                if original is None:
                    seeded.unlink()
                else:
                    seeded.write_bytes(original)
            new = told(report) - told(before) if report else collections.Counter()
            hit = [rule for rule, _ in new if rule in wanted]
            result[kind, bool(hit)] += 1
            rules.update(hit[:1])
            if not hit:
                print(f"missed: {path}: {what}: {dict(new)}")
    for kind in RULES:
        print(f"{kind}: {result[kind, True]} of {result[kind, True] + result[kind, False]} found")
    print(", ".join(f"{rule} {many}" for rule, many in rules.most_common()))


def globals_judge(coship, reports):
    """What coship makes of `Globals`, against aws-sam-translator's merge."""
    import yaml
    from samtranslator.plugins.globals.globals import Globals
    from samtranslator.sdk.parameter import SamParameterValues  # noqa: F401  the package is the one that was meant
    from samtranslator.yaml_helper import yaml_parse

    compared = differing = 0
    for path, report in reports:
        if path.name.startswith("serverless."):
            continue
        try:
            template = yaml_parse(path.read_text(errors="replace"))
            merger = Globals(template)
        except Exception:  # What the translator refuses is no measure.
            continue
        for function in report["functions"]:
            resource = {str(name): it for name, it in template["Resources"].items()}[function["name"]]
            if resource["Type"] != "AWS::Serverless::Function" or "Globals" not in template:
                continue
            try:
                merged = merger.merge(resource["Type"], resource.get("Properties") or {}, function["name"], resource.get("IgnoreGlobals"))
            except Exception:
                continue
            compared += 1
            plain = lambda key: merged.get(key) if isinstance(merged.get(key), str) and "${" not in merged[key] else None  # noqa: E731
            wanted = {"handler": plain("Handler"), "runtime": plain("Runtime")}
            variables = (merged.get("Environment") or {}).get("Variables")
            if isinstance(variables, dict) and not any(key.startswith("Fn::") for key in variables):
                wanted["environment"] = sorted(variables)
            got = {key: function.get(key) for key in wanted}
            if got != wanted:
                differing += 1
                print(f"{path}: {function['name']}: coship {got}, aws-sam-translator {wanted}")
    print(f"Globals: {compared} functions compared, {differing} differ")


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("coship", type=pathlib.Path)
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("--faults", type=int, default=0)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--globals", action="store_true")
    given = arguments.parse_args()
    coship = given.coship.resolve()
    paths = list(candidates(given.directory))
    with ThreadPoolExecutor(2) as pool:
        reports = [(path, report) for path, report in zip(paths, pool.map(lambda path: verify(coship, path), paths)) if report]
    rules = collections.Counter((f["severity"], f["rule"]) for _, report in reports for f in report["findings"])
    functions = sum(len(report["functions"]) for _, report in reports)
    print(f"{len(reports)} templates, {functions} functions: " + ", ".join(f"{rule} {many} ({severity})" for (severity, rule), many in rules.most_common()))
    for path, report in reports:
        for finding in report["findings"]:
            if finding["severity"] == "error":
                print(f"{path.relative_to(given.directory)}: {finding['path']}: {finding['message']} [{finding['rule']}]")
    if given.globals:
        globals_judge(coship, reports)
    if given.faults:
        clean = [(path, report) for path, report in reports if is_clean(report)]
        seed(coship, clean, given.faults, given.seed)


if __name__ == "__main__":
    sys.exit(main())
