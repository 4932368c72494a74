class Outer:
    class Inner:
        def __init__(self):
            self.value = self.compute()

        def compute(self):
            return 1

    def make(self):
        return self.Inner()


Outer().make().compute()
