import asyncio


async def fetch(name):
    return parse(name)


def parse(name):
    return name


async def main():
    first = await fetch("a")
    rest = await asyncio.gather(fetch("b"), fetch("c"))
    return first, rest


asyncio.run(main())
