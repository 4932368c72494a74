class Amount:
    def __init__(self, cents):
        self.cents = cents

    def __str__(self):
        return f"{self.cents / 100:.2f}"

    def __repr__(self):
        return f"Amount({self.cents})"

    def __len__(self):
        return self.cents

    def __bool__(self):
        return self.cents > 0

    def __int__(self):
        return self.cents

    def __hash__(self):
        return hash(self.cents)


amount = Amount(5)
str(amount)
repr(amount)
len(amount)
bool(amount)
int(amount)
hash(amount)
