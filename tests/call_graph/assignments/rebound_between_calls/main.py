def before():
    return 1


def after():
    return 2


step = before
step()
step = after
step()
