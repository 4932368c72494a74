import typing


class Point(typing.NamedTuple):
    x: int
    y: int

    def moved(self, by):
        return Point(self.x + by, self.size())

    def size(self):
        return self.y


Point(1, 2).moved(3).size()
