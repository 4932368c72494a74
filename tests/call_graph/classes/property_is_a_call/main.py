class Box:
    def __init__(self, width):
        self._width = width

    @property
    def width(self):
        return self._width

    @width.setter
    def width(self, value):
        self._width = self.checked(value)

    def checked(self, value):
        return value


def measure(box):
    return box.width


box = Box(1)
box.width = 2
measure(box)
