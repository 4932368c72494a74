def weight(item):
    return item["weight"]


def lightest(items):
    return min(items, key=weight)


heavy = max([{"weight": 1}, {"weight": 2}], key=lambda item: item["weight"])
lightest([heavy])
