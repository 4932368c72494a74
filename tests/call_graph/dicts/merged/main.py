def old():
    return 1


def new():
    return 2


base = {"run": old, "extra": old}
merged = {**base, "run": new}
merged["run"]()
united = base | {"extra": new}
united["extra"]()
