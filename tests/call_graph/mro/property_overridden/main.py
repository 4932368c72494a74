class Base:
    @property
    def title(self):
        return self.make("base")

    def make(self, text):
        return text

    def show(self):
        return self.title


class Child(Base):
    @property
    def title(self):
        return self.make("child")


Child().show()
Base().show()
