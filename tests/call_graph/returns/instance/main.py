class Engine:
    def start(self):
        return self.ignite()

    def ignite(self):
        return True


class Car:
    def __init__(self):
        self.motor = build()

    def engine(self):
        return self.motor


def build():
    return Engine()


Car().engine().start()
