"""irssi and WeeChat on a terminal, as people use them. Nothing is set but what would make them slow on purpose, or take
typing for pasting. Each has a home of its own, and clocks of another zone than the server."""
import os
import re

from mingle_screen import Screen

WIDTH, HEIGHT = 600, 100  # no line is wrapped, and all of a test is to be seen
ZONE, ZONE_S = "TST-5:30", 19800  # as POSIX has it: five and a half hours before UTC


class ScreenClient:
    """A subclass has WORDS: what it shows, as patterns for str.format()."""

    def __init__(self, folder, *argv):
        self.screen = Screen(["env", f"HOME={folder}", f"TZ={ZONE}", *argv], WIDTH, HEIGHT)

    def close(self):
        """It writes files as it ends, so that has to be waited for."""
        try:
            self.line("/quit")
            self.screen.wait_row(r"^ended, ")
        finally:
            self.screen.close()

    def line(self, text):
        self.screen.line(text)

    def sees(self, what, **names):
        """Waits for the row; returns what the pattern's group is."""
        pattern = self.WORDS[what].format(**{key: re.escape(text) for key, text in names.items()})
        rows = self.screen.wait_row(pattern)
        match = next(filter(None, (re.search(pattern, row) for row in rows)))
        return match[1] if match.re.groups else None

    def rows(self, what=""):
        """What is to be seen; only what the pattern's group is when there is one."""
        matches = (re.search(self.WORDS.get(what, "(.*)"), row) for row in self.screen.rows())
        return [match[1] for match in matches if match]

    def _show(self, number, title):
        """A window, by its number, as soon as there is one. The key may be pressed again and again."""
        def is_shown(rows):
            if any(re.search(title, row) for row in rows[-2:]):
                return True
            self.screen.keys(f"M-{number}")
            return False
        self.screen.wait(is_shown, f"window {title}")

    def show_room(self, number, name):
        self._show(number, self.WORDS["room title"].format(room=re.escape(name)))

    def show_server(self):
        self._show(1, self.WORDS["server title"])


class Irssi(ScreenClient):
    HISTORY_TIME, HISTORY_ZONE_S = "%H:%M", 0  # in the text, by the server

    WORDS = {
        "server title": r"^\[\(status\)\]", "room title": r"^\[{room}\]",
        "status": r"^HH:MM -!- (?!Irssi: )(.*)",
        "come in": r"-!- Mode change \[\+i\] for user {name}$",  # it asks for that by itself, behind the welcome
        "synced": r"-!- Irssi: Join to {room} was synced in \d+ secs$",
        "join": r"-!- {name} \[u@{name}\.mingle\] has joined {room}$",
        "names": r"^HH:MM \[@{operator}\] \[ {other}\] \[ {third}\]$",
        "topic is": r"-!- Topic for {room}: {text}$",
        "topic": r"-!- {name} changed the topic of {room} to: {text}$",
        "history": r"^HH:MM < {name}> \[(\d\d:\d\d) UTC\] {text}$",
        "said": r"^HH:MM <[ @]{name}> {text}$",
        "did": r"^HH:MM  \* {name} {text}$",
        "whois": r"-!- {name} \[u@{name}\.mingle\]$",
        "whois rooms": r"-!-  channels : @{room}$",
        "whois server": r"-!-  server   : localhost\.mingle \[plain\]$",
        "whois away": r"-!-  away     : {text}$",
        "whois end": r"-!- End of WHOIS$",
        "gone away": r"-!- You have been marked as being away$",
        "come back": r"-!- You are no longer marked as being away$",
        "own nick": r"-!- You're now known as {new}$",
        "nick": r"-!- {name} is now known as {new}$",
        "mode": r"-!- mode/{room} \[{change}\] by {name}$",
        "ban": r"-!- \d - {room}: ban {mask}( |$)",
        "kick": r"-!- {name} was kicked from {room} by {by} \[{text}\]$",
        "goodbye": r"-!- ERROR Closing link: {text}$",
        "lost": r"-!- Irssi: Connection lost to ",
        "connected": r"-!- Irssi: Connection to \S+ established$",
    }

    def __init__(self, folder, name, *settings):
        home = os.path.join(folder, "irssi")
        os.mkdir(home)
        settings = (*settings, "cmd_queue_speed 10msec", "cmds_max_at_once 100", "paste_detect_time 0",
                    "paste_verify_line_count 0")
        with open(os.path.join(home, "startup"), "w") as file:
            file.write("".join(f"/set {setting}\n" for setting in settings))
        super().__init__(folder, "irssi", f"--home={home}", "--noconnect", f"--nick={name}")

    def connect(self, host, port, authority=None):
        self.screen.wait_row(r"paste_verify_line_count 0$")
        tls = f"-4 -tls -tls_verify -tls_cafile {authority} " if authority else ""
        self.line(f"/connect {tls}{host} {port}")

    def unban(self, name):
        """It takes what is in its list, no name."""
        self.line(f"/unban *!*@{name}.mingle")

    def reconnect(self):
        """It would by itself, after five minutes."""
        self.line("/reconnect")


