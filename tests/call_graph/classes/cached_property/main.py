import functools


class Report:
    @functools.cached_property
    def total(self):
        return self.compute()

    def compute(self):
        return 1


Report().total
