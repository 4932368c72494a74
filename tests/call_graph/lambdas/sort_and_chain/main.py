def key_of(item):
    return item[0]


pick = lambda item: key_of(item)
result = sorted([("b", 1), ("a", 2)], key=pick)
