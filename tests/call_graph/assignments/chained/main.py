def work():
    return 1


first = second = work
first()
second()
