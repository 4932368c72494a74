"""Random signatures, and calls that fit them."""

NAMES = ["key", "value", "ttl", "name", "size", "mode", "flag", "limit", "path", "data"]

VALUES = ["None", "True", "False", "0", "1", "3", "2.5", "''", "'run'", "'a.b'", "b'x'", "()", "(1, 2)", "[1]", "[]", "{}", "{'key': 1}", "len", "int", "lambda x=0: x"]


def value(r):
    return r.choice(VALUES)


class Signature:
    """What a function takes: for each parameter its kind (`/`, `|`, `*`, `k`, `**`), its name, and whether it has a default."""

    def __init__(self, r, most=4, star=True):
        names = r.sample(NAMES, r.randint(0, most))
        kinds = sorted(r.choice("/||k") for _ in names)
        kinds = [k for k in "/|k" for found in kinds if found == k]
        self.parameters, optional = [], False
        for kind, name in zip(kinds, names):
            if kind == "k":
                has_default = r.random() < 0.5
            else:
                optional = has_default = optional or r.random() < 0.3
            self.parameters.append((kind, name, value(r) if has_default else None))
        self.args = star and r.random() < 0.25
        self.kwargs = star and r.random() < 0.25

    def text(self, first=""):
        parts = [first] if first else []
        kinds = [kind for kind, _, _ in self.parameters]
        for index, (kind, name, default) in enumerate(self.parameters):
            if kind == "k" and "k" not in kinds[:index]:
                parts.append("*args" if self.args else "*")
            parts.append(name if default is None else f"{name}={default}")
            if kind == "/" and kinds[index + 1 : index + 2] != ["/"]:
                parts.append("/")
        if self.args and "k" not in kinds:
            parts.append("*args")
        if self.kwargs:
            parts.append("**kwargs")
        return ", ".join(parts)

    def names(self):
        return [name for _, name, _ in self.parameters] + ["args"] * self.args + ["kwargs"] * self.kwargs

    def arguments(self, r):
        """Positionals and keywords that fit."""
        positionals, keywords, open_ = [], [], True
        for kind, name, default in self.parameters:
            if default is not None and r.random() < 0.5:
                open_ = False
            elif kind == "/" and open_ or kind == "|" and open_ and r.random() < 0.6:
                positionals.append(value(r))
            elif kind != "/":
                keywords.append((name, value(r)))
                open_ = False
        if self.args and open_ and r.random() < 0.5:
            if not keywords:
                positionals += [value(r) for _ in range(r.randint(1, 2))]
        if self.kwargs and r.random() < 0.5:
            keywords.append(("other", value(r)))
        r.shuffle(keywords)
        return positionals, keywords

    def call(self, r):
        """The same as text, written out, or by `*` and `**`."""
        positionals, keywords = self.arguments(r)
        parts = list(positionals)
        if positionals and r.random() < 0.2:
            parts = [f"*({', '.join(positionals)},)"]
        if keywords and r.random() < 0.2:
            parts.append("**{" + ", ".join(f"'{k}': {v}" for k, v in keywords) + "}")
        elif keywords and r.random() < 0.1:
            parts.append("**dict(" + ", ".join(f"{k}={v}" for k, v in keywords) + ")")
        else:
            parts += [f"{k}={v}" for k, v in keywords]
        return ", ".join(parts)
