def read():
    return 1


def write():
    return 2


def table():
    return {"read": read, "write": write}


table()["read"]()
opened = table()
opened["write"]()
