class Account:
    def __init__(self, owner):
        self.owner = owner
        self.reset()

    def reset(self):
        self.balance = 0

    def deposit(self, amount):
        self.balance += amount
        return self.report()

    def report(self):
        return self.balance


Account("me").deposit(3)
