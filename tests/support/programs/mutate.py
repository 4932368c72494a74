"""Small faults, each of which may make a working program fail."""

import ast
import copy

EXPECTED = ("TypeError: ", "AttributeError: ", "NameError: ", "KeyError: ", "UnboundLocalError: ")


def mutants(r, text, most=6):
    """Programs with one fault each, and what it is."""
    tree = ast.parse(text)
    calls = [number for number, node in enumerate(ast.walk(tree)) if isinstance(node, ast.Call) and not _is_print(node)]
    attributes = [number for number, node in enumerate(ast.walk(tree)) if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)]
    names = [number for number, node in enumerate(ast.walk(tree)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    definitions = [number for number, node in enumerate(ast.walk(tree)) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    for _ in range(most):
        kind = r.choice(("keyword", "drop", "add", "attribute", "none", "parameter", "name", "rename"))
        among = {"attribute": attributes, "name": names, "parameter": definitions, "rename": definitions}.get(kind, calls)
        if not among:
            continue
        fresh = copy.deepcopy(tree)
        chosen = r.choice(among)
        node = next(node for number, node in enumerate(ast.walk(fresh)) if number == chosen)
        what = FAULTS[kind](r, node)
        if what:
            yield ast.unparse(fresh) + "\n", f"{what} at line {getattr(node, 'lineno', 0)}"


def _is_print(node):
    return isinstance(node.func, ast.Name) and node.func.id == "print"


def _keyword(r, node):
    named = [keyword for keyword in node.keywords if keyword.arg]
    if named:
        r.choice(named).arg = "wrong_name"
        return "another keyword"
    node.keywords.append(ast.keyword("wrong_name", ast.Constant(1)))
    return "one keyword more"


def _drop(r, node):
    if node.args and (not node.keywords or r.random() < 0.6):
        node.args.pop()
        return "one argument less"
    named = [keyword for keyword in node.keywords if keyword.arg]
    if named:
        node.keywords.remove(r.choice(named))
        return "one keyword less"
    return None


def _add(r, node):
    node.args.append(ast.Constant(9))
    return "one argument more"


def _attribute(r, node):
    node.attr += "_gone"
    return "another attribute"


def _none(r, node):
    if isinstance(node.func, ast.Name):
        node.func = ast.Constant(None)
        return "None called"
    return None


def _parameter(r, node):
    if r.random() < 0.5 and node.args.args and not node.args.defaults:
        node.args.args.append(ast.arg("one_more"))
        return "one parameter more"
    node.args.kwonlyargs.append(ast.arg("one_more"))
    node.args.kw_defaults.append(None)
    return "one keyword-only parameter more"


def _name(r, node):
    node.id += "_gone"
    return "another name"


def _rename(r, node):
    parameters = node.args.args + node.args.kwonlyargs
    if not parameters:
        return None
    r.choice(parameters).arg += "_new"
    return "a parameter renamed"


FAULTS = {
    "keyword": _keyword,
    "drop": _drop,
    "add": _add,
    "attribute": _attribute,
    "none": _none,
    "parameter": _parameter,
    "name": _name,
    "rename": _rename,
}
