def act():
    return 1


def run(callback=None):
    if callback:
        callback()


run(callback=act)
