class Config:
    handler = None


def handle():
    return 1


Config.handler = staticmethod(handle)
Config.handler()


class Other:
    action = handle


Other.action()
