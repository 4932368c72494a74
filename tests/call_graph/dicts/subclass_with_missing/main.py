class Lazy(dict):
    def __missing__(self, key):
        self[key] = make(key)
        return self[key]


def make(key):
    return key


lazy = Lazy()
lazy["a"]
