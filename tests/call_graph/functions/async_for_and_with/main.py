import asyncio


class Connection:
    async def __aenter__(self):
        return self

    async def __aexit__(self, kind, error, trace):
        await self.close()

    async def close(self):
        return None

    async def rows(self):
        for number in (1, 2):
            yield convert(number)


def convert(number):
    return number


async def main():
    async with Connection() as connection:
        async for row in connection.rows():
            use(row)


def use(row):
    return row


asyncio.run(main())
