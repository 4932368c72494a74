class Plugin:
    pass


def run(self):
    return self.name()


def name(self):
    return "plugin"


setattr(Plugin, "run", run)
Plugin.name = name
Plugin().run()
