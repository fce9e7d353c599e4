"""The chat server that many would write first, with Python's asyncio: to compare with. The first line of a
client is its room; every later line goes to all others in it.

    asyncio_chat.py PORT      0: a port of its own; prints "listening on PORT" """
import asyncio
import resource
import sys

rooms = {}


async def serve(reader, writer):
    room = rooms.setdefault(await reader.readline(), set())
    room.add(writer)
    writer.write(b"entered\n")
    try:
        while line := await reader.readline():
            for other in room:
                if other is not writer:
                    other.write(line)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        room.discard(writer)
        writer.close()


async def main():
    resource.setrlimit(resource.RLIMIT_NOFILE, [resource.getrlimit(resource.RLIMIT_NOFILE)[1]] * 2)
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]), backlog=4096)
    print(f"listening on {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


asyncio.run(main())
