def greet():
    return "hello"


hello = greet
salute = hello
salute()
