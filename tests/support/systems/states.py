"""One generated case: a system, its edited copy, and what CPython says of every mixed state.

What counts: a run of a state imports every module, calls every entry (`run_*`) and tries every probe (see `probes.py`), and gives the set of
those that raise; a coroutine that is never awaited counts as raising, and so does an error that the executor returns as a dict. Handlers do
nothing that could fail by itself, so each exception is a broken contract.

* The deployed version never fails; a case in which it does is thrown away.
* A state is broken if anything in it fails. An entry that only one version of its file has is run where it is there.
* The candidate may be broken, since edits forget a side. A state is then unsafe for the plan if something fails in it that works in the
  candidate, and with an exception that nothing in the candidate raises. What fails in the candidate as well may hide a second defect behind the
  first: a state in which something of that kind fails, and nothing else, is in doubt, and either answer is taken.
"""

import os
import random
import shutil

from build import build
from edits import edited
from finest import finest
from probes import probes
from render import render
from run import prepare, run

MOST = 6


def case(seed):
    """A system and its edited copy, as `(old texts, new texts, old probes, new probes, log)`; 1 to MOST files differ."""
    rng = random.Random(seed)
    while True:
        deployed = build(rng)
        candidate, log = edited(deployed, rng, rng.choice([1, 1, 2, 2, 3]))
        if rng.random() < 0.4:
            deployed, candidate = candidate, deployed
            log.append("reversed")
        old, new = render(deployed), render(candidate)
        if 1 <= len(changed(old, new)) <= MOST:
            both = (deployed, candidate)
            return old, new, probes(deployed, both), probes(candidate, both), [styles(deployed), *log]


def styles(system):
    """What a system looks like, in a few words."""
    gateway = system.gateway
    routers = sorted({f"{r.style}/{r.access}" for r in system.routers.values()})
    fast = ["fast path"] if gateway.fast_path else []
    return " ".join([f"<{gateway.style} by {gateway.keys}, {gateway.errors}", *fast, *routers]) + ">"


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


def observe(seed, directory):
    """The first case of a seed whose deployed version works: `(paths, log, what fails by mask)`; all states are laid out."""
    attempt = 0
    while True:
        old, new, old_probes, new_probes, log = case(f"{seed}.{attempt}")
        attempt += 1
        paths = changed(old, new)
        prepare([*old.items(), *new.items()])
        failures = []
        for mask in range(1 << len(paths)):
            texts = mixed(old, new, paths, mask)
            tried = mixed(old_probes, new_probes, paths, mask)
            place = os.path.join(directory, str(mask))
            write(place, texts)
            calls = [p for path, made in sorted(tried.items()) if path in texts for p in made]
            failures.append(run(place, calls))
            if failures[0]:
                shutil.rmtree(directory)
                break
        if not failures[0]:
            return paths, log, failures


def fails(name, found):
    """Whether something fails in a run, be it that its module does, so that it was never tried."""
    kind, _, rest = name.partition(":")
    return name in found or (kind == "entry" and f"import:{rest.partition('.')[0]}" in found)


def judge(seed, directory, keep=False):
    """What happened in a seed's case, for a test to read. `directory` keeps the states, or only `deployed` and `candidate`."""
    paths, log, failures = observe(seed, directory)
    last = len(failures) - 1
    for mask in range(1, last):
        if not keep:
            shutil.rmtree(os.path.join(directory, str(mask)))
    os.rename(os.path.join(directory, "0"), os.path.join(directory, "deployed"))
    os.rename(os.path.join(directory, str(last)), os.path.join(directory, "candidate"))
    accepted = failures[last]
    known = set(accepted.values())
    failing = {mask for mask, found in enumerate(failures) if found}
    unsafe = {
        mask
        for mask in failing
        if any(not fails(name, accepted) and text not in known for name, text in failures[mask].items())
    }
    return {
        "seed": seed,
        "log": log,
        "changed": paths,
        "failures": [[f"{name}: {text}" for name, text in sorted(found.items())][:4] for found in failures],
        "unsafe": sorted(unsafe),
        "doubtful": sorted(failing - unsafe),
        "steps": [finest(len(paths), failing), finest(len(paths), unsafe)],
    }
