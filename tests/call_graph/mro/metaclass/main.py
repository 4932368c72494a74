class Meta(type):
    def __new__(mcs, name, bases, namespace):
        return super().__new__(mcs, name, bases, namespace)

    def __call__(cls, *args):
        cls.announce()
        return super().__call__(*args)

    def announce(cls):
        return cls.__name__


class Thing(metaclass=Meta):
    def __init__(self, size):
        self.size = size


Thing(1)
