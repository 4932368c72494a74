class Rows:
    def __init__(self, rest=None):
        self.rest = rest

    def __iter__(self):
        if self.rest:
            return iter(self.rest)
        return Columns(self)


class Columns:
    def __init__(self, rows):
        self.rows = rows

    def __iter__(self):
        if self.rows is None:
            return Rows()
        return self

    def __next__(self):
        if self.rows is None:
            raise StopIteration
        self.rows = None
        return show


def show():
    pass


for each in Rows():
    each()

for each in Rows([show]):
    each()
