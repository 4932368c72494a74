class Record:
    def __init__(self):
        self.seen = []

    def __getattr__(self, name):
        return self.missing(name)

    def missing(self, name):
        return name


class Strict:
    def __setattr__(self, name, value):
        object.__setattr__(self, name, self.checked(value))

    def checked(self, value):
        return value


Record().anything
strict = Strict()
strict.size = 1
