class Names(list):
    def add(self, name):
        self.append(self.clean(name))

    def clean(self, name):
        return name


class Options(dict):
    def __getitem__(self, key):
        return self.convert(super().__getitem__(key))

    def convert(self, value):
        return value


Names().add("a")
options = Options(a=1)
options["a"]
