def identity(value):
    return value


def target():
    return 1


identity(target)()
identity(identity)(target)()
