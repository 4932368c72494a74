import target


def replacement():
    return "patched"


target.use()
target.work = replacement
target.use()
