import importlib

ROUTES = {"cache": ("cache_side", "handle"), "log": ("log_side", "handle")}


def execute(interface, operation, **kwargs):
    module, function = ROUTES[interface]
    handler = getattr(importlib.import_module(module), function)
    return handler(operation, **kwargs)


execute("cache", "get", key="a")
execute("log", "info", text="b")
