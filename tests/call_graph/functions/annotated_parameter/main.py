class Store:
    def load(self):
        return self.read()

    def read(self):
        return 1


def show(store: Store):
    return store.load()


def run(maker):
    return show(maker())


run(Store)
