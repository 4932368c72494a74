import functools


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        note(function.__name__)
        return function(*args, **kwargs)

    return wrapper


def note(name):
    return name


@logged
def compute(x, y=1):
    return x + y


compute(1, y=2)
