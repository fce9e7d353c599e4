#!/usr/bin/env python3
"""Ten exercises in asyncio. async_practice.c is the same program in C and prints the same text."""

import asyncio
import time


def title(number, text):
    print(f"{number}. {text}", flush=True)


class Stopwatch:
    def __init__(self):
        self.start = time.monotonic()

    def __str__(self):
        return f"{time.monotonic() - self.start:.1f} s"


async def hello():
    print("  Hello ...")
    await asyncio.sleep(0.1)
    print("  ... world!")


async def say_after(delay, what):
    await asyncio.sleep(delay)
    print(f"  {what}")


async def sequential_awaits():
    watch = Stopwatch()
    await say_after(0.2, "first")
    await say_after(0.1, "second")
    print(f"  in turn: {watch}")


async def tasks():
    watch = Stopwatch()
    async with asyncio.TaskGroup() as group:
        group.create_task(say_after(0.2, "first"))
        group.create_task(say_after(0.1, "second"))
        print("  both started")
    print(f"  at the same time: {watch}")


async def square(n):
    await asyncio.sleep(0.1 * n)
    return n * n


async def gather():
    watch = Stopwatch()
    results = await asyncio.gather(square(3), square(2), square(1))
    print("  results:", *results)
    print(f"  took {watch}")


async def wait():
    async with asyncio.TaskGroup() as group:
        names = {group.create_task(square(n)): f"square({n})" for n in (1, 2, 3)}
        for mode in (asyncio.FIRST_COMPLETED, asyncio.ALL_COMPLETED):
            await asyncio.wait(names, return_when=mode)
            done = [name for task, name in names.items() if task.done()]
            print(f"  {mode}: {len(done)} done:", *done)


async def fetch_data(n):
    await asyncio.sleep(0.1)
    return f"data {n}"


async def process(data):
    await asyncio.sleep(0.1)
    return f"<{data}>"


async def chain(n):
    data = await fetch_data(n)
    print(f"  fetched {data}")
    print(f"  processed {await process(data)}")


async def chaining():
    watch = Stopwatch()
    await asyncio.gather(chain(1), chain(2))
    print(f"  two chains took {watch}")


async def parse(text):
    await asyncio.sleep(0.05)
    if not text.isdigit():
        raise ValueError(text)
    return int(text)


async def exceptions():
    for text in ("42", "forty-two"):
        try:
            print(f"  parsed {await parse(text)}")
        except ValueError:
            print(f"  not a number: {text}")
        finally:
            print("  finally")


async def countdown(n):
    while n > 0:
        yield n
        await asyncio.sleep(0.1)
        n -= 1


async def generator():
    async for n in countdown(3):
        print(f"  {n} ...")
    print("  liftoff")


class Connection:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        await asyncio.sleep(0.05)
        print(f"  {self.name}: open")
        return self

    async def __aexit__(self, kind, error, traceback):
        await asyncio.sleep(0.05)
        print(f"  {self.name}: closed {'after an error' if kind else 'in peace'}")


async def context_manager():
    async with Connection("a") as connection:
        print(f"  {connection.name}: in use")
    try:
        async with Connection("b"):
            raise OSError("broken")
    except OSError:
        print("  caught")


async def fetch(what, count, delay):
    print(f"  fetching {what}")
    await asyncio.sleep(delay)
    print(f"  got {what}")
    return count


async def fetch_all():
    watch = Stopwatch()
    users, posts, comments = await asyncio.gather(
        fetch("users", 3, 0.3), fetch("posts", 5, 0.2), fetch("comments", 7, 0.1)
    )
    print(f"  {users} users, {posts} posts, {comments} comments in {watch}")


async def main():
    watch = Stopwatch()
    title(1, "Hello")
    await hello()
    title(2, "Sequential awaits")
    await sequential_awaits()
    title(3, "Tasks")
    await tasks()
    title(4, "Gather")
    await gather()
    title(5, "Wait")
    await wait()
    title(6, "Chaining")
    await chaining()
    title(7, "Exceptions")
    await exceptions()
    title(8, "Async generator")
    await generator()
    title(9, "Context manager")
    await context_manager()
    title(10, "Concurrent fetch")
    await fetch_all()
    print(f"all took {watch}")


asyncio.run(main())
