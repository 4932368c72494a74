from dataclasses import dataclass, field


def new_tags():
    return []


@dataclass
class Note:
    text: str
    tags: list = field(default_factory=new_tags)

    def __post_init__(self):
        self.normalise()

    def normalise(self):
        self.text = self.text.strip()


Note(" hi ").normalise()
