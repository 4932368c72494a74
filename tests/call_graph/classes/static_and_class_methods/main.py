class Temperature:
    def __init__(self, degrees):
        self.degrees = degrees

    @classmethod
    def from_fahrenheit(cls, value):
        return cls(cls.convert(value))

    @staticmethod
    def convert(value):
        return (value - 32) / 1.8


Temperature.from_fahrenheit(100)
Temperature.convert(50)
