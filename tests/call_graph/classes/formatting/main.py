class Money:
    def __init__(self, amount):
        self.amount = amount

    def __format__(self, spec):
        return self.text()

    def text(self):
        return str(self.amount)


class Plain:
    def __str__(self):
        return "plain"


def report(money, plain):
    return f"{money:>8} {plain}"


report(Money(1), Plain())
