def area_of(shape):
    return 1


class Shape:
    area = lambda self: area_of(self)
    name = property(lambda self: self.area())


shape = Shape()
shape.area()
shape.name
