def make():
    return 3


def use(value):
    return value


if (number := make()) and (chosen := use):
    chosen(number)
