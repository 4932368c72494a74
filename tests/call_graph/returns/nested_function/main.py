def make():
    def made():
        return leaf()

    return made


def leaf():
    return 1


make()()
