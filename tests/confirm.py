"""Holds coship's errors against CPython: makes every witness happen, without trusting coship.

    python3 tests/confirm.py TREE REPORT.json [--root DIR] [--json]

TREE is the directory (or zip) that was checked, REPORT.json what `coship check --output-format json` said about it, DIR the import root
relative to TREE (found from the report if left out). Every finding of severity error ends as

    confirmed         CPython raised the witness, class and text
    contradicted      CPython reached the place and did something else, or the import works, or the file compiles
    not confirmable   the place could not be reached with placeholder arguments, or the finding is not about one tree

An error that stands behind another one of the report, which CPython raises first, is tried once more with stand-ins where the others rise.

Each finding is tried in a process of its own with a time limit, in an empty working directory, with a minimal environment, without network, and
unable to write or to start processes. Exit status: 0 if nothing is contradicted, 1 if something is, 2 if the input cannot be read.
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "support"))

import guard
import provoke

SECONDS = 120
STUBBED = " (third-party packages stubbed)"
MENDED = " (behind other errors of the report, which are stood in for)"


def _import_root(tree, finding):
    """The directory that dotted names of this finding are relative to, as its chain shows."""
    for frame in finding.get("chain") or []:
        parts = frame["path"][:-3].split("/")
        if parts[-1] == "__init__":
            parts.pop()
        for cut in range(len(parts)):
            module = ".".join(parts[cut:])
            if frame["function"] == module or frame["function"].startswith(module + "."):
                return os.path.join(tree, *parts[:cut])
    return tree


def _missing_modules(findings):
    """Names of modules that some finding says do not exist; these are never stubbed."""
    names = set()
    for finding in findings:
        text = (finding.get("witness") or {}).get("exception") or ""
        if "No module named '" in text:
            names.add(text.split("No module named '", 1)[1].partition("'")[0])
    return sorted(names | {name.partition(".")[0] for name in names})


def _compiles(tree, finding):
    """Judges a syntax error or an unreadable file: CPython's own compiler decides."""
    path = os.path.join(tree, finding["path"])
    try:
        with open(path, "rb") as stream:
            compile(stream.read(), finding["path"], "exec", dont_inherit=True)
    except (SyntaxError, ValueError, UnicodeDecodeError) as error:
        return {"verdict": "confirmed", "by": "compile", "saw": [guard.text_of(error)]}
    except OSError as error:
        return {"verdict": "confirmed", "by": "open", "saw": [guard.text_of(error)]}
    return {"verdict": "contradicted", "by": "compile", "saw": ["the file compiles"]}


def _provoke(tree, roots, finding, missing, stubs, mends=(), **how):
    with tempfile.TemporaryDirectory() as workdir:
        job = {
            "tree": tree, "root": roots[0], "roots": roots[1:], "workdir": workdir, "finding": finding, "missing": missing, "stubs": stubs,
            "mends": list(mends), **how,
        }
        try:
            done = subprocess.run(
                [sys.executable, "-I", "-B", os.path.join(HERE, "support", "provoke.py")], input=json.dumps(job), capture_output=True,
                text=True, timeout=SECONDS, cwd=workdir, env=guard.environment(workdir), check=False,
            )
        except subprocess.TimeoutExpired:
            return [{"by": "all attempts", "match": False, "place": False, "reached": False, "saw": ["no answer in time"]}]
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no output"]
        return [{"by": "all attempts", "match": False, "place": False, "reached": False, "saw": [lines[-1]]}]
    return json.loads(done.stdout)


def _judge(finding, attempts):
    for attempt in attempts:
        if attempt["match"] and attempt["place"]:
            return {"verdict": "confirmed", "by": attempt["by"], "saw": attempt["saw"], "way": attempt["number"]}
    for attempt in attempts:
        if attempt["match"]:
            if not finding.get("chain"):
                return {"verdict": "confirmed", "by": f"{attempt['by']}; the finding has no chain", "saw": attempt["saw"], "way": attempt["number"]}
            elsewhere = f"{attempt['by']} raises it elsewhere than where the chain ends"
            return {"verdict": "not confirmable", "by": elsewhere, "saw": attempt["saw"]}
    for attempt in attempts:
        works = attempt["by"] == "the import by itself" and attempt["saw"][0].startswith("no exception")
        if attempt["reached"] or works:
            return {"verdict": "contradicted", "by": attempt["by"], "saw": attempt["saw"]}
    if not attempts:
        return {"verdict": "not confirmable", "by": "", "saw": ["nothing to call: no chain"]}
    saw = attempts[0]["saw"]
    return {"verdict": "not confirmable", "by": f"{attempts[0]['by']} does not reach the place", "saw": saw}


