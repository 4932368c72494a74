class Shelf:
    def __init__(self):
        self.items = {}

    def __getitem__(self, key):
        return self.items[key]

    def __setitem__(self, key, value):
        self.items[key] = value

    def __delitem__(self, key):
        del self.items[key]

    def __contains__(self, key):
        return key in self.items


def fill(shelf):
    shelf["a"] = 1
    if "a" in shelf:
        shelf["a"]
        del shelf["a"]


fill(Shelf())
