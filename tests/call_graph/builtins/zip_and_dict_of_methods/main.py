class Calculator:
    def __init__(self):
        self.operations = {"+": self.add, "-": self.subtract}

    def add(self, a, b):
        return a + b

    def subtract(self, a, b):
        return a - b

    def run(self, operator, a, b):
        return self.operations[operator](a, b)


Calculator().run("+", 1, 2)
Calculator().run("-", 1, 2)
