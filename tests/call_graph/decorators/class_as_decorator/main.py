class Cached:
    def __init__(self, function):
        self.function = function

    def __call__(self, value):
        return self.function(value)


@Cached
def square(value):
    return value * value


square(3)
