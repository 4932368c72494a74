class Job:
    def run(self):
        self.prepare()
        return self.work()

    def prepare(self):
        return 0

    def work(self):
        raise NotImplementedError


class Copy(Job):
    def work(self):
        return 1


class Move(Job):
    def prepare(self):
        return 2

    def work(self):
        return 3


Copy().run()
Move().run()
