class Robot:
    def walk(self):
        return "walk"

    def talk(self):
        return "talk"


getattr(Robot(), "walk")()
