import enum


class Colour(enum.Enum):
    RED = 1
    BLUE = 2

    def shout(self):
        return self.label().upper()

    def label(self):
        return str(self.name)


Colour.RED.shout()
for colour in Colour:
    colour.label()
