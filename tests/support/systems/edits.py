"""Random edits. Each is a list of parts, one per side of a contract; a part that is left out is the side that was forgotten.

A part whose label starts with `+` makes a file and is never forgotten: a module that neither version has may come from elsewhere,
so that nobody could say that its import fails.
"""

import copy

import edit_layout
import edit_routes
import edit_sends
import edit_signatures
from build import follow

EDITS = [
    edit for module in (edit_signatures, edit_sends, edit_routes, edit_layout) for edit in module.EDITS
]

FORGETS = 0.15


def keep_up(system):
    """Let calls without a wrapper do what the wrappers do."""
    for app in system.apps.values():
        for direct in list(app.direct):
            found = system.wrapper(direct.route)
            if found:
                follow(direct, found[1])
            else:
                app.direct.remove(direct)


def edited(system, rng, count):
    """A changed copy of a system, and the names of the edits with what was forgotten in each."""
    system = copy.deepcopy(system)
    log = []
    tries = 0
    while len(log) < count and tries < 50:
        tries += 1
        edit = rng.choice(EDITS)
        parts = edit(system, rng)
        if not parts:
            continue
        if any(app.direct for app in system.apps.values()):
            parts.append(("direct calls", lambda: keep_up(system)))
        choices = [n for n, (label, _) in enumerate(parts) if not label.startswith("+")] if len(parts) > 1 else []
        forgotten = rng.choice(choices) if choices and rng.random() < FORGETS else None
        for number, (_, change) in enumerate(parts):
            if number != forgotten:
                change()
        label = "" if forgotten is None else f" without {parts[forgotten][0]}"
        log.append(edit.__name__ + label)
    return system, log
