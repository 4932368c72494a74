class Logged:
    def save(self):
        self.log()
        return super().save()

    def log(self):
        return 1


class Store:
    def save(self):
        return 2


class LoggedStore(Logged, Store):
    pass


LoggedStore().save()