class WeeChat(ScreenClient):
    HISTORY_TIME, HISTORY_ZONE_S = "%H:%M:%S", ZONE_S

    WORDS = {
        "server title": r"\] \[irc/\w+\] 1:", "room title": r"\] \[irc/\w+\] \d+:{room}\(",
        "status": r"^\S+ +mingle +-- \| (?!irc: )(.*)",
        "come in": r" \| There is no message of the day$",
        "synced": r" -- \| Channel created on ",
        "join": r" --> \| {name} \(\S+\) \(u@{name}\.mingle\) has joined {room}$",
        "names": r" -- \| Nicks {room}: \[@{operator} {other} {third}\]$",
        "topic is": r' -- \| Topic for {room} is "{text}"$',
        "topic": r' -- \| {name} has changed topic for {room} (from ".*" )?to "{text}"$',
        "history": r"^(\d\d:\d\d:\d\d) +{name} \| {text}$",
        "said": r"^[\d:]+ +@?{name} \| {text}$",
        "did": r" \* \| {name} {text}$",
        "whois": r" \| \[{name}\] \(u@{name}\.mingle\): ",
        "whois rooms": r" \| \[\w+\] @{room}$",
        "whois server": r" \| \[\w+\] localhost\.mingle \(plain\)$",
        "whois away": r" \| \[\w+\] is away: {text}$",
        "whois end": r" \| \[\w+\] End of WHOIS",
        "gone away": r" \| You are marked as away$",
        "come back": r" \| You are no longer marked as away$",
        "own nick": r" -- \| You are now known as {new}$",
        "nick": r" -- \| {name} is now known as {new}$",
        "mode": r" -- \| Mode {room} \[{change}\] by {name}$",
        "ban": r" -- \| \[{room}\] \[\d+\] {mask} banned$",
        "kick": r" <-- \| {by} has kicked {name} \({text}\)$",
        "goodbye": r" =!= \| Closing link: {text}$",
        "lost": r" \| irc: disconnected from server$",
        "connected": r" \| irc: connected to ",
    }

    def __init__(self, folder, name, *settings):
        settings = (*settings, f"irc.server_default.nicks {name}", "irc.server_default.anti_flood_prio_high 0",
                    "irc.server_default.anti_flood_prio_low 0", "irc.server_default.autoreconnect_delay 1",
                    "weechat.look.jump_current_to_previous_buffer off", "weechat.bar.buflist.hidden on",
                    "weechat.bar.nicklist.hidden on", "weechat.look.paste_max_lines -1")
        commands = [word for setting in settings for word in ("-r", f"/set {setting}")]
        super().__init__(folder, "weechat", "-d", os.path.join(folder, "weechat"), *commands)

    def connect(self, host, port, authority=None):
        self.screen.wait_row(r"paste_max_lines = -1")
        if authority:
            self.line(f"/set weechat.network.gnutls_ca_user {authority}")
        self.line(f"/server add mingle {host}/{port}{' -ssl' if authority else ''}")
        self.line("/connect mingle")

    def unban(self, name):
        self.line(f"/unban {name}")

    def reconnect(self):
        """It does so by itself."""
