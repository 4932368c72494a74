def open_it():
    return "open"


def close_it():
    return "closed"


def both(before, after):
    before()
    after()


both(*[open_it, close_it])
