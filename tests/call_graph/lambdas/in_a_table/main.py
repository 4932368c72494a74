def load(key):
    return key


TABLE = {
    "load": lambda **kwargs: load(**kwargs),
    "drop": lambda key: None,
}


def run(name, **kwargs):
    return TABLE[name](**kwargs)


run("load", key=1)
run("drop", key=2)
