class App:
    def __init__(self):
        self.routes = {}

    def route(self, path):
        def register(handler):
            self.routes[path] = handler
            return handler

        return register

    def handle(self, path):
        return self.routes[path]()


app = App()


@app.route("/")
def index():
    return "index"


@app.route("/help")
def help_page():
    return "help"


app.handle("/")
app.handle("/help")
