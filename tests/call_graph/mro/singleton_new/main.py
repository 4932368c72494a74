class Single:
    instance = None

    def __new__(cls):
        if cls.instance is None:
            cls.instance = super().__new__(cls)
            cls.instance.setup()
        return cls.instance

    def setup(self):
        self.ready = True

    def use(self):
        return self.ready


Single().use()
