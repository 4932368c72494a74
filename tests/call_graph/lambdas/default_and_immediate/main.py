def ask(question=lambda: "why"):
    return question()


ask()
(lambda text: text.upper())("now")
