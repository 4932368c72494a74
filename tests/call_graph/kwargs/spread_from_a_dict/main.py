def before():
    return 1


def after():
    return 2


def run(first, second):
    first()
    second()


options = {"first": before, "second": after}
run(**options)
