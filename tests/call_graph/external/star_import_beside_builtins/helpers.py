from math import floor


def size(items):
    return floor(sum(items))
