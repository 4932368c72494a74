def on_point(x):
    return x


def on_text(text):
    return text


def on_other():
    return None


class Point:
    def __init__(self, x):
        self.x = x


def handle(value):
    match value:
        case Point(x=x):
            return on_point(x)
        case str() as text:
            return on_text(text)
        case _:
            return on_other()


handle(Point(1))
handle("a")
handle(2)
