#!/usr/bin/env python3
"""What classes and their instances have from `type`, `object`, the metaclasses and the base classes of the standard library.

    python3 tests/type_attributes.py PYTHON...        prints the table of src/eval/objects/builtin.rs: the union over these interpreters
    python3 tests/type_attributes.py --check FILE     whether the table in FILE has all that this interpreter has

For each base class: the names that a class deriving from it has itself (its metaclass's and its bases'), and those that its instances have. Of names like
`__init__` only those of the builtin types are listed: nearly everything has the others.
"""

import json
import re
import subprocess
import sys

ASK = r"""
import abc, enum, json, sys, typing

class Plain: pass
class Abstract(abc.ABC): pass
class Member(enum.Enum):
    A = 1
class Fields(typing.NamedTuple):
    only_field: int = 0
T = typing.TypeVar('T')
class Generic(typing.Generic[T]): pass
class Protocol(typing.Protocol): pass
class Implementation(Protocol): pass

def names(value):
    # Not dir(): enums and others leave things out there.
    places = [value] + list(value.__mro__) if isinstance(value, type) else [value]
    places += type(value).__mro__
    found = {n for place in places for n in getattr(place, '__dict__', ())}
    return sorted(n for n in found if not (n.startswith('__') and n.endswith('__')) and n not in ('A', 'only_field'))

found = {}
for base, cls, instance in [
    ('builtins.object', Plain, Plain()),
    ('abc.ABC', Abstract, Abstract()),
    ('enum.Enum', Member, Member.A),
    ('typing.NamedTuple', Fields, Fields()),
    ('typing.Generic', Generic, Generic()),
    ('typing.Protocol', Protocol, Implementation()),
]:
    found[base] = [names(cls), names(instance)]
print(json.dumps(found))
"""


def ask(python):
    return json.loads(subprocess.run([python, '-c', ASK], capture_output=True, text=True, check=True).stdout)


def union(pythons):
    found = {}
    for python in pythons:
        for base, lists in ask(python).items():
            known = found.setdefault(base, [set(), set()])
            for all_names, names in zip(known, lists):
                all_names.update(names)
    # What every class has is said once.
    for base, lists in found.items():
        if base != 'builtins.object':
            for names, everywhere in zip(lists, found['builtins.object']):
                names -= everywhere
    return found


def listed(names):
    lines = []
    for name in sorted(names):
        if lines and len(lines[-1]) + len(name) < 120:
            lines[-1] += f' "{name}",'
        else:
            lines.append(f'            "{name}",')
    return '\n'.join(lines)


def table(found):
    parts = []
    for base, (of_class, of_instance) in sorted(found.items()):
        def array(names):
            return '&[\n' + listed(names) + '\n        ]' if names else '&[]'
        parts.append(f'    Given {{\n        base: "{base}",\n        to_class: {array(of_class)},\n        to_instances: {array(of_instance)},\n    }},')
    return '\n'.join(parts)


def check(path):
    text = open(path).read()
    known = {}
    for base, of_class, of_instance in re.findall(r'base: "([^"]+)",\s*to_class: &\[(.*?)\],\s*to_instances: &\[(.*?)\],', text, re.S):
        known[base] = [set(re.findall(r'"([^"]+)"', names)) for names in (of_class, of_instance)]
    missing = []
    for base, lists in union([sys.executable]).items():
        for what, names, has in zip(('class', 'instances'), lists, known.get(base, [set(), set()])):
            missing += [f'{base}: {what}: {name}' for name in sorted(names - has)]
    print('\n'.join(missing))
    return 1 if missing else 0


if __name__ == '__main__':
    if sys.argv[1:2] == ['--check']:
        sys.exit(check(sys.argv[2]))
    print(table(union(sys.argv[1:] or [sys.executable])))
