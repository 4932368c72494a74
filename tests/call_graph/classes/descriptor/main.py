class Field:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, instance, owner):
        return self.load(instance)

    def __set__(self, instance, value):
        instance.__dict__[self.name] = value

    def load(self, instance):
        return instance.__dict__[self.name]


class Row:
    key = Field()

    def __init__(self, key):
        self.key = key


Row(1).key