_CALLS = {
    "unexpected-keyword", "missing-argument", "too-many-positionals", "multiple-values", "positional-only-keyword", "not-callable",
    "missing-key", "not-awaited", "unknown-operation", "unknown-interface", "missing-target", "missing-module", "missing-name",
    "missing-attribute", "guarded-import", "undefined-export", "import-cycle",
}


def confirm_route(tree, finding, route, missing=(), root=None):
    """The verdict on one route of a finding, driven from an executor on."""
    finding = {**finding, "routes": [route], "operations": [route["operation"] for route in finding["routes"]]}
    roots = [root or _import_root(tree, finding)]
    for stubs in (False, True):
        verdict = _judge(finding, _provoke(tree, roots, finding, list(missing), stubs, by_route=True))
        if verdict["verdict"] == "confirmed":
            break
    return verdict


def happens_again(tree, finding, verdict, missing=(), root=None):
    """Whether the way that made a finding's exception happen in one tree, as its verdict tells, does so in another; and what was seen."""
    if finding["rule"] in ("syntax-error", "unreadable-file"):
        again = _compiles(tree, finding)
    else:
        stubs = STUBBED in verdict["by"]
        again = _judge(finding, _provoke(tree, [root or _import_root(tree, finding)], finding, list(missing), stubs, only=verdict["way"]))
    return again["verdict"] == "confirmed", again["saw"]


def _is_not_installed(saw, missing):
    """Whether what was seen is that a package of others is not here; a module that a finding says is missing is none."""
    texts = [text for line in saw for text in line.split(" | ")]
    names = [re.fullmatch(r"ModuleNotFoundError: No module named '([^']+)'", text) for text in texts]
    return any(name and name[1] not in missing for name in names)


def _raised_by(finding):
    """Where a finding's exception rises: `{"path", "range"}`; None if it has no such place."""
    if finding["rule"] not in _CALLS or not finding.get("chain"):
        return None
    return {key: finding["chain"][-1][key] for key in ("path", "range")}


def _in_the_way(finding, errors):
    """The places where other errors rise: none that this finding's own chain passes."""
    def lines(frame):
        return frame["range"]["start"]["line"], frame["range"]["end"]["line"]

    own = finding.get("chain") or []
    places = []
    for place in filter(None, map(_raised_by, errors)):
        (first, last), same = lines(place), [lines(frame) for frame in own if frame["path"] == place["path"]]
        if place not in places and not any(start <= last and first <= end for start, end in same):
            places.append(place)
    return places


def _is_of_others(saw, finding, errors):
    """Whether all that was seen instead are exceptions that other errors of the report have."""
    texts = {text for line in saw for text in line.split(" | ")}
    known = [(error.get("witness") or {}).get("exception") for error in errors if error is not finding]
    return bool(texts) and all(any(witness and provoke.matches(witness, text) for witness in known) for text in texts)


def _mended(tree, roots, finding, missing, errors, verdict):
    """The verdict on a finding that was not confirmed, once stand-ins are where the report's other errors rise.

    CPython stops at the first error on the way. coship reports those behind it as well: they are there as soon as the first is mended.
    """
    mends = _in_the_way(finding, errors)
    if not mends:
        return verdict
    for stubs in (False, True):
        again = _judge(finding, _provoke(tree, roots, finding, list(missing), stubs, mends))
        if again["verdict"] != "not confirmable":
            break
    # What CPython says of an error that stands before this one is no evidence against this one; what it says behind that error is.
    if again["verdict"] == "confirmed" or (verdict["verdict"] == "contradicted" and _is_of_others(verdict["saw"], finding, errors)):
        return {**again, "by": f"{again['by']}{STUBBED if stubs else ''}{MENDED}"}
    return verdict


