"""A program on a terminal of a certain size, and what is to be seen there: tmux is the terminal.

Each screen is a tmux server of its own, which is ended with it."""
import os
import re
import shutil
import subprocess
import tempfile
import time

from mingle_client import DEADLINE


class Screen:
    def __init__(self, argv, width=80, height=24):
        self.folder = tempfile.mkdtemp(prefix="mingle-tmux-")
        command = " ".join(f"'{word}'" for word in argv)
        modes = "stty -a | grep -oE -- '-?(icanon|echo) ' | tr -d '\\n'"
        # What the program leaves behind is to be seen, too.
        self._tmux("new-session", "-d", "-x", str(width), "-y", str(height),
                   f'{command}; echo "ended, $({modes})"; read x')
        self._tmux("set-option", "-g", "status", "off")

    def _tmux(self, *words):
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        tmux = ["tmux", "-S", os.path.join(self.folder, "socket"), "-u", "-f", "/dev/null"]
        return subprocess.run([*tmux, *words], check=True, capture_output=True, text=True, timeout=DEADLINE,
                              env=environment | {"LC_ALL": "C.UTF-8", "SHELL": "/bin/sh"}).stdout

    def keys(self, *names):
        """As tmux calls them: "Tab", "C-c", "Up" …"""
        self._tmux("send-keys", *names)

    def type(self, text):
        self._tmux("send-keys", "-l", text)

    def line(self, text):
        self.type(text)
        self.keys("Enter")

    def paste(self, text):
        """As a terminal pastes: in marks, if the program asked for them."""
        self._tmux("set-buffer", text)
        self._tmux("paste-buffer", "-p")

    def resize(self, width, height):
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def rows(self):
        """What is to be seen, with the times made alike, without empty rows at the bottom."""
        text = self._tmux("capture-pane", "-p").rstrip("\n")
        return [re.sub(r"^\d\d:\d\d ", "HH:MM ", row.rstrip()) for row in text.split("\n")]

    def cursor(self):
        """Column and row."""
        return tuple(map(int, self._tmux("display-message", "-p", "#{cursor_x} #{cursor_y}").split()))

    def wait(self, condition, what, timeout=DEADLINE):
        deadline = time.monotonic() + timeout
        while True:
            rows = self.rows()
            if condition(rows):
                return rows
            if time.monotonic() > deadline:
                raise AssertionError(f"not in time: {what!r}, but:\n" + "\n".join(rows))
            time.sleep(0.02)

    def wait_end(self, *rows):
        """Until these are the last rows."""
        return self.wait(lambda seen: seen[-len(rows):] == list(rows), rows)

    def wait_row(self, pattern):
        return self.wait(lambda seen: any(re.search(pattern, row) for row in seen), pattern)

    def close(self):
        try:
            self._tmux("kill-server")
        except subprocess.SubprocessError:
            pass
        shutil.rmtree(self.folder, ignore_errors=True)
