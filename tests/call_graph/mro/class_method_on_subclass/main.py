class Model:
    def __init__(self):
        self.kind = self.label()

    @classmethod
    def create(cls):
        return cls()

    def label(self):
        return "model"


class Page(Model):
    def label(self):
        return "page"


Page.create()
