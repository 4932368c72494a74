class Circle:
    def __init__(self, size):
        self.size = size


class Square:
    def __init__(self, size):
        self.size = size


def build(kind, size):
    return kind(size)


build(Circle, 1)
build(Square, 2)
