#!/usr/bin/env python3
"""Clients of all kinds do what chance has them do, and each has to be told exactly what a small model says.

MODEL_SEED=N walks that way again, MODEL_STEPS=N goes so far: 10000 steps take some seconds."""
import os
import random

from mingle_irc import IrcTest
from mingle_model_state import HISTORY, ROOMS_MAX
from mingle_test import is_sanitized, main
from mingle_walk import Walk

SEEDS = [int(os.environ["MODEL_SEED"])] if os.environ.get("MODEL_SEED") else [1, 2, random.randrange(1 << 32)]
STEPS = int(os.environ.get("MODEL_STEPS") or (1000 if is_sanitized() else 2000))


class ModelTest(IrcTest):
    def test_irc_model(self):
        for seed in SEEDS:
            daemon = self.start({"limits.rooms_per_user": ROOMS_MAX, "rooms.history": HISTORY, "rooms.log": 65536})
            print(f"  MODEL_SEED={seed} MODEL_STEPS={STEPS}", flush=True)
            Walk(self, daemon, seed).run(STEPS)
            daemon.stop()


if __name__ == "__main__":
    main()
