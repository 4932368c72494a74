class Problem(ValueError):
    pass


class Detailed(ValueError):
    def __init__(self, text, code):
        ValueError.__init__(self, text)
        self.code = code


def check(value):
    if value < 0:
        raise Problem("negative")
    if value > 9:
        raise Detailed("large", 1)


for value in (-1, 10):
    try:
        check(value)
    except ValueError:
        pass
