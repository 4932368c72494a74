def traced(function):
    def wrapper(*args):
        return function(*args)

    return wrapper


@traced
def add(a, b):
    return a + b


add(1, 2)
