"""Steps of the random walk (mingle_walk.py) that IRC clients take by themselves; people take some of them, too."""
from mingle_model_programs import RANGE_WAYS
from mingle_model_state import LOBBY, Said, fold

TAGS = ["+typing=active", "+typing=done", "+draft/react=x\\sy", "+draft/reply=1-2", "+a", "+a=1;+b=\\:"]
# What is wrong in any state, and the answer to whom {} is. Nobody is ever called "nobody".
SLIPS = [("NONSENSE", "421 {} NONSENSE"), ("PING", "409 {}"), ("JOIN", "461 {} JOIN"), ("JOIN ops", "403 {} ops"),
         ("PART ops", "403 {} ops"), ("TOPIC ops", "403 {} ops"), ("PRIVMSG", "411 {}"), ("PRIVMSG nobody", "412 {}"),
         ("NOTICE", None), ("NOTICE nobody :x", None), ("NICK", "431 {}"), ("USER a 0 * :a", "462 {}"), ("PASS x", "462 {}"),
         ("KICK #lobby", "461 {} KICK"), ("WHOIS", "431 {}"), ("WHOWAS nobody,", "406 {} nobody"),
         ("CAP NONSENSE", "410 {} NONSENSE"), ("MODE nobody +i", "401 {} nobody"), ("OPER a", "461 {} OPER"),
         ("KILL nobody :x", "481 {}"), ("WALLOPS :x", "481 {}"), ("MONITOR X", "461 {} MONITOR"), ("PONG x", None),
         ("CHATHISTORY ALL #lobby * 1", "FAIL UNKNOWN_COMMAND ALL"), ("MARKREAD 1", "FAIL INVALID_PARAMS 1"),
         ("HELP NONSENSE", "524 {} NONSENSE"),
         ("STATS x", ":localhost.mingle 219 {} x :End of STATS report"), ("INVITE nobody", "461 {} INVITE")]
MARK = "timestamp=2026-11-21T14:05:{:02}.{:03}Z"


