def run():
    return late()


def late():
    return 1


run()
