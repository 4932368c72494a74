"""Random programs, each of a few pieces."""

from programs import classes, functions

PRELUDE = """\
import abc
import asyncio
import collections
import contextlib
import dataclasses
import enum
import functools
import inspect
import operator
import re
import sys
import types
import typing

"""

FAMILIES = functions.FAMILIES + classes.FAMILIES


def program(r):
    """What it is made of, and its text."""
    chosen = [r.choice(FAMILIES) for _ in range(r.choice((1, 1, 2, 3)))]
    parts = [family(r, f"{'abc'[index]}") for index, family in enumerate(chosen)]
    return " ".join(family.__name__ for family in chosen), PRELUDE + "\n\n".join(parts)
