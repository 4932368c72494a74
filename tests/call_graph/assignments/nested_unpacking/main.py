def up():
    return 1


def down():
    return 2


(name, (go, back)) = ("lift", (up, down))
go()
back()
