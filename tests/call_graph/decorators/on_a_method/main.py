def checked(method):
    def wrapper(self, value):
        self.check(value)
        return method(self, value)

    return wrapper


class Store:
    def check(self, value):
        return bool(value)

    @checked
    def put(self, value):
        return value


Store().put(1)
