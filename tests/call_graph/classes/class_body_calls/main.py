def default_size():
    return 3


def checked(value):
    return value


class Settings:
    size = checked(default_size())
    sizes = [checked(value) for value in (1, 2)]


Settings.size
