class Session:
    def __enter__(self):
        self.open()
        return self

    def __exit__(self, kind, error, trace):
        self.close()

    def open(self):
        return 1

    def close(self):
        return 2

    def query(self):
        return 3


def work():
    with Session() as session:
        session.query()


work()
