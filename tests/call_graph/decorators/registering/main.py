REGISTRY = {}


def command(name):
    def register(function):
        REGISTRY[name] = function
        return function

    return register


@command("start")
def start():
    return "started"


@command("stop")
def stop():
    return "stopped"


def dispatch(name):
    return REGISTRY[name]()


dispatch("start")
dispatch("stop")
