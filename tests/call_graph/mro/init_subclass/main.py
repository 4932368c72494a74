class Plugin:
    found = []

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        register(cls)


def register(cls):
    Plugin.found.append(cls)


class Concrete(Plugin):
    def run(self):
        return 1


for plugin in Plugin.found:
    plugin().run()
