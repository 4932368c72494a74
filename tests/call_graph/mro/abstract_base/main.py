import abc


class Reader(abc.ABC):
    @abc.abstractmethod
    def read(self):
        ...

    def read_all(self):
        return [self.read()]


class FileReader(Reader):
    def read(self):
        return "file"


def consume(reader):
    return reader.read_all()


consume(FileReader())
