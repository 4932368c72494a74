def work(value):
    return value


def run(values):
    return [work(value) for value in values if keep(value)]


def keep(value):
    return True


run([1, 2])
[step(1) for step in (work, keep)]
