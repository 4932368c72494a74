def plain(value):
    return value


def doubled(value):
    return value * 2


def convert(value, how=plain):
    return how(value)


convert(1)
convert(2, doubled)
