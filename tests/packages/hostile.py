"""Makes zips that no packager makes: `python3 hostile.py DIRECTORY`. All of it is harmless: small files, nothing that is meant for other programs.

Prints a JSON list: the package, and the rule that should report it; none if it has to be refused.
"""

import json
import pathlib
import struct
import sys
import warnings
import zipfile

from system import entry, pack

LARGE = 600 * 1024 * 1024


def patched(data, signature, at, value, which=0):
    """With a field of a header changed; `at` counts from the signature."""
    place = -1
    for _ in range(which + 1):
        place = data.index(signature, place + 1)
    return data[: place + at] + value + data[place + at + len(value) :]


def main(directory):
    directory = pathlib.Path(directory).resolve()
    found = []

    def raw(kind, data, rule=None):
        path = directory / f"{kind}.zip"
        path.write_bytes(data)
        found.append({"package": path.name, "rule": rule})

    def made(kind, members, rule=None):
        pack(directory / f"{kind}.zip", members)
        found.append({"package": f"{kind}.zip", "rule": rule})

    code = b"def lambda_handler(event, context):\n    return 1\n"
    made("traversal", {"lambda_function.py": code, "../outside.py": b"x = 1\n"}, "invisible-name")
    made("deep-traversal", {"lambda_function.py": code, "a/../../outside.py": b"x = 1\n"}, "invisible-name")
    made("absolute", {"lambda_function.py": code, "/tmp/outside.py": b"x = 1\n"}, "invisible-name")
    made("drive", {"lambda_function.py": code, "c:/outside.py": b"x = 1\n"}, "invisible-name")
    made("link-out", [("lambda_function.py", code), (entry("passwd", 0o120777), b"/etc/passwd")], "invisible-name")
    pack(directory / "plain.zip", {"lambda_function.py": code, "b.py": code * 2})
    plain = (directory / "plain.zip").read_bytes()
    (directory / "plain.zip").unlink()
    local, central, end = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"
    flag = struct.pack("<H", 1)
    raw("encrypted", patched(patched(plain, central, 8, flag), local, 6, flag), "unsupported-compression")
    raw("truncated", plain[: plain.index(central) + 20])
    raw("half-directory", plain[: plain.index(central) + 60] + plain[plain.index(end) :])
    raw("no-end", plain[: plain.index(end)])
    raw("empty-file", b"")
    raw("text", b"PK this is no zip\n" * 10)
    raw("larger-than-said", patched(plain, central, 24, struct.pack("<I", 5)))
    raw("smaller-than-said", patched(plain, central, 24, struct.pack("<I", 500)))
    raw("wrong-checksum", patched(plain, central, 16, b"\1\2\3\4"))
    raw("wrong-count", patched(plain, end, 10, struct.pack("<H", 9)))
    # The second name points to the first one's data.
    raw("overlap", patched(plain, central, 42, struct.pack("<I", 0), which=1))
    with zipfile.ZipFile(directory / "bomb.zip", "w") as out, out.open(entry("zeros.bin"), "w", force_zip64=True) as member:
        for _ in range(LARGE // (1024 * 1024)):
            member.write(bytes(1024 * 1024))
    found.append({"package": "bomb.zip", "rule": None})
    many = {f"m{number}/f.txt": b"" for number in range(100_000)}
    made("many", {"lambda_function.py": code, **many, "../x.py": b""}, "invisible-name")
    json.dump(found, sys.stdout, indent=1)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(sys.argv[1])
