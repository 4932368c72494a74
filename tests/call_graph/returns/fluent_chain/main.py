class Query:
    def __init__(self):
        self.parts = []

    def where(self, part):
        self.parts.append(part)
        return self

    def limit(self, count):
        return self

    def run(self):
        return self.parts


Query().where("a").limit(1).run()
