class Base:
    def setup(self):
        return 1


class Child(Base):
    def setup(self):
        Base.setup(self)
        return 2


Child().setup()
