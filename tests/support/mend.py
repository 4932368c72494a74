"""Stand-ins for what is known to fail, so that what hides behind it can be reached.

A program with two mistakes shows the second only when the first is mended. Here the first is: the expression that raises, or the name that
an import does not find, gives way to an object that takes everything. Nothing else of the program changes.
"""

import ast
import builtins
import unittest.mock

STAND_IN = "__stand_in__"


def provide():
    """Makes the stand-in known to all modules."""
    setattr(builtins, STAND_IN, unittest.mock.MagicMock(name=STAND_IN))


def mended(data, path, ranges):
    """The syntax tree of a file (bytes) whose ranges, as a report gives them, are stood in for."""
    tree = ast.parse(data, path)
    lines = data.decode("utf-8-sig").splitlines() or [""]

    def place(position):
        return position["line"], len(lines[position["line"] - 1][:position["column"] - 1].encode())

    mender = _Mender([(place(one["start"]), place(one["end"])) for one in ranges])
    return ast.fix_missing_locations(mender.visit(tree))


def _span(node):
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _holds(outer, inner):
    return outer[0] <= inner[0] and inner[1] <= outer[1]


class _Mender(ast.NodeTransformer):
    """Puts the stand-in where the smallest expressions around ranges are, and for names whose import is in one."""

    def __init__(self, ranges):
        self._ranges = ranges

    def visit(self, node):
        """Replaces an expression if it is the smallest around a range."""
        if isinstance(node, ast.expr) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            inner = [child for child in ast.walk(node) if isinstance(child, ast.expr) and child is not node]
            if any(_holds(_span(node), one) and not any(_holds(_span(child), one) for child in inner) for one in self._ranges):
                return ast.copy_location(ast.Name(STAND_IN, ast.Load()), node)
        return super().visit(node)

    def _import(self, node):
        meant = [one for one in self._ranges if _holds(_span(node), one)]
        named = [alias for alias in node.names if any(_holds(_span(alias), one) for one in meant)]
        # A range beside all names is the module's: none of them can be had.
        gone = node.names if len(named) < len(meant) else named
        if not gone or any(alias.name == "*" for alias in gone):
            return node
        stand_ins = [
            ast.copy_location(ast.parse(f"{alias.asname or alias.name.partition('.')[0]} = {STAND_IN}").body[0], node) for alias in gone
        ]
        node.names = [alias for alias in node.names if alias not in gone]
        return [node, *stand_ins] if node.names else stand_ins

    visit_Import = visit_ImportFrom = _import
