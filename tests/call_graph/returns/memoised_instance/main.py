_instance = None


class Service:
    def call(self):
        return 1


def service():
    global _instance
    if _instance is None:
        _instance = Service()
    return _instance


service().call()
