__all__ = ["circle", "square"]


def circle():
    return _pi()


def square():
    return 4


def _pi():
    return 3
