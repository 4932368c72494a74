def connect():
    return handshake()


def handshake():
    return True
