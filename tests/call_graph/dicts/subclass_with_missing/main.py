class Lazy(dict):
    def __missing__(self, key):
        return make(key)


def make(key):
    return key


lazy = Lazy()
lazy["a"]
