def run():
    return step()


def step():
    return "b"
