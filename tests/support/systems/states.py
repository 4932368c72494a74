"""One generated case: a system, its edited copy, and what CPython says of every mixed state."""

import os
import random

from build import build
from edits import edited
from finest import finest
from probes import probes
from render import render
from run import prepare, run

MOST = 6


def case(seed, most=MOST):
    """The first system of that seed that works and whose edits change 1 to `most` files: (texts, texts, probes, probes, log)."""
    rng = random.Random(seed)
    while True:
        deployed = build(rng)
        candidate, log = edited(deployed, rng, rng.choice([1, 1, 2, 2, 3]))
        old, new = render(deployed), render(candidate)
        count = len(changed(old, new))
        if 1 <= count <= most:
            both = (deployed, candidate)
            return old, new, probes(deployed, both), probes(candidate, both), log


def changed(old, new):
    """The paths that differ, sorted."""
    return sorted(path for path in {*old, *new} if old.get(path) != new.get(path))


def write(directory, texts):
    """Lay a tree out."""
    os.makedirs(directory)
    for path, text in texts.items():
        with open(os.path.join(directory, path), "w") as out:
            out.write(text)


def mixed(old, new, paths, mask):
    """The files of a state, and likewise its probes: `mask` tells which of `paths` are new."""
    result = dict(old)
    for number, path in enumerate(paths):
        if mask >> number & 1:
            result.pop(path, None)
            if path in new:
                result[path] = new[path]
    return result


def judge(seed, directory, most=MOST):
    """Lay out every state of a seed's case below `directory`, run it, and tell what happened."""
    attempt = 0
    while True:
        old, new, old_probes, new_probes, log = case(seed * 1000 + attempt, most)
        if attempt % 2 == seed % 2:
            old, new, old_probes, new_probes, log = new, old, new_probes, old_probes, [*log, "reversed"]
        paths = changed(old, new)
        prepare([*old.items(), *new.items()])
        states = []
        for mask in range(1 << len(paths)):
            texts = mixed(old, new, paths, mask)
            tried = mixed(old_probes, new_probes, paths, mask)
            place = os.path.join(directory, f"{seed}-{attempt}", f"{mask:02}")
            write(place, texts)
            calls = [p for path, made in sorted(tried.items()) if path in texts for p in made]
            states.append({"mask": mask, "directory": place, "failures": run(place, calls)})
            if mask == 0 and states[0]["failures"]:
                break
        if not states[0]["failures"]:
            break
        attempt += 1
    known = set(states[0]["failures"])
    for state in states:
        state["new"] = {k: v for k, v in state["failures"].items() if k not in known}
    accepted = set(states[-1]["new"])
    unsafe = {s["mask"] for s in states if set(s["new"]) - accepted}
    return {
        "seed": seed,
        "log": log,
        "changed": paths,
        "states": states,
        "broken": bool(accepted),
        "steps": finest(len(paths), unsafe),
    }
