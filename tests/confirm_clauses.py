"""Holds a plan's clauses against CPython: lays out the mixed state that each one forbids, and makes its finding happen there.

    python3 tests/confirm_clauses.py DEPLOYED CANDIDATE PLAN.json [--root DIR] [--jobs N] [--json]

DEPLOYED and CANDIDATE are the directories (or zips) that were compared, as coship was given them; PLAN.json is what `coship plan --output-format
json` said; DIR is the import root relative to both (found from each finding if left out). A clause says: while these files are at the candidate's version and
those as deployed, this finding's exception rises. Three trees decide that, each in processes of its own as `tests/confirm.py` has them:

    the least mixture     the clause's new files at the candidate's version, everything else as deployed: there the witness has to rise
    the deployed tree     there it must not: it would be no matter of mixing
    the candidate         nor there

In the last two, the finding's places are those that the same lines have there; where they are gone, so is what failed. What made it happen in the mixture is what
is tried there. A fourth tree is the greatest mixture, everything new but the clause's old files: it takes the least one's place where the way to the finding is
barred by something else that is wrong with so few new files. Otherwise what happens in it is told and decides nothing, for it may fail in other words.

    confirmed         CPython raised the witness in the mixture, and in neither end
    contradicted      CPython reached the place in the mixture and did something else, or raised the witness in one of the ends as well, on every route
    not confirmable   the place could not be reached with placeholder arguments

Exit status: 0 if nothing is contradicted, 1 if something is, 2 if the input cannot be read.
"""

import argparse
import concurrent.futures
import contextlib
import copy
import difflib
import json
import os
import shutil
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import confirm

BROKEN = "the broken candidate raises it as well, and who else does in the mixture is not said"
SKIPPED = {".git", "__pycache__", "node_modules", ".venv"}


def _copy(source, target):
    """Copies a tree's files as they are, without history and caches."""
    shutil.copytree(source, target, ignore=lambda _, names: SKIPPED.intersection(names), dirs_exist_ok=True)


def mixture(target, base, other, paths):
    """Lays out `base` at `target` with these paths as `other` has them, which may be not at all."""
    _copy(base, target)
    for path in paths:
        here, there = os.path.join(target, path), os.path.join(other, path)
        if os.path.isfile(there):
            os.makedirs(os.path.dirname(here), exist_ok=True)
            shutil.copyfile(there, here)
        elif os.path.isfile(here):
            os.remove(here)
            # A directory that is left empty would still be a package to CPython, and no upload leaves one.
            with contextlib.suppress(OSError):
                os.removedirs(os.path.dirname(here))


def _lines(tree, path):
    """A file's lines; none if there is no such file."""
    try:
        with open(os.path.join(tree, path), encoding="utf-8", errors="replace", newline="") as stream:
            return stream.read().splitlines()
    except OSError:
        return None


def _moved(span, path, tree, other):
    """A range of a file of `tree`, where `other` has the same lines; none if it has not."""
    before, after = _lines(tree, path), _lines(other, path)
    if before is None or after is None:
        return None
    if before == after:
        return span
    first, last = span["start"]["line"] - 1, span["end"]["line"] - 1
    for here, there, size in difflib.SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        if here <= first and last < here + size:
            span = copy.deepcopy(span)
            span["start"]["line"] += there - here
            span["end"]["line"] += there - here
            return span
    return None


def transferred(finding, tree, other, by_any_way=False):
    """A finding about `tree` as one about `other`; none if a place of it is not there, `by_any_way` if that place is where it ends."""
    finding = copy.deepcopy(finding)
    places = [finding, *(finding.get("chain") or [])]
    for place in places:
        place["range"] = _moved(place["range"], place["path"], tree, other)
    gone = [number for number, place in enumerate(places) if place["range"] is None]
    if gone and (not by_any_way or 0 in gone or len(places) - 1 in gone):
        return None
    if gone:
        finding["chain"] = places[gone[-1] + 1:]
    return finding


def _elsewhere(finding, verdict, tree, other, root):
    """What becomes of a finding that was made to happen in one tree, in another tree: "raised", "not raised" or "the place is not there"."""
    there = transferred(finding, tree, other)
    if there is None:
        return "the place is not there", []
    raised, saw = confirm.happens_again(other, there, verdict, confirm._missing_modules([there]), root and os.path.join(other, root))
    return ("raised" if raised else "not raised"), saw


def _raised(clause, mixtures, root):
    """The verdict on a clause's finding, and the mixture that it was reached in: the least one, or the greatest where more is wrong with the least."""
    least, greatest = mixtures
    finding = clause["finding"]
    first = confirm.confirm(least, finding, confirm._missing_modules([finding]), root and os.path.join(least, root))
    there = transferred(finding, least, greatest, by_any_way=True) if first["verdict"] == "not confirmable" else None
    if there is not None:
        second = confirm.confirm(greatest, there, confirm._missing_modules([there]), root and os.path.join(greatest, root))
        if second["verdict"] == "confirmed":
            second["by"] += ", in the greatest mixture"
            return second, there, greatest
    return first, finding, least


