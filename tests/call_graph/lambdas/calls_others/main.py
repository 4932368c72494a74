def inner():
    return 1


run = lambda: inner()
again = lambda: run()
again()
