def outer():
    def inner():
        return deepest()

    def deepest():
        return 1

    return inner()


outer()
