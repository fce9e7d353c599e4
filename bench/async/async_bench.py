#!/usr/bin/env python3
"""The measures of async_bench.c with Python's asyncio, under the same names. Counts are smaller, because
asyncio is slower; what is printed is per operation.

Usage: async_bench.py [MEASURE]...
"""
import asyncio
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor

SPAWN_ROUNDS = 300
SPAWN_BATCH = 100
YIELDS = 50_000
ROUND_TRIPS = 20_000
CALLS = 500_000
TIMEOUTS = 30_000
JOBS = 2_000
SLEEPERS = 50_000
SLEEP_S = 1.2
SLEEP_SPREAD_S = 0.2
VICTIMS = 20_000
TIMERS_ARMED = 1_000
ARMS = 50_000
FIRES = 20_000
FIRE_SPREAD_S = 0.02


def rss_bytes():
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def show(name, total, count):
    print(f"{name} {total / count:.3f}")


async def nop():
    pass


async def measure_spawn():
    start = time.process_time_ns()
    for _ in range(SPAWN_ROUNDS):
        async with asyncio.TaskGroup() as group:
            for _ in range(SPAWN_BATCH):
                group.create_task(nop())
    took = time.process_time_ns() - start
    show("spawn_join", took, SPAWN_ROUNDS * SPAWN_BATCH)
    show("spawn_join_heap", took, SPAWN_ROUNDS * SPAWN_BATCH)  # asyncio has nothing else


async def measure_yield():
    async def yielder():
        for _ in range(YIELDS):
            await asyncio.sleep(0)

    start = time.process_time_ns()
    async with asyncio.TaskGroup() as group:
        group.create_task(yielder())
        group.create_task(yielder())
    show("yield", time.process_time_ns() - start, 2 * YIELDS)


async def measure_pingpong():
    async def player(inbox, outbox, item):
        for _ in range(ROUND_TRIPS):
            if item is not None:
                await outbox.put(item)
            item = await inbox.get()
        if item is not None:
            outbox.put_nowait(item)

    ping, pong = asyncio.Queue(1), asyncio.Queue(1)
    start = time.process_time_ns()
    async with asyncio.TaskGroup() as group:
        group.create_task(player(pong, ping, "ball"))
        group.create_task(player(ping, pong, None))
    show("pingpong", time.process_time_ns() - start, ROUND_TRIPS)


async def measure_call():
    start = time.process_time_ns()
    for _ in range(CALLS):
        await nop()
    show("call", time.process_time_ns() - start, CALLS)


async def measure_timeout():
    start = time.process_time_ns()
    for _ in range(TIMEOUTS):
        async with asyncio.timeout(1):
            pass
    show("timeout", time.process_time_ns() - start, TIMEOUTS)


async def measure_timer():
    loop = asyncio.get_running_loop()
    others = [loop.call_later(1000 + random.random() * 1000, print) for _ in range(TIMERS_ARMED)]
    start = time.process_time_ns()
    for i in range(ARMS):
        loop.call_later(1000 + random.random() * 1000, print).cancel()
        if i % 1000 == 0:
            await asyncio.sleep(0)  # the loop removes cancelled timers in its turn
    show("timer_disarm", time.process_time_ns() - start, ARMS)
    for timer in others:
        timer.cancel()


async def measure_fire():
    fired = []
    loop = asyncio.get_running_loop()
    start = time.process_time_ns()
    for _ in range(FIRES):
        loop.call_later(random.random() * FIRE_SPREAD_S, fired.append, None)
    time.sleep(FIRE_SPREAD_S)
    await asyncio.sleep(0.001)
    show("timer_fire", time.process_time_ns() - start, FIRES)
    assert len(fired) == FIRES


async def measure_executor():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1) as executor:
        start = time.perf_counter_ns()
        for _ in range(JOBS):
            await loop.run_in_executor(executor, int)
        show("executor", time.perf_counter_ns() - start, JOBS)


class Guard:
    left_count = 0

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        Guard.left_count += 1


async def measure_cancel():
    async def victim():
        async with Guard():
            await asyncio.sleep(3600)

    tasks = [asyncio.create_task(victim()) for _ in range(VICTIMS)]
    await asyncio.sleep(0)
    start = time.process_time_ns()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    show("cancel", time.process_time_ns() - start, VICTIMS)
    assert Guard.left_count == VICTIMS


async def measure_sleepers():
    start_bytes = rss_bytes()
    start = time.process_time_ns()
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(asyncio.sleep(SLEEP_S + random.random() * SLEEP_SPREAD_S)) for _ in range(SLEEPERS)
        ]
        await asyncio.sleep(0)
        asleep = time.process_time_ns()
        show("sleeper_bytes", rss_bytes() - start_bytes, SLEEPERS)
        show("sleeper_start", asleep - start, SLEEPERS)
        assert not any(task.done() for task in tasks), "this machine is too slow for SLEEP_S"
    show("sleeper_wake", time.process_time_ns() - asleep, SLEEPERS)


MEASURES = {
    "spawn": measure_spawn,
    "yield": measure_yield,
    "pingpong": measure_pingpong,
    "call": measure_call,
    "timeout": measure_timeout,
    "timer": measure_timer,
    "fire": measure_fire,
    "executor": measure_executor,
    "cancel": measure_cancel,
    "sleepers": measure_sleepers,
}


def main():
    """Each measure in a process of its own, as in the C programs."""
    random.seed(1)
    for name, measure in MEASURES.items():
        if len(sys.argv) > 1 and name not in sys.argv[1:]:
            continue
        sys.stdout.flush()
        child = os.fork()
        if child == 0:
            asyncio.run(measure())
            sys.stdout.flush()
            os._exit(0)
        if os.waitpid(child, 0)[1] != 0:
            sys.exit(f"measure {name} failed")


if __name__ == "__main__":
    main()
