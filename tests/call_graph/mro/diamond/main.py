class Root:
    def run(self):
        return "root"


class Left(Root):
    def run(self):
        return super().run()


class Right(Root):
    def run(self):
        return super().run()


class Both(Left, Right):
    def run(self):
        return super().run()


Both().run()
