import json
import os.path


def save(data):
    return json.dumps(data)


def place(name):
    return os.path.join("tmp", name)


save({})
place("a")
