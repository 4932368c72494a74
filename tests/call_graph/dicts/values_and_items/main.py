def one():
    return 1


def two():
    return 2


table = {"one": one, "two": two}
for action in table.values():
    action()


def run(steps):
    for name, step in steps.items():
        step()


run({"two": two})
