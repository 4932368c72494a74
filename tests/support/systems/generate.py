"""Writes random gateway systems, and what CPython says of each of their mixed states: one line of JSON per seed.

    python3 generate.py FIRST COUNT DIRECTORY [--keep]

`DIRECTORY/SEED` gets `deployed` and `candidate`, with `--keep` also every mixed state under its number.
"""

import json
import os
import sys

from states import judge


def main():
    first, count, directory = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for seed in range(first, first + count):
        told = judge(seed, os.path.join(directory, str(seed)), "--keep" in sys.argv)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