def confirm(tree, finding, missing=(), root=None, others=(), errors=()):
    """The verdict on one finding: `{"verdict", "by", "saw"}`.

    `others` are the import roots of other findings, `errors` all errors of the report: what stands in a finding's way may be one of them.
    """
    verdict = _as_it_is(tree, finding, missing, root, others)
    if verdict["verdict"] == "confirmed" or _raised_by(finding) is None:
        return verdict
    return _mended(tree, [root or _import_root(tree, finding), *others], finding, missing, errors, verdict)


def _as_it_is(tree, finding, missing, root, others):
    """The verdict on one finding in the tree as it is."""
    if finding["rule"] in ("syntax-error", "unreadable-file"):
        return _compiles(tree, finding)
    if finding["rule"] not in _CALLS:
        return {"verdict": "not confirmable", "by": "", "saw": [f"{finding['rule']} is not about a call in one tree"]}
    if not (finding.get("witness") or {}).get("exception") and finding["rule"] != "not-awaited":
        return {"verdict": "not confirmable", "by": "", "saw": ["no witness"]}
    roots = [root or _import_root(tree, finding), *others]
    verdict = _judge(finding, _provoke(tree, roots, finding, list(missing), False))
    is_contradicted = verdict["verdict"] == "contradicted"
    lacks_packages = is_contradicted and _is_not_installed(verdict["saw"], missing)
    if verdict["verdict"] == "not confirmable" or lacks_packages:
        again = _judge(finding, _provoke(tree, roots, finding, list(missing), True))
        # What CPython says of a program whose packages are not here is not held against a finding.
        if again["verdict"] == "confirmed" or lacks_packages:
            again["by"] += STUBBED
            return again
    return verdict


def confirm_all(tree, report, root=None):
    """The verdicts on all errors of a report, in its order."""
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    missing = _missing_modules(errors)
    others = [] if root else sorted({_import_root(tree, finding) for finding in errors})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(lambda finding: confirm(tree, finding, missing, root, others, errors), errors))
    results = []
    for finding, verdict in zip(errors, verdicts):
        start = (finding.get("range") or {}).get("start") or {"line": 0, "column": 0}
        results.append({
            "rule": finding["rule"], "path": finding["path"], "line": start["line"], "column": start["column"],
            "witness": (finding.get("witness") or {}).get("exception"), **verdict,
        })
    counts = {name: sum(result["verdict"] == name for result in results) for name in ("confirmed", "contradicted", "not confirmable")}
    return {"version": 1, "results": results, "counts": counts}


def _printable(text):
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def _print_table(answer):
    for result in answer["results"]:
        place = f"{result['path']}:{result['line']}:{result['column']}"
        print(_printable(f"{result['verdict']:15}  {result['rule']:23}  {place:40}  {result['witness'] or '-'}"))
        if result["verdict"] != "confirmed" or any(hint in result["by"] for hint in ("no chain", "cannot be imported", MENDED)):
            print(_printable(f"                 by {result['by'] or 'no attempt'}; CPython: {' | '.join(result['saw'])}"))
    print(", ".join(f"{count} {name}" for name, count in answer["counts"].items()))


def main(arguments):
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Hold coship's errors against CPython.")
    parser.add_argument("tree", help="the directory or zip that was checked")
    parser.add_argument("report", help="coship's JSON, - for standard input")
    parser.add_argument("--root", help="import root, relative to the tree")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    try:
        with (sys.stdin if options.report == "-" else open(options.report, encoding="utf-8")) as stream:
            report = json.load(stream)
        if report.get("version") != 1 or "findings" not in report:
            raise ValueError("not a report of coship check, version 1")
    except (OSError, ValueError) as error:
        print(f"{options.report}: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as unpacked:
        tree = os.path.abspath(options.tree)
        if zipfile.is_zipfile(tree):
            with zipfile.ZipFile(tree) as archive:
                archive.extractall(unpacked)
            tree = os.path.realpath(unpacked)
        if not os.path.isdir(tree):
            print(f"{options.tree}: no such directory", file=sys.stderr)
            return 2
        root = os.path.join(tree, options.root) if options.root else None
        answer = confirm_all(tree, report, root)
    if options.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print_table(answer)
    return 1 if answer["counts"]["contradicted"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
