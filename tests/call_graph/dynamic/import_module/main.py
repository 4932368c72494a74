import importlib


def load(name):
    return importlib.import_module(f"plugin_{name}")


load("a").run()
load("b").run()
