def one():
    return 1


def two():
    return 2


def three():
    return 3


steps = [one] + [two, three]
for step in steps[1:]:
    step()
steps[0]()
