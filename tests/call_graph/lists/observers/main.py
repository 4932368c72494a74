class Subject:
    def __init__(self):
        self.observers = []

    def attach(self, observer):
        self.observers.append(observer)

    def notify(self):
        for observer in self.observers:
            observer.update()


class Screen:
    def update(self):
        return "screen"


class Printer:
    def update(self):
        return "printer"


subject = Subject()
subject.attach(Screen())
subject.attach(Printer())
subject.notify()
