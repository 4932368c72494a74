class Tree:
    def __init__(self, children):
        self.children = children

    def __iter__(self):
        for child in self.children:
            yield self.wrap(child)

    def wrap(self, child):
        return Leaf(child)


class Leaf:
    def __init__(self, name):
        self.name = name

    def show(self):
        return self.name


for leaf in Tree(["a"]):
    leaf.show()
