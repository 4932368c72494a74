class Counter:
    def __init__(self):
        self.total = 0

    def add(self, value):
        self.total += value


def each(values, action):
    for value in values:
        action(value)


counter = Counter()
each([1, 2], counter.add)
