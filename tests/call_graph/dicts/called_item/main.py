def start():
    return 1


def stop():
    return 2


table = {"start": start, "stop": stop}
table["start"]()
