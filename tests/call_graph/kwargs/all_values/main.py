def one():
    return 1


def two():
    return 2


def run(**steps):
    for name, step in steps.items():
        step()


run(one=one, two=two)
