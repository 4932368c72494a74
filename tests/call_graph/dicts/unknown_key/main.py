import sys


def red():
    return 1


def green():
    return 2


COLOURS = {"red": red, "green": green}


def paint(name):
    return COLOURS[name]()


for name in sorted(COLOURS):
    paint(name)
