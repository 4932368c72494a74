def first():
    return 1


def second():
    return 2


for step in [first, second]:
    step()
