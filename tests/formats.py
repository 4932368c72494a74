"""Holds what `coship check` writes for other tools against the rules of those tools, over all fixtures and some hostile code.

    python3 tests/formats.py COSHIP                    the rules that are written down here; tests/formats.rs runs this
    python3 tests/formats.py COSHIP --schemas FOLDER   the schemas of the tools as well, with `jsonschema` and `xmllint`

FOLDER has, as their projects publish them: `sarif-schema-2.1.0.json` (oasis-tcs/sarif-spec), `junit-10.xsd` (jenkinsci/xunit-plugin), `DiagnosticResult.json`
(reviewdog/reviewdog, proto/rdf/jsonschema), `codeclimate.json` (gitlabhq/gitlabhq, app/validators/json_schemas). One that is not there is named and left out.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORMATS = ("sarif", "gitlab", "junit", "rdjson", "github", "json-lines", "concise")
SCHEMAS = {
    "sarif": "sarif-schema-2.1.0.json",
    "gitlab": "codeclimate.json",
    "junit": "junit-10.xsd",
    "rdjson": "DiagnosticResult.json",
}

# Everything that some reader takes for more than text.
HOSTILE = """def f(a):
    return a


f(1, **{'##vso[task.setvariable variable=x]y': 2})  # ##vso[task.x]
f(1, **{'##[error]z': 2})
f(1, **{'::set-output name=a::b': 2})
f(1, **{'a,file=x.py,b=c%0A::error::d': 2})
f(1, **{'<b>&"\\x1b[31m\\u202e\\ufffe\\uffff\\U0001ffff]]>': 2})
"""


def check(holds, what):
    if not holds:
        raise AssertionError(what)


def find(trees, path):
    """The file, in the candidate or, if it was removed, in the deployed tree."""
    found = [tree / path for tree in trees if (tree / path).exists()]
    check(found, f"no such file: {path}")
    return found[0]


def sarif(text, trees):
    """What GitHub's code scanning insists on beyond the schema, and SARIF 2.1.0 in prose."""
    document = json.loads(text)
    check(document["version"] == "2.1.0", "version")
    for run in document["runs"]:
        rules = run["tool"]["driver"]["rules"]
        for result in run["results"]:
            check(rules[result["ruleIndex"]]["id"] == result["ruleId"], "3.27.6: ruleIndex is that of ruleId")
            check(result["message"]["text"], "a message")
            check(result["level"] in ("error", "warning", "note"), "level")
            for location in result["locations"]:
                physical = location["physicalLocation"]
                uri = physical["artifactLocation"]["uri"]
                check(re.fullmatch(r"[A-Za-z0-9\-._~!$&'()*+,;=@/%]*", uri), f"3.4.3: a URI: {uri}")
                find(trees, urllib.parse.unquote(uri))
                region = physical.get("region")
                if region:
                    begin = (region["startLine"], region.get("startColumn", 1))
                    end = (region.get("endLine", region["startLine"]), region.get("endColumn", 1 << 30))
                    check((1, 1) <= begin <= end, f"3.30: {region}")
            for value in result["partialFingerprints"].values():
                check(isinstance(value, str) and value, "a fingerprint")
    return document


def gitlab(text, trees):
    """https://docs.gitlab.com/ci/testing/code_quality/: what a report must have."""
    document = json.loads(text)
    prints = [issue["fingerprint"] for issue in document]
    check(len(prints) == len(set(prints)), "two issues of one fingerprint")
    for issue in document:
        check(issue["severity"] in ("info", "minor", "major", "critical", "blocker"), issue["severity"])
        check(issue["description"] and issue["check_name"], "description and check_name")
        location = issue["location"]
        check(not location["path"].startswith(("./", "/")), "a path relative to the repository")
        line = location["lines"]["begin"] if "lines" in location else location["positions"]["begin"]["line"]
        check(line >= 1, "a line")
    return document


# What junit-10.xsd allows: attributes, then elements.
XUNIT2 = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"name", "tests", "failures", "errors", "group", "time", "skipped", "timestamp", "hostname", "id", "package", "file", "log", "url", "version"},
        {"testsuite", "properties", "testcase", "system-out", "system-err"},
    ),
    "testcase": ({"name", "time", "classname", "group"}, {"skipped", "error", "failure", "system-out", "system-err"}),
    "failure": ({"type", "message"}, set()),
    "system-out": (set(), set()),
}


def junit(text, trees):
    root = ET.fromstring(text.encode())
    check(root.tag == "testsuites", root.tag)
    for element in root.iter():
        attributes, elements = XUNIT2[element.tag]
        check(set(element.attrib) <= attributes, f"{element.tag} {element.attrib}")
        check({child.tag for child in element} <= elements, f"{element.tag}: {[child.tag for child in element]}")
        if element.tag in ("testsuites", "testsuite"):
            for key, tag in (("tests", "testcase"), ("failures", "failure")):
                check(int(element.attrib[key]) == sum(1 for _ in element.iter(tag)), f"{element.tag} {key}")
    names = [(case.attrib["classname"], case.attrib["name"]) for case in root.iter("testcase")]
    check(names and len(names) == len(set(names)), "each case has a name of its own, and there is one")
    return text


