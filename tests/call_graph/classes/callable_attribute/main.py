class Button:
    def __init__(self, on_click):
        self.on_click = on_click

    def press(self):
        return self.on_click()


def save():
    return "saved"


def load():
    return "loaded"


Button(save).press()
Button(load).press()
