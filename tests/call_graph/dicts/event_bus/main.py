class Bus:
    def __init__(self):
        self.handlers = {}

    def on(self, name, handler):
        self.handlers.setdefault(name, []).append(handler)

    def emit(self, name):
        for handler in self.handlers.get(name, []):
            handler(name)


def log(name):
    return name


def store(name):
    return name


bus = Bus()
bus.on("save", log)
bus.on("save", store)
bus.emit("save")
