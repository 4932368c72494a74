class Label:
    def __init__(self, text):
        self.text = text

    def __str__(self):
        return self.text


def show(label):
    print("label:", label)


show(Label("x"))
