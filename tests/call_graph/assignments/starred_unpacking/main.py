def head():
    return 0


def tail():
    return 1


def last():
    return 2


one, *others, end = [head, tail, tail, last]
one()
others[0]()
end()
