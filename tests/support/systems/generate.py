"""Writes random gateway systems in every mixed state, and what CPython says of each.

    python3 generate.py FIRST COUNT DIRECTORY
"""

import json
import sys

from states import judge


def main():
    first, count, directory = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    for seed in range(first, first + count):
        print(json.dumps(judge(seed, directory)), flush=True)


if __name__ == "__main__":
    main()
