def leaf():
    return 1


def middle(callback):
    return outer(callback)


def outer(callback):
    return callback()


middle(leaf)
