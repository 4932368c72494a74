"""Holds the fixtures themselves against CPython: what `expected.json` says must happen when the code really runs.

    python3 tests/support/drive.py FIXTURES_DIR [NAME...]

Every entry of `runs` is executed in a process of its own, in each tree that the fixture has: in the candidate it must raise what the entry says
(or work, if it says nothing), in the other trees it must work. Besides, every error that is expected of coship must be
raised by some run, and every route that is listed must have been driven. Exit status 0 if all of that holds.
"""

import ast
import builtins
import concurrent.futures
import json
import os
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import guard

TREES = ("deployed", "candidate", "fixed")


def _free_names(tree):
    bound = {"__name__"} | set(dir(builtins))
    used = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                used.append(node.id)
            else:
                bound.add(node.id)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            bound.update((alias.asname or alias.name).partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
    return [name for name in dict.fromkeys(used) if name not in bound]


def _execute(root, code):
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    names = _free_names(ast.parse(code))

    def call():
        space = {name: __import__(name) for name in names}
        exec(compile(tree, "<run>", "exec"), space)
        return eval(compile(ast.Expression(last.value), "<run>", "eval"), space) if last else None

    return guard.Recorder(root).run(call).report()


def child():
    """Reads a job from standard input, runs its entries, prints the results."""
    job = json.load(sys.stdin)
    guard.isolate(job["root"], job["workdir"])
    results = [guard.attempt(lambda code=code: _execute(job["root"], code)) for code in job["runs"]]
    json.dump(results, sys.stdout)


def run_tree(root, codes):
    """Runs pieces of code against the tree at `root`; one result each."""
    with tempfile.TemporaryDirectory() as workdir:
        job = {"root": os.path.abspath(root), "workdir": workdir, "runs": codes}
        done = subprocess.run(
            [sys.executable, "-I", "-B", os.path.abspath(__file__), "--child"], input=json.dumps(job), capture_output=True, text=True,
            timeout=120, cwd=workdir, env=guard.environment(workdir), check=False,
        )
    if done.returncode:
        raise RuntimeError(f"{root}: {done.stderr[-2000:]}")
    return json.loads(done.stdout)


def _judge(entry, tree, result):
    """A sentence on what is wrong with this result, or None."""
    if "died" in result:
        return f"no result: {result['died']}"
    wanted = entry.get("raises") if tree == "candidate" else entry.get(f"{tree}_raises")
    if wanted is None:
        if result["raises"]:
            return f"raises {' <- '.join(result['raises'])}"
        if entry.get("value") is not None and result["value"] != entry["value"]:
            return f"gives {result['value']}, expected {entry['value']}"
        return None
    seen = [raised["text"] for raised in result["seen"]] + result["warnings"]
    found = seen if entry.get("swallowed") else result["raises"]
    if entry.get("swallowed") and result["raises"]:
        return f"raises {' <- '.join(result['raises'])}, although it should be swallowed"
    if guard.normal(wanted) not in found:
        return f"should raise {wanted}; raised: {found or 'nothing'}"
    return None


def _uncovered(expected):
    """What the expectation claims and no run shows."""
    runs = expected["runs"]
    raised = {guard.normal(run["raises"]) for run in runs if "raises" in run}
    driven = {run["route"] for run in runs if "route" in run}
    failing = {run["route"] for run in runs if "route" in run and "raises" in run}
    for finding in expected["findings"]:
        text = finding.get("exception")
        if finding.get("severity") == "error" and text and not finding.get("optional") and guard.normal(text) not in raised:
            yield f"no run raises {text}"
        for route in finding.get("routes", []) if finding.get("severity") == "error" else []:
            if route not in failing:
                yield f"no run shows that {route} fails"
    for route, wanted in expected.get("routes", {}).items():
        if route not in driven and wanted.get("status") != "unresolved":
            yield f"no run drives {route}"


def check(folder):
    """All complaints about one fixture."""
    with open(os.path.join(folder, "expected.json"), encoding="utf-8") as stream:
        expected = json.load(stream)
    complaints = list(_uncovered(expected))
    for tree in TREES:
        root = os.path.join(folder, tree, expected.get("root", ""))
        runs = [run for run in expected["runs"] if tree in run.get("trees", TREES)]
        if not os.path.isdir(root) or not runs:
            continue
        for run, result in zip(runs, run_tree(root, [run["run"] for run in runs])):
            wrong = _judge(run, tree, result)
            if wrong:
                complaints.append(f"{tree}: {run['run']}: {wrong}")
    return complaints


def main(arguments):
    """Checks all fixtures below a folder, or those named."""
    base, names = arguments[0], arguments[1:]
    names = names or sorted(name for name in os.listdir(base) if os.path.isfile(os.path.join(base, name, "expected.json")))
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, complaints in zip(names, pool.map(lambda name: check(os.path.join(base, name)), names)):
            for complaint in complaints:
                bad += 1
                print(f"{name}: {complaint}")
    print(f"{len(names)} fixtures, {bad} complaints")
    return 1 if bad or not names else 0


if __name__ == "__main__":
    if sys.argv[1:] == ["--child"]:
        child()
    else:
        sys.exit(main(sys.argv[1:]))
