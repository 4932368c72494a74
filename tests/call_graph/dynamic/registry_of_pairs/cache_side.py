def get(key):
    return key


def clear():
    return None


TABLE = {"get": get, "clear": lambda **kwargs: clear()}


def handle(operation, **kwargs):
    return TABLE[operation](**kwargs)
