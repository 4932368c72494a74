class Small:
    def __init__(self):
        self.size = 1


class Large:
    def __init__(self):
        self.size = 9


def pick(size):
    if size > 5:
        return Large
    return Small


pick(1)()
pick(9)()
