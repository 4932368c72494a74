from math import floor, sqrt as root
from collections import OrderedDict


def compute(value):
    return floor(root(value))


compute(4)
OrderedDict()
