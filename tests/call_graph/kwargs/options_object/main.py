class Options:
    def __init__(self, **kwargs):
        self.on_done = kwargs.get("on_done")
        for name, value in kwargs.items():
            setattr(self, name, value)


def done():
    return 1


def start():
    return 2


def run(options):
    options.on_start()
    if options.on_done:
        options.on_done()


run(Options(on_done=done, on_start=start))
