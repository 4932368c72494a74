def known():
    return 1


def fallback():
    return 2


HANDLERS = {"known": known}


def handle(name):
    return HANDLERS.get(name, fallback)()


handle("known")
handle("other")
