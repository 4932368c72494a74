def __getattr__(name):
    return resolve(name)


def resolve(name):
    import real

    return getattr(real, name)