def rdjson(text, trees):
    """proto/rdf/reviewdog.proto: columns are bytes of UTF-8, ends exclusive."""
    document = json.loads(text)
    for diagnostic in document["diagnostics"]:
        check(diagnostic["severity"] in ("ERROR", "WARNING", "INFO"), "severity")
        check(diagnostic["message"], "message")
        place = diagnostic["location"]
        lines = find(trees, place["path"]).read_bytes().splitlines()
        if "range" not in place:
            continue
        start, end = place["range"]["start"], place["range"]["end"]
        check((start["line"], start["column"]) <= (end["line"], end["column"]), "start before end")
        check(start["line"] <= max(1, len(lines)), "a line of the file")
    return document


COMMAND = re.compile(r"::([a-z-]+)(?: ([^:]*?))?::(.*)")


def github(text, trees):
    """actions/runner, src/Runner.Common/ActionCommand.cs: what stands between `::` and `::` is name and properties; they may not hold `,`, `:`, `%` or line ends."""
    for line in text.splitlines():
        if not line.lstrip().startswith("::"):
            check("##[" not in line and "::" not in line, f"a command within a line: {line}")
            continue
        match = COMMAND.fullmatch(line)
        check(match, line)
        name, properties, data = match.groups()
        check(name in ("error", "warning", "notice"), name)
        pairs = dict(pair.split("=", 1) for pair in properties.split(","))
        check(set(pairs) <= {"title", "file", "line", "endLine", "col", "endColumn"}, f"{pairs}")
        check(all(pairs[key].isdecimal() for key in pairs if key not in ("title", "file")), f"{pairs}")
        check(not re.search("%(?!25|0D|0A|3A|2C)", properties) and not re.search("%(?!25|0D|0A)", data), f"unescaped: {line}")
        find(trees, pairs["file"].replace("%3A", ":").replace("%2C", ",").replace("%25", "%"))
        check("col" not in pairs or pairs["line"] == pairs["endLine"], "columns on one line")
    return text


def azure(text):
    """microsoft/azure-pipelines-agent, Command.TryParseV2: `##vso[` anywhere in a line; its log viewer takes `##[`."""
    for line in text.splitlines():
        check(not re.search(r"##[\w.-]*\[", line), f"a command of Azure's agent: {line}")


READERS = {"sarif": sarif, "gitlab": gitlab, "junit": junit, "rdjson": rdjson, "github": github}


def schema_of(folder, format):
    """What holds a report against a schema, if there is one."""
    path = folder / SCHEMAS[format] if format in SCHEMAS else None
    if path is None or not path.exists():
        return None
    if path.suffix == ".xsd":
        def validate(text):
            with tempfile.NamedTemporaryFile(suffix=".xml") as file:
                file.write(text.encode())
                file.flush()
                done = subprocess.run(["xmllint", "--noout", "--schema", path, file.name], capture_output=True, text=True)
                check(done.returncode == 0, done.stderr)
        return validate
    import jsonschema

    schema = json.loads(path.read_text())
    validator = jsonschema.validators.validator_for(schema)(schema)

    def validate(text):
        document = json.loads(text)
        # GitLab holds each issue against its schema, the others the report.
        for part in document if format == "gitlab" else [document]:
            validator.validate(part)
    return validate


def trees(folder):
    """Each with what it is compared with."""
    for fixture in sorted((ROOT / "fixtures").iterdir()):
        candidate = fixture / "candidate"
        if candidate.is_dir():
            deployed = fixture / "deployed"
            yield candidate, deployed if deployed.is_dir() else None
    hostile = folder / "hostile"
    hostile.mkdir()
    (hostile / "a,b c%.py").write_text(HOSTILE)
    yield hostile, None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("coship")
    parser.add_argument("--schemas", type=Path)
    arguments = parser.parse_args()
    schemas = {}
    if arguments.schemas:
        schemas = {format: schema_of(arguments.schemas, format) for format in SCHEMAS}
        for format, schema in schemas.items():
            print(f"{format}: {SCHEMAS[format]}" + ("" if schema else " is not there"))
    environment = {key: value for key, value in os.environ.items() if key not in ("COSHIP_OUTPUT_FORMAT", "VIRTUAL_ENV")}
    coship = str(Path(arguments.coship).resolve())

    def run(job):
        tree, deployed, format = job
        command = [coship, "check", str(tree), "--against", str(deployed or "none"), "--output-format", format, "--show", "may"]
        # The directory is that of the fixture, so that paths are those of the tree.
        done = subprocess.run(command, capture_output=True, cwd=tree.parent, env=environment)
        text = done.stdout.decode()
        try:
            if done.returncode == 2:
                return None
            azure(text)
            if format in READERS:
                READERS[format](text, [tree] + ([deployed] if deployed else []))
            if schemas.get(format):
                schemas[format](text)
        except Exception as error:
            return f"{tree.relative_to(tree.parent.parent)} as {format}: {type(error).__name__}: {error}"
        return None

    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        jobs = [(tree, deployed, format) for tree, deployed in trees(Path(folder)) for format in FORMATS]
        problems = [problem for problem in pool.map(run, jobs) if problem]
    for problem in problems:
        print(problem)
    print(f"{len(jobs)} reports, {len(problems)} not as their readers want them")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
