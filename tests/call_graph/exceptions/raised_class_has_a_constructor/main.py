class Refused(Exception):
    def __init__(self, reason="none"):
        super().__init__(reason)
        self.reason = reason


def refuse(reason):
    raise Refused(reason)


def give_up():
    raise Refused


for action in (lambda: refuse("no"), give_up):
    try:
        action()
    except Refused:
        pass
