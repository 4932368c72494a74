def read():
    return 1


def write():
    return 2


api = {"file": {"read": read}, "pipe": {"write": write}}
api["file"]["read"]()
api["pipe"]["write"]()
