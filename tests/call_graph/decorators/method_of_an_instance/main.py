class App:
    def __init__(self):
        self.hooks = []

    def hook(self, function):
        self.hooks.append(function)
        return function

    def run(self):
        for hook in self.hooks:
            hook()


app = App()


@app.hook
def first():
    return 1


@app.hook
def second():
    return 2


app.run()
