def add():
    return 1


def drop():
    return 2


for index, action in enumerate([add, drop]):
    action()

for name, action in zip(["add"], [add]):
    action()
