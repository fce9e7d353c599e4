"""A random walk of several clients, step for step beside the model of mingle_model.py.

A step is one line of one client. Behind a few of them there is a fence: the client waits for the answer to something
harmless, before anybody else does anything. Every few fences all are asked for what has come to them, and it is held
against the model; each line that is wanted knows the step that brought it. What IRC clients do by themselves is in
mingle_walk_programs.py."""
import collections
import random
import re
import socket

from mingle_client import SocketClient
from mingle_irc import IrcClient
from mingle_model import Model
from mingle_model_seen import is_same, seen_by_irc, seen_by_plain
from mingle_model_state import LISTS, LOBBY, SWITCHES, Expected, Person, Said, fold
from mingle_test import wait_until
from mingle_walk_programs import StepsOfPrograms

NAMES = ["alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "karl", "l[i]a", "_mia", "n^2"]
TYPED_ROOMS = [LOBBY, "#ops", "#a", "#b.c", "#Den"]
KEYS = ["sesame", "k2"]
CAPS = ["away-notify", "batch", "chghost", "draft/chathistory", "draft/message-redaction", "draft/multiline",
        "draft/no-implicit-names", "draft/read-marker", "echo-message", "extended-join", "extended-monitor",
        "invite-notify", "labeled-response", "message-tags", "multi-prefix", "server-time", "setname", "standard-replies",
        "userhost-in-names"]
WELCOME = {"001", "002", "003", "004", "005", "251", "254", "255", "265", "266", "422", "CAP"}
IRC_COUNT, PLAIN_COUNT = 6, 4
SHOWN_STEPS = 20


class Difference(AssertionError):
    pass


class Walk(StepsOfPrograms):
    def __init__(self, test, daemon, seed):
        self.test = test
        self.daemon = daemon
        self.seed = seed
        self.random = random.Random(seed)
        self.model = Model()
        self.clients = {}  # by person
        self.recent = collections.deque(maxlen=SHOWN_STEPS)
        self.words = {}  # of msgids: the word that only one message has
        self.said = {}  # of such words: what was said in a room
        self.number = 0
        self.unsent = []  # lines of who acts just now
        self.labelled = None  # who, the label, and how many lines it expected before: while a step is taken
        for i in range(IRC_COUNT + PLAIN_COUNT):
            self.arrive(i < IRC_COUNT)
        self.actions = [(action, weight) for action, weight in self.weights().items()]

    # ---- choosing ----

    def some(self, things):
        return self.random.choice(things)

    def chance(self, part):
        return self.random.random() < part

    def typed(self, name):
        """As somebody may type it: names that differ only in case are the same."""
        return name.upper() if self.chance(0.05) else name

    def text(self):
        self.number += 1
        return f"w{self.number}" + self.some(["", " :)", " a  b", " \u00fcn\u00ef \U0001f600", " #ops, bob: *?", " \u4e2d"])

    def why(self):
        return self.text() if self.chance(0.5) else ""

    def free_name(self):
        return self.some([name for name in NAMES if fold(name) not in self.model.people])

    def a_name(self):
        """Mostly of somebody who is here."""
        people = [person.name for person in self.model.people.values()]
        return self.typed(self.some(people if self.chance(0.95) else NAMES))

    def a_room(self, actor):
        """For a plain client the current one, which it does not type."""
        if not actor.is_irc:
            return None
        names = [room.name for room in actor.rooms] if actor.rooms and self.chance(0.85) else TYPED_ROOMS
        return self.typed(self.some(names))

    def an_operated_room(self, actor):
        """Mostly one that the actor is an operator of; False when it had better do something else."""
        rooms = [room for room in actor.rooms if actor in room.operators]
        if not rooms and self.chance(0.8):
            return False
        if not rooms or self.chance(0.1):
            return self.a_room(actor)
        room = self.some(rooms)
        if not actor.is_irc and room is not actor.current:
            self.do(actor, f"/switch {room.name}")
            self.model.switch(actor, room.name)
        return self.typed(room.name) if actor.is_irc else None

    def a_fellow(self, actor, typed):
        """Mostly somebody in the room."""
        room = self.model.rooms.get(fold(typed)) if typed is not None else actor.current
        if room is None or not room.members or self.chance(0.15):
            return self.a_name()
        return self.typed(self.some(room.members).name)

    def a_mask(self, actor, typed, kind):
        room = self.model.rooms.get(fold(typed)) if typed is not None else actor.current
        listed = [entry.mask for entries in room.lists.values() for entry in entries] if room is not None else []
        if listed and self.chance(0.5):
            return self.some(listed)  # taken back, or an exception from it
        name = self.a_fellow(actor, typed) if kind != "admit" else self.a_name()
        forms = [name, name, name[:2] + "*", "*" + name[1:], "?" + name[1:]]
        if name.isalpha():
            forms += [f"*@{name}", f"{name[0]}*@{name}", f"*@127.0.0.{self.random.randint(2, 5)}"]
        return self.some(forms)

    # ---- doing ----

    def do(self, actor, line, may_have_label=True):
        """`line` may be several, which are one message."""
        self.end_label()
        self.model.step += 1
        if may_have_label and {"batch", "labeled-response"} <= actor.caps and self.chance(0.4):
            line = self.begin_label(actor, line)
        self.recent.append(f"{self.model.step:6} {actor.name}: {line}")
        self.unsent.append(line)
        if self.chance(0.3):
            self.send(actor)

    def begin_label(self, actor, line):
        label = f"L{self.model.step}"
        self.labelled = (actor, label, len(actor.expected))
        return f"@label={label}{';' + line[1:] if line[0] == '@' else ' ' + line}"

    def end_label(self):
        """What the model has told since is the answer, but for what the actor only heard; that comes first."""
        if self.labelled is None:
            return
        actor, label, before = self.labelled
        self.labelled = None
        new = actor.expected[before:]
        answers = [entry for entry in new if entry.is_answer] or [Expected(self.model.step, ":localhost.mingle ACK")]
        for entry in answers:
            entry.line = f"[{label}] {entry.line}"
        actor.expected[before:] = [entry for entry in new if not entry.is_answer] + answers

    def send(self, actor):
        """Lines of one write are worked off in one turn of the server, more or less; others are not."""
        if self.unsent:
            self.clients[actor].line(*self.unsent)
            self.unsent.clear()

    def expect(self, actor, line):
        actor.expected.append(Expected(self.model.step, line))

    def seen(self, actor, is_leaving=False):
        client = self.clients[actor]
        self.end_label()
        self.send(actor)
        if not actor.is_irc:
            return seen_by_plain(client.rest_lines() if is_leaving else client.sync())
        return self.take(actor, client.last_messages() if is_leaving else client.sync_messages())

    def take(self, actor, messages):
        for message in messages:
            is_by_somebody = "!" in message.source and message.command != "CHGHOST"
            if actor.is_settled and is_by_somebody and ("time" in message.tags) != ("server-time" in actor.caps):
                self.fail(actor, "a time only with server-time", message)
        try:
            return seen_by_irc(messages, lambda message: self.note_id(actor, message))
        except AssertionError as error:
            self.fail(actor, str(error), *(f"{message.tags} {message.text}" for message in messages))

    def note_id(self, actor, message):
        """The same message has the same id for all, and another one another id."""
        if message.command not in ("PRIVMSG", "NOTICE") or "!" not in message.source:
            return
        word = re.search(r"\bw\d+\b", message.params[1])  # only what is first of a message has one
        is_wanted = word is not None and message.params[0][0] not in "@+" and "message-tags" in actor.caps
        if actor.is_settled and ("msgid" in message.tags) != is_wanted:
            self.fail(actor, "an id of each message, and only once", message)
        if "msgid" not in message.tags:
            return
        msgid, is_in_room = message.tags["msgid"], message.params[0][0] == "#"
        if self.words.setdefault(msgid, word[0]) != word[0]:
            self.fail(actor, f"another id than that of {self.words[msgid]!r}", message)
        if is_in_room and self.said[word[0]].id not in ("", msgid):
            self.fail(actor, f"the id {self.said[word[0]].id}", message)
        if is_in_room:
            self.said[word[0]].id = msgid

    def check(self, actor, lines):
        for entry in actor.expected:
            line = lines.pop(0) if lines else None
            if line is None or not is_same(entry.line, line):
                self.fail(actor, f"{entry.line!r} of step {entry.step}", line, *lines[:3])
        actor.expected = []
        if lines:
            self.fail(actor, "nothing", *lines[:4])

    def fail(self, actor, wanted, *got):
        raise Difference("\n".join([
            f"MODEL_SEED={self.seed} differs at step {self.model.step}, told to {actor.name} "
            f"({'IRC, ' + ' '.join(sorted(actor.caps)) if actor.is_irc else 'plain'}):",
            f"  wanted: {wanted}", *(f"  got:    {line!r}" for line in got), "the last commands:", *self.recent]))

    def check_all(self):
        for actor in list(self.clients):
            self.check(actor, self.seen(actor))

    def run(self, steps):
        kinds, weights = zip(*self.actions)
        until_all = 0
        while self.model.step < steps:
            actor = self.some(list(self.clients))
            for action in self.random.choices(kinds, weights, k=self.some([1, 1, 2, 4, 12])):
                if actor in self.clients:
                    action(actor)
            if actor in self.clients:
                self.check(actor, self.seen(actor))
            until_all -= 1
            if until_all < 0:
                self.check_all()
                until_all = self.some([0, 2, 5, 10])
        self.check_all()

    # ---- coming and going ----

    def arrive(self, is_irc):
        name, host = self.free_name(), f"127.0.0.{self.random.randint(2, 5)}"
        caps = set(self.random.sample(CAPS, self.random.randint(0, len(CAPS)))) if is_irc else set()
        person = Person(name, host, is_irc, caps - {"draft/no-implicit-names"}, name if is_irc else "")
        person.is_settled = True
        self.recent.append(f"{self.model.step:6} {name} comes: {' '.join(sorted(person.caps)) if is_irc else 'plain'}")
        client = (IrcClient if is_irc else SocketClient)(self.daemon.address, label=name, source=host)
        client.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.test.keep(client)
        self.clients[person] = client
        self.model.arrive(person)
        if is_irc:
            messages = client.register(name, *sorted(person.caps))
            lines = self.take(person, [message for message in messages if message.command not in WELCOME])
        else:
            lines = seen_by_plain(client.enter(name))
        self.check(person, lines)

    def depart(self, actor, last):
        """What it got up to its end is checked; then somebody else comes in its place."""
        is_irc = actor.is_irc
        lines = self.seen(actor, is_leaving=True)
        self.expect(actor, last)
        self.check(actor, lines)
        self.clients.pop(actor).close()
        self.arrive(is_irc)

    def quit(self, actor):
        why = self.why()
        self.do(actor, f"QUIT :{why}" if actor.is_irc else f"/quit {why}".rstrip(), False)
        self.model.quit(actor, why)
        self.depart(actor, "ERROR :Closing link: Bye" if actor.is_irc else "*** Bye.")

    def end_input(self, actor):
        self.do(actor, "PONG x" if actor.is_irc else "")
        self.send(actor)
        self.clients[actor].end_input()
        self.model.quit(actor, "")
        self.depart(actor, "ERROR :Closing link: Bye" if actor.is_irc else "*** Bye.")

    def reset(self, actor):
        """Nobody can wait for the end of a connection that is gone: somebody else asks until the name is free."""
        self.check(actor, self.seen(actor))
        watcher = next(other for other in self.clients if other.is_irc and other is not actor)
        self.check(watcher, self.seen(watcher))
        self.recent.append(f"{self.model.step:6} {actor.name}: resets the connection")
        self.clients.pop(actor).reset()
        self.model.quit(actor, "connection lost")
        client, kept = self.clients[watcher], []

        def is_gone():
            client.line(f"ISON {actor.name}")
            answer = client.sync_messages()
            kept.extend(message for message in answer if message.command != "303")
            return [message.params[-1] for message in answer if message.command == "303"] == [""]

        wait_until(is_gone, f"the end of {actor.name}")
        self.check(watcher, self.take(watcher, kept))
        self.arrive(actor.is_irc)

    # ---- one step each ----

    def join(self, actor):
        room = self.typed(self.some(TYPED_ROOMS))
        there = self.model.rooms.get(fold(room))
        key = self.some(["", there.key if there is not None else "", *KEYS])
        self.do(actor, f"{'JOIN' if actor.is_irc else '/join'} {room} {key}".rstrip())
        self.model.join(actor, room, key)

    def join_many(self, actor):
        if not actor.is_irc:
            self.switch(actor)
            return
        if self.chance(0.2):
            self.do(actor, "JOIN 0")
            self.model.part_all(actor)
            return
        rooms = self.random.sample(TYPED_ROOMS, 3)
        self.do(actor, f"JOIN {','.join(rooms)} {KEYS[0]},,{KEYS[1]}")
        for room, key in zip(rooms, (KEYS[0], "", KEYS[1])):
            self.model.join(actor, room, key)

    def switch(self, actor):
        room = self.some([room.name for room in actor.rooms] or TYPED_ROOMS)
        if room in [own.name for own in actor.rooms]:
            self.do(actor, f"/switch {room}")
            self.model.switch(actor, room)

    def part(self, actor):
        room, why = self.a_room(actor), self.why()
        if actor.is_irc:
            self.do(actor, f"PART {room} :{why}" if why else f"PART {room}")
        else:
            self.do(actor, f"/part {why}".rstrip())
        self.model.part(actor, room, why)

    def something(self, actor):
        """To be said: what it is, and for an IRC client what stands before the target, and the text."""
        said = Said(actor, self.text(), self.chance(0.2), actor.is_irc and self.chance(0.15))
        if {"message-tags"} <= actor.caps and self.chance(0.1):
            said.tags = self.tags()
        if actor.is_irc and not said.is_action and self.chance(0.05):
            said.text += " long" * self.random.randint(70, 85)
        start = (f"@{said.tags} " if said.tags else "") + ("NOTICE" if said.is_notice else "PRIVMSG")
        return said, start, f"\001ACTION {said.text}\001" if said.is_action and actor.is_irc else said.text

    def say(self, actor):
        room, (said, start, text) = self.a_room(actor), self.something(actor)
        if actor.is_irc:
            self.do(actor, f"{start} {room} :{text}")
        else:
            self.do(actor, f"/me {text}" if said.is_action else text)
        self.say_in_room(actor, room, said)

    def say_in_room(self, actor, room, said):
        self.said[said.text.split()[0]] = said
        self.model.say(actor, room, said)

    def message(self, actor):
        names, (said, start, text) = [self.a_name()], self.something(actor)
        if actor.is_irc:
            names += [self.a_name()] if self.chance(0.2) else []
            self.do(actor, f"{start} {','.join(names)} :{text}")
        else:
            said.is_action = False
            self.do(actor, f"/msg {names[0]} {text}")
        for name in names:
            self.model.message(actor, name, said)

    def nick(self, actor):
        name = self.some([self.free_name(), self.a_name(), actor.name.upper(), "1" + actor.name])
        self.do(actor, f"{'NICK' if actor.is_irc else '/nick'} {name}")
        self.model.nick(actor, name)

    def away(self, actor):
        why = self.text() if self.chance(0.5) else None
        if actor.is_irc:
            self.do(actor, "AWAY" if why is None else f"AWAY :{why}")
        else:
            why = "" if why is not None and self.chance(0.2) else why
            self.do(actor, "/back" if why is None else f"/away {why}".rstrip())
        self.model.set_away(actor, why)

    def realname(self, actor):
        text = self.text() if self.chance(0.8) else ""
        self.do(actor, f"{'SETNAME :' if actor.is_irc else '/realname '}{text or '-'}")
        self.model.set_realname(actor, text)

    def ignore(self, actor):
        if actor.is_irc:
            self.caps(actor)
            return
        self.check(actor, self.seen(actor))  # whom to ignore holds at once, also for what was said and is not yet told
        name, is_on = self.a_name(), self.chance(0.5)
        self.do(actor, f"/{'' if is_on else 'un'}ignore {name}")
        (self.model.ignore if is_on else self.model.unignore)(actor, name)

    def caps(self, actor):
        chosen = self.random.sample(CAPS, self.random.randint(1, 3))
        words = " ".join(f"-{cap}" if cap in actor.caps else cap for cap in chosen)
        self.do(actor, f"CAP REQ :{words}")
        actor.is_settled = not {"server-time", "message-tags"} & set(chosen)  # until all that came before has been seen
        self.expect(actor, f":localhost.mingle CAP {actor.name} ACK :{words}")
        actor.caps = actor.caps ^ set(chosen)
        self.check(actor, self.seen(actor))
        actor.is_settled = True

    def topic(self, actor):
        room, text = self.a_room(actor), self.text() if self.chance(0.8) else ""
        self.do(actor, f"TOPIC {room} :{text}" if actor.is_irc else f"/topic {text or '-'}")
        self.model.set_topic(actor, room, text)

    def invite(self, actor):
        room, name = self.a_room(actor), self.a_name()
        self.do(actor, f"INVITE {name} {room}" if actor.is_irc else f"/invite {name}")
        self.model.invite(actor, room, name)

    def kick(self, actor):
        room, why = self.an_operated_room(actor), self.why()
        if room is False:
            self.join(actor)
            return
        names = [self.a_fellow(actor, room)]
        if actor.is_irc:
            names += [self.a_fellow(actor, room)] if self.chance(0.2) else []
            self.do(actor, f"KICK {room} {','.join(names)} :{why}")
        else:
            self.do(actor, f"/kick {names[0]} {why}".rstrip())
        for name in names:
            self.model.kick(actor, room, name, why)

    def mode(self, actor):
        """One change, or for IRC clients up to three in one line."""
        room = self.an_operated_room(actor)
        if room is False:
            self.join(actor)
            return
        changes = [self.a_change(actor, room) for _ in range(self.some([1, 1, 3]) if actor.is_irc else 1)]
        if actor.is_irc:
            letters = "".join(change[0] for change in changes)
            self.do(actor, " ".join(["MODE", room, letters, *(change[1] for change in changes if change[1])]))
        else:
            self.do(actor, changes[0][2])
        for change in changes:
            change[3](actor, room, *change[4])

    def a_change(self, actor, room):
        """Letters and parameter for IRC, the line for people, the model's method and what it gets."""
        model, is_on, which = self.model, self.chance(0.6), self.random.random()
        sign = "+" if is_on else "-"
        if which < 0.25:
            letter, word = self.some(["ov", "o", "v"])[0], None
            word = {"o": "op", "v": "voice"}[letter]
            word, name = word if is_on else "de" + word, self.a_fellow(actor, room)
            return sign + letter, name, f"/{word} {name}", model.set_role, (word, name)
        if which < 0.6:
            kind = self.some(list(LISTS))
            mask = self.a_mask(actor, room, kind)
            why = "" if actor.is_irc else self.why()
            line = f"/{kind} {mask} {why}".rstrip() if is_on else f"/un{kind} {mask}"
            method, more = (model.restrict, (kind, mask, why)) if is_on else (model.lift, (kind, mask))
            is_mute_of_b = kind == "mute" and self.chance(0.5)
            letter, start = ("b", "m:") if is_mute_of_b else (LISTS[kind], "")
            return sign + letter, start + self.as_irc_mask(mask), line, method, more
        if which < 0.8:
            letter = self.some(list(SWITCHES))
            line = f"/mode {SWITCHES[letter]} {'on' if is_on else 'off'}"
            return sign + letter, "", line, model.set_switch, (letter, is_on)
        what, value = self.some([("key", self.some(KEYS)), ("limit", self.random.randint(1, 8)), ("slow", 3600)])
        letter = {"key": "k", "limit": "l", "slow": "W"}[what]
        line = f"/{what} {value if is_on else 'off'}"
        parameter = str(value) if is_on else "*" if what == "key" else ""
        return sign + letter, parameter, line, model.set_value, (what, value if is_on else type(value)())

    def as_irc_mask(self, mask):
        name, at, host = mask.partition("@")
        if not at:
            return self.some([name, f"{name}!*@*"]) if "*" not in name else f"{name}!*@*"
        return f"{name}!*@{host}{'.mingle' if host.isalpha() else ''}"

    def ask(self, actor):
        room, model = self.a_room(actor), self.model
        name = self.a_name()
        shown = room if actor.is_irc else ""
        irc, plain, method, more = self.some([
            (f"NAMES {shown}", "/names", model.ask_names, (room,)),
            (f"WHO {shown}", f"/who {LOBBY}", model.ask_who, (room if actor.is_irc else LOBBY,)),
            (f"WHO {name[0]}*", f"/who {name[0]}*", model.ask_who, (f"{name[0]}*",)),
            (f"WHOIS {name}", f"/whois {name}", model.ask_whois, (name,)),
            ("LIST", "/rooms", model.ask_rooms, ()),
            (f"MODE {shown}", "/mode", model.ask_modes, (room,)),
            *((f"MODE {shown} {letter}", f"/{kind}", model.ask_list, (room, kind)) for kind, letter in LISTS.items()),
            (f"TOPIC {shown}", "/topic", model.ask_topic, (room,)),
            ("LUSERS", "/stats", model.ask_counts, ()),
            (f"ISON {name} nobody", None, model.ask_present, ([name], False)),
            (f"USERHOST nobody {name}", None, model.ask_present, ([name], True)),
        ])
        if actor.is_irc or plain is not None:
            self.do(actor, irc if actor.is_irc else plain)
            method(actor, *more)

    def weights(self):
        return {self.say: 20, self.join: 14, self.join_many: 3, self.part: 5, self.message: 8, self.nick: 4, self.away: 4,
                self.realname: 2, self.ignore: 2, self.topic: 3, self.invite: 5, self.kick: 4, self.mode: 16,
                self.ask: 10, self.quit: 1, self.end_input: 0.3, self.reset: 0.3} | self.weights_of_programs()