def _own_route(finding, tree, ends, root):
    """The first route of a finding on which it happens in a mixture and in neither end; none if there is none."""
    for route in finding.get("routes") or []:
        if confirm.confirm_route(tree, finding, route, confirm._missing_modules([finding]), root and os.path.join(tree, root))["verdict"] != "confirmed":
            continue
        for end in ends:
            there = transferred(finding, tree, end, by_any_way=True)
            if there is not None and confirm.confirm_route(
                end, there, route, confirm._missing_modules([there]), root and os.path.join(end, root),
            )["verdict"] == "confirmed":
                break
        else:
            return f"{route['interface']}/{route['operation']}"
    return None


def judge(clause, deployed, candidate, root=None, is_broken=False):
    """The verdict on one clause: `{"verdict", "by", "saw", "greatest"}`. `is_broken`: the candidate has errors of its own, which the plan accepts."""
    with tempfile.TemporaryDirectory() as directory:
        directory = os.path.realpath(directory)
        least, greatest = os.path.join(directory, "least"), os.path.join(directory, "greatest")
        mixture(least, deployed, candidate, clause["new"])
        mixture(greatest, candidate, deployed, clause["old"])
        verdict, finding, tree = _raised(clause, (least, greatest), root)
        if verdict["verdict"] != "confirmed":
            return {**verdict, "greatest": "not tried"}
        greatest = ("raised", []) if tree == greatest else _elsewhere(finding, verdict, tree, greatest, root)
        verdict["greatest"] = ": ".join([greatest[0], *greatest[1][:1]]) if greatest[0] == "not raised" else greatest[0]
        for name, end in (("the deployed tree", deployed), ("the candidate", candidate)):
            raised, saw = _elsewhere(finding, verdict, tree, end, root)
            if raised == "raised":
                route = _own_route(finding, tree, (deployed, candidate), root)
                if route is None and is_broken and end == candidate:
                    return {**verdict, "verdict": "not confirmable", "by": BROKEN, "saw": saw}
                if route is None:
                    return {**verdict, "verdict": "contradicted", "by": f"{name} raises it as well", "saw": saw}
                return {**verdict, "by": f"{verdict['by']}; {name} raises it as well, but not on the route {route}"}
    return verdict


def judge_all(plan, deployed, candidate, root=None, jobs=None):
    """The verdicts on all clauses of a plan, in its order."""
    with concurrent.futures.ThreadPoolExecutor(jobs or os.cpu_count()) as pool:
        verdicts = list(pool.map(lambda clause: judge(clause, deployed, candidate, root, plan["verdict"] == "broken"), plan["clauses"]))
    results = []
    for clause, verdict in zip(plan["clauses"], verdicts):
        finding = clause["finding"]
        results.append({
            "new": clause["new"], "old": clause["old"], "rule": finding["rule"], "path": finding["path"],
            "line": finding["range"]["start"]["line"], "witness": (finding.get("witness") or {}).get("exception"), **verdict,
        })
    counts = {name: sum(result["verdict"] == name for result in results) for name in ("confirmed", "contradicted", "not confirmable")}
    greatest = {}
    for result in results:
        kind = result["greatest"].partition(":")[0]
        greatest[kind] = greatest.get(kind, 0) + 1
    return {"version": 1, "results": results, "counts": counts, "greatest": dict(sorted(greatest.items()))}


def _print_table(answer):
    for result in answer["results"]:
        place = f"{result['path']}:{result['line']}"
        print(confirm._printable(f"{result['verdict']:15}  {result['rule']:20}  {place}  {result['witness'] or '-'}"))
        print(confirm._printable(f"                 new {', '.join(result['new'])}; old {', '.join(result['old'])}"))
        if result["verdict"] != "confirmed":
            print(confirm._printable(f"                 by {result['by'] or 'no attempt'}; CPython: {' | '.join(result['saw'])}"))
        if result["greatest"] != "raised":
            print(f"                 in the greatest mixture: {result['greatest']}")
    print(", ".join(f"{count} {name}" for name, count in answer["counts"].items()))
    print("in the greatest mixtures: " + ", ".join(f"{count} {name}" for name, count in answer["greatest"].items()))


def _unpacked(path, directory):
    """A tree as a directory."""
    path = os.path.realpath(path)
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(directory)
        return os.path.realpath(directory)
    if not os.path.isdir(path):
        raise NotADirectoryError(f"{path}: no such directory")
    return path


def main(arguments):
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(description="Hold the clauses of a plan against CPython.")
    parser.add_argument("deployed", help="what runs: a directory or zip")
    parser.add_argument("candidate", help="what was planned: a directory or zip")
    parser.add_argument("plan", help="coship's JSON, - for standard input")
    parser.add_argument("--root", help="import root, relative to the trees")
    parser.add_argument("--jobs", type=int, help="clauses that are tried at the same time")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as unpacked:
        try:
            with (sys.stdin if options.plan == "-" else open(options.plan, encoding="utf-8")) as stream:
                plan = json.load(stream)
            if plan.get("version") != 1 or "clauses" not in plan:
                raise ValueError("not a plan of coship, version 1")
            deployed = _unpacked(options.deployed, os.path.join(unpacked, "deployed"))
            candidate = _unpacked(options.candidate, os.path.join(unpacked, "candidate"))
        except (OSError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
        answer = judge_all(plan, deployed, candidate, options.root, options.jobs)
    if options.json:
        print(json.dumps(answer, indent=2, ensure_ascii=False))
    else:
        _print_table(answer)
    return 1 if answer["counts"]["contradicted"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
