class Failure(Exception):
    def explain(self):
        return self.detail()

    def detail(self):
        return "detail"


def fail():
    raise Failure()


try:
    fail()
except (KeyError, Failure) as error:
    error.explain()