class StepsOfPrograms:
    """A base of Walk."""

    def weights_of_programs(self):
        return {self.watch: 5, self.say_to_role: 4, self.send_tags: 4, self.say_lines: 6, self.redact: 6,
                self.read_again: 6, self.read_targets: 2, self.mark_read: 3, self.slip: 4}

    def tags(self):
        return self.some(TAGS)

    # ---- who comes and goes ----

    def watch(self, actor):
        names, what = [self.a_name() for _ in range(self.some([1, 1, 3]))], self.some("+++--LSC")
        if actor.is_irc:
            self.do(actor, f"MONITOR {what}" + (f" {','.join(names)}" if what in "+-" else ""))
        elif what in "+-":
            names = names[:1]
            self.do(actor, f"/{'' if what == '+' else 'un'}watch {names[0]}")
        else:
            self.do(actor, "/unwatch *" if what == "C" else "/watch")
        if what == "+":
            self.model.watch(actor, names)
        elif what in "-C":
            self.model.unwatch(actor, names if what == "-" else None)
        else:
            self.model.ask_watches(actor, "watch-status" if what == "S" and actor.is_irc else "watch-list")

    # ---- talking ----

    def say_to_role(self, actor):
        """Mostly where there are operators: the lobby has none."""
        rooms = [room.name for room in actor.rooms if room.operators and actor.is_irc]
        room = self.some(rooms) if rooms and self.chance(0.9) else self.a_room(actor)
        said, start, text = self.something(actor)
        is_voiced = actor.is_irc and self.chance(0.5)
        if actor.is_irc:
            self.do(actor, f"{start} {'+' if is_voiced else '@'}{room} :{text}")
        else:
            said.is_action = False
            self.do(actor, f"/ops {text}")
        self.model.say_to_role(actor, room, said, is_voiced)

    def send_tags(self, actor):
        if not actor.is_irc:
            return
        target, tags = self.some([self.a_room(actor), self.a_name()]), self.tags()
        self.do(actor, f"@{tags} TAGMSG {target}")
        self.model.send_tags(actor, target, tags)

    def say_lines(self, actor):
        """One message of several lines: a batch, or what somebody pastes."""
        lines = [self.text(), *(self.some(["more", "x y", " two ", ""]) for _ in range(self.random.randint(0, 3))), "end"]
        if "draft/multiline" in actor.caps:
            self.send_lines(actor, lines)
        elif not actor.is_irc and actor.current is not None:
            self.do(actor, "/paste\n" + "\n".join(lines) + "\n.")
            self.expect(actor, '*** Paste now. End with a line that is only "." (/cancel drops it).')
            self.say_in_room(actor, None, Said(actor, "\n".join(lines)))

    def send_lines(self, actor, lines):
        is_in_room, number = self.chance(0.7), self.number
        target = self.a_room(actor) if is_in_room else self.a_name()
        other = self.some([fold(target), target, "#elsewhere"]) if self.chance(0.1) else target
        said = Said(actor, "\n".join(lines), is_notice=self.chance(0.15))
        command = "NOTICE" if said.is_notice else "PRIVMSG"
        if "message-tags" in actor.caps and self.chance(0.3):
            said.tags = self.tags()
        batch = [f"{'@' + said.tags + ' ' if said.tags else ''}BATCH +b{number} draft/multiline {target}"]
        for at, line in enumerate(lines):
            half = len(line) // 2 if self.chance(0.2) and line.isascii() else 0
            if half > 0:
                batch.append(f"@batch=b{number} {command} {target} :{line[:half]}")
            more = ";draft/multiline-concat" if half > 0 else ""
            batch.append(f"@batch=b{number}{more} {command} {other if at == len(lines) - 1 else target} :{line[half:]}")
        self.do(actor, "\r\n".join([*batch, f"BATCH -b{number}"]))
        if fold(other) != fold(target):
            self.model.mix_targets(actor, target, other)
        elif is_in_room:
            self.say_in_room(actor, target, said)
        else:
            self.model.message(actor, target, said)

    # ---- what was said ----

    def some_said(self, room, actor=None):
        """Something that was said there and whose id somebody has seen, or None. actor: who is mostly to have a right to
        it."""
        known = [said for said in room.history if said.id] if room is not None else []
        if actor is not None and self.chance(0.6):
            known = [said for said in known if said.actor is actor or actor in room.operators]
        return self.some(known[-self.some([1, 3, 30, len(known)]):]) if known else None

    def redact(self, actor):
        if not actor.is_irc:
            return
        typed, why = self.a_room(actor), self.why()
        said = self.some_said(self.model.rooms.get(fold(typed)), actor)
        message = said.id if said is not None and self.chance(0.95) else self.some(["1-1", "no-id", "0"])
        self.do(actor, f"REDACT {typed} {message}" + (f" :{why}" if why else ""))
        if message in ("no-id", "0"):
            self.model.refuse(actor, "no-such-message", message, typed)
        else:
            self.model.redact(actor, typed, message, said if said is not None and said.id == message else None, why)

    def read_again(self, actor):
        most = self.random.randint(1, 9)
        if not actor.is_irc:
            self.do(actor, f"/history {most}")
            self.model.ask_history(actor, most)
            return
        typed, way = self.a_room(actor), self.some(RANGE_WAYS)
        room = self.model.rooms.get(fold(typed))
        marks = [self.some_said(room) for _ in range(2 if way == "BETWEEN" else 1)]
        if None in marks or (way == "LATEST" and self.chance(0.5)):
            way, marks = "LATEST", [None]
        words = [f"msgid={said.id}" if said is not None else "*" for said in marks]
        self.do(actor, f"CHATHISTORY {way} {typed} {' '.join(words)} {most}")
        self.model.ask_range(actor, typed, way, marks, most)

    def read_targets(self, actor):
        if actor.is_irc:
            most, ends = self.random.randint(1, 4), ["timestamp=2020-01-01T00:00:00.000Z", "timestamp=2999-01-01T00:00:00.000Z"]
            is_backwards = self.chance(0.5)
            first, second = reversed(ends) if is_backwards else ends
            self.do(actor, f"CHATHISTORY TARGETS {first} {second} {most}")
            self.model.ask_targets(actor, most, is_backwards)

    def mark_read(self, actor):
        if not actor.is_irc:
            return
        target = self.some([self.some([room.name for room in actor.rooms] or [LOBBY]), self.a_name()])
        stamp = MARK.format(self.random.randrange(60), self.random.randrange(1000)) if self.chance(0.7) else None
        self.do(actor, f"MARKREAD {target}" + (f" {stamp}" if stamp else ""))
        self.model.mark_read(actor, target, stamp)

    # ---- mistakes ----

    def slip(self, actor):
        if not actor.is_irc:
            return
        line, answer = self.some(SLIPS)
        self.do(actor, line)
        if answer is not None:
            self.expect(actor, answer.format(actor.name))
        if line.startswith("WHOWAS"):
            self.expect(actor, f":localhost.mingle 369 {actor.name} nobody :End of WHOWAS")
