"""Damaged zips against `coship verify`: `python3 mutate.py COSHIP DIRECTORY [--count N] [--seed N]`.

Each is an intact package of the system in `system.py` with one to three changes that a seed decides: bytes, cuts, headers that are swapped, repeated or lie. A verdict (exit status 0 or 1)
and a refusal (2, with a message) are both fine. A crash, more than LIMIT seconds, more than LARGEST bytes of memory, or a file that was written is not: it is listed with its seed, and
the exit status is 1. The damaged zip stays in DIRECTORY then.
"""

import argparse
import collections
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

from system import contents, entry, make_tree, pack

LIMIT = 20
LARGEST = 512 * 1024 * 1024
LOCAL, CENTRAL, END = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
#: Where numbers stand in each header, and how wide they are.
FIELDS = {
    LOCAL: [(4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)],
    CENTRAL: [(4, 2), (6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (38, 4), (42, 4)],
    END: [(4, 2), (6, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)],
}
NAMES = [b"../", b"/", b"\\", b"\0", b"./", b"//", b"\xff", b"c:", b"\n", b"\x1b[31m", b"::error::", "\u202e".encode()]


def places(data, signature):
    at = data.find(signature)
    while at >= 0:
        yield at
        at = data.find(signature, at + 1)


def entries(data):
    """The parts of the central directory, each from its signature to the next."""
    found = [*places(data, CENTRAL), *list(places(data, END))[:1]]
    return list(zip(found, found[1:]))


def flip(data, choose):
    data = bytearray(data)
    for _ in range(choose.choice([1, 2, 8, 40])):
        if data:
            data[choose.randrange(len(data))] = choose.randrange(256)
    return bytes(data)


def cut(data, choose):
    at = choose.randrange(len(data) + 1)
    return choose.choice([data[:at], data[at:], data[:at] + data[at + choose.randrange(1, 200) :]])


def grow(data, choose):
    at = choose.randrange(len(data) + 1)
    more = choose.choice([choose.randbytes(choose.randrange(1, 400)), b"\0" * 300, LOCAL * 20, CENTRAL * 20, END * 4, data[at : at + 300]])
    return data[:at] + more + data[at:]


def lie(data, choose):
    """A number of a header is another one."""
    signature = choose.choice(list(FIELDS))
    found = list(places(data, signature))
    if not found:
        return data
    at, width = choose.choice(FIELDS[signature])
    at += choose.choice(found)
    most = (1 << 8 * width) - 1
    now = int.from_bytes(data[at : at + width], "little")
    value = choose.choice([0, 1, 12, 14, 93, 99, most, most - 1, most // 2, now + 1, now - 1, now * 2, choose.randrange(most)])
    return data[:at] + (value & most).to_bytes(width, "little") + data[at + width :]


def swap(data, choose):
    """Two parts of the central directory change places, or their names do not."""
    parts = entries(data)
    if len(parts) < 2:
        return data
    (a, b), (c, d) = sorted(choose.sample(parts, 2))
    if choose.random() < 0.5:
        return data[:a] + data[c:d] + data[b:c] + data[a:b] + data[d:]
    # The one points to the other's data.
    return data[: a + 42] + data[c + 42 : c + 46] + data[a + 46 :]


def repeat(data, choose):
    """A part of the central directory is there again, once or many times; with or without the end knowing."""
    parts = entries(data)
    if not parts:
        return data
    a, b = choose.choice(parts)
    times = choose.choice([1, 2, 200])
    data = data[:b] + data[a:b] * times + data[b:]
    end = data.rfind(END)
    if end >= 0 and choose.random() < 0.7:
        count = min(len(parts) + times, 0xFFFF).to_bytes(2, "little")
        size = int.from_bytes(data[end + 12 : end + 16], "little") + (b - a) * times
        data = data[: end + 8] + count + count + (size & 0xFFFFFFFF).to_bytes(4, "little") + data[end + 16 :]
    return data


def rename(data, choose):
    """Bytes of a name are others."""
    found = [at + 46 for at in places(data, CENTRAL)] + [at + 30 for at in places(data, LOCAL)]
    if not found:
        return data
    at, name = choose.choice(found) + choose.randrange(3), choose.choice(NAMES)
    return data[:at] + name + data[at + len(name) :]


MUTATIONS = [flip, cut, grow, lie, lie, lie, swap, repeat, rename]


def originals(directory):
    """Intact packages of several makes."""
    found = []
    for name, method in [("deflated", zipfile.ZIP_DEFLATED), ("stored", zipfile.ZIP_STORED)]:
        path = directory / f"{name}.zip"
        pack(path, contents(), method=method)
        found.append(path.read_bytes())
    path = directory / "streamed.zip"
    with open(path, "wb") as file:
        # A writer that cannot seek writes sizes behind the data.
        file.seekable = lambda: False
        with zipfile.ZipFile(file, "w") as out:
            for name, data in contents().items():
                out.writestr(entry(name), data)
    found.append(path.read_bytes())
    path = directory / "large.zip"
    with zipfile.ZipFile(path, "w") as out:
        for name, data in contents().items():
            with out.open(entry(name), "w", force_zip64=True) as member:
                member.write(data)
    found.append(path.read_bytes())
    for path in directory.glob("*.zip"):
        path.unlink()
    return found


def damaged(originals, seed):
    choose = random.Random(seed)
    data, made = choose.choice(originals), []
    for _ in range(choose.choice([1, 1, 2, 3])):
        mutation = choose.choice(MUTATIONS)
        made.append(mutation.__name__)
        data = mutation(data, choose)
    return data, made


def run(command, cwd):
    """Exit status, stderr, seconds, bytes of memory."""
    environment = {**os.environ, "COSHIP_NO_CACHE": "1", "RUST_BACKTRACE": "0"}
    begun = time.monotonic()
    process = subprocess.Popen(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    timer = threading.Timer(LIMIT, process.kill)
    timer.start()
    told = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    process.stderr.close()
    return process.returncode, told.decode(errors="replace"), time.monotonic() - begun, usage.ru_maxrss * 1024


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("coship", type=pathlib.Path)
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("--count", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=1)
    given = arguments.parse_args()
    coship, directory = given.coship.resolve(), given.directory.resolve()
    zips = directory / "zips"
    zips.mkdir(parents=True)
    make_tree(directory / "tree")
    intact = originals(zips)

    def one(seed):
        data, made = damaged(intact, seed)
        path = zips / f"{seed}.zip"
        path.write_bytes(data)
        tree = "tree" if seed % 4 == 0 else "none"
        command = [coship, "verify", path.relative_to(directory), "--tree", tree, "--against", "none", "--output-format", "json"]
        status, told, seconds, memory = run([str(it) for it in command], directory)
        is_told = status in (0, 1) or (status == 2 and told.startswith("error: "))
        is_fine = is_told and "panicked" not in told and seconds < LIMIT and memory < LARGEST
        if is_fine:
            path.unlink()
        return seed, made, status, told, seconds, memory, is_fine

    before = sorted(os.listdir(directory))
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(one, range(given.seed, given.seed + given.count)))
    wrong = [it for it in results if not it[-1]]
    for seed, made, status, told, seconds, memory, _ in wrong:
        print(f"{seed}: {made}: status {status}, {seconds:.1f} s, {memory >> 20} MB: {told[:300]}")
    if sorted(os.listdir(directory)) != before or sorted(os.listdir(zips)) != sorted(f"{it[0]}.zip" for it in wrong):
        print("files were written")
        wrong.append(None)
    statuses = collections.Counter(it[2] for it in results)
    slowest, largest = max(it[4] for it in results), max(it[5] for it in results)
    print(f"{len(results)} zips: " + ", ".join(f"status {status} {many}" for status, many in sorted(statuses.items())) + f"; at most {slowest:.1f} s, {largest >> 20} MB")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
