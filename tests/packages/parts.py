"""Parts of packages: bytecode, compiled modules, installed distributions, the system without some of its files."""

import base64
import hashlib
import importlib.util
import marshal
import struct
import sys

from system import contents

TAG = sys.implementation.cache_tag


def pyc(source, flags=None, mtime=0, size=0, magic=importlib.util.MAGIC_NUMBER):
    code = marshal.dumps(compile(source, "x.py", "exec"))
    if flags is None:
        return magic + struct.pack("<III", 0, mtime, size) + code
    return magic + struct.pack("<I", flags) + importlib.util.source_hash(source) + code


def without(*names):
    return {path: data for path, data in contents().items() if not any(path == name or path.startswith(name + "/") for name in names)}


def elf(machine=62):
    return b"\x7fELF\x02\x01\x01" + b"\0" * 9 + struct.pack("<HH", 3, machine) + b"\0" * 64


def dist(name, version, files, requires=(), headers=(), contents=None):
    """The dist-info of a distribution; with `contents` its RECORD has their digests."""
    folder = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + "".join(f"Requires-Dist: {it}\n" for it in requires)
    metadata += "".join(f"{header}\n" for header in headers)

    def line(path):
        data = (contents or {}).get(path)
        if data is None:
            return f"{path},,\n"
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        return f"{path},sha256={digest},{len(data)}\n"

    record = "".join(line(path) for path in [*files, f"{folder}/METADATA", f"{folder}/RECORD"])
    return {f"{folder}/METADATA": metadata.encode(), f"{folder}/RECORD": record.encode()}


def doubled(path, data):
    return [*contents().items(), (path, data)]
