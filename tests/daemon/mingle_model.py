"""A small model of mingle's rooms, after docs/commands.md and docs/irc.md: who is where and may do what, and who is
told of it. It never looks at the server. What programs ask for besides is in mingle_model_programs.py, and what a
client is to get for what it is told in mingle_model_irc.py and mingle_model_plain.py."""
from mingle_model_irc import IRC
from mingle_model_plain import PLAIN
from mingle_model_programs import ForPrograms
from mingle_model_state import (HISTORY, INVITED_MAX, LIST_MAX, LOBBY, ROOMS_MAX, SWITCHES, TOLD_MAX, Entry, Expected,
                                Room, fits, fold, is_name)

HEARD = {"private", "private-tags"}  # also by who says it to itself


class Model(ForPrograms):
    def __init__(self):
        self.step = 0
        self.people = {}
        self.rooms = {fold(LOBBY): Room(LOBBY)}
        self.watched_names = {}  # of folded names: as who watched them first wrote them
        self.most_people = 0

    # ---- telling ----

    def tell(self, person, kind, /, **facts):
        lines = (IRC if person.is_irc else PLAIN)[kind](person, **facts)
        person.expected += [Expected(self.step, line, kind not in HEARD) for line in lines]

    def tell_room(self, room, actor, kind, /, **facts):
        for person in room.members:
            if person is not actor:
                self.tell(person, kind, actor=actor, room=room, **facts)

    def tell_peers(self, actor, kind, /, **facts):
        for person in self.people.values():
            if person is not actor and set(person.rooms) & set(actor.rooms):
                self.tell(person, kind, actor=actor, **facts)

    def refuse(self, person, error, subject="", other="", command=""):
        """command: when it matters to some clients."""
        self.tell(person, "refused", error=error, subject=subject, other=other, command=command)

    # ---- finding, and who may ----

    def sees(self, person, room):
        return "s" not in room.modes or person in room.members

    def find_room(self, actor, typed, command=""):
        room = self.rooms.get(fold(typed))
        if room is None or not self.sees(actor, room):
            self.refuse(actor, "no-such-room", typed, command=command)
            return None
        return room

    def own_room(self, actor, typed, command=""):
        """typed: the room's name; None: the current one of who has a client without rooms."""
        if typed is None:
            if actor.current is None:
                self.refuse(actor, "no-current-room")
            return actor.current
        room = self.find_room(actor, typed)
        if room is not None and actor not in room.members:
            self.refuse(actor, "not-in-room", room.name, command=command)
            return None
        return room

    def operated_room(self, actor, typed):
        room = self.own_room(actor, typed)
        if room is not None and actor not in room.operators:
            self.refuse(actor, "not-operator", room.name)
            return None
        return room

    def find_person(self, actor, name, command=""):
        person = self.people.get(fold(name))
        if person is None:
            self.refuse(actor, "no-such-user", name, command=command)
        return person

    def find_member(self, actor, room, name):
        person = self.find_person(actor, name)
        if person is not None and person not in room.members:
            self.refuse(actor, "not-there", person.name, room.name)
            return None
        return person

    def cannot_punish(self, actor, room, person):
        if person is actor:
            return "not-yourself"
        return "target-operator" if person in room.operators else None

    def is_held(self, person, room, kind):
        return room.has_listed(kind, person) and not room.has_listed("except", person)

    def why_closed(self, person, room, key):
        if person in room.invited:
            return None
        error = None
        if self.is_held(person, room, "ban"):
            error = "banned"
        elif "i" in room.modes and not room.has_listed("admit", person):
            error = "invite-only"
        elif room.key and key != room.key:
            error = "key-wrong" if key else "key-needed"
        elif room.limit and len(room.members) >= room.limit:
            error = "room-full"
        return "room-closed" if error and not self.sees(person, room) else error

    def why_silent(self, person, room):
        if person in room.operators:
            return None
        for kind, error in (("ban", "banned"), ("mute", "muted")):
            if self.is_held(person, room, kind):
                return error
        if "m" in room.modes and person not in room.voiced:
            return "moderated"
        return "slow-mode" if room.slow else None  # it is set to an hour: nobody has waited for so long

    # ---- coming and going ----

    def arrive(self, person):
        self.people[fold(person.name)] = person
        self.most_people = max(self.most_people, len(self.people))
        self.tell_watchers(person.name, True)
        self.enter(person, self.rooms[fold(LOBBY)])

    def enter(self, person, room):
        room.members.append(person)
        person.rooms.append(room)
        if len(room.members) == 1 and not room.is_permanent:
            room.operators.add(person)
        if person in room.invited:
            room.invited.remove(person)
        person.current = room
        self.tell_room(room, person, "joined", realname=person.realname)
        self.tell(person, "entered", actor=person, room=room, history=self.last_said(person, room, HISTORY))

    def join(self, actor, typed, key=""):
        room = self.rooms.get(fold(typed))
        if room is not None and room is actor.current:
            self.refuse(actor, "already-in-room", room.name)
        elif room is not None and actor in room.members:
            actor.current = room
            self.tell(actor, "switched", room=room)
        elif len(actor.rooms) >= ROOMS_MAX:
            self.refuse(actor, "too-many-rooms", str(ROOMS_MAX), typed)
        elif room is None:
            room = self.rooms[fold(typed)] = Room(typed)
            self.enter(actor, room)
        elif error := self.why_closed(actor, room, key):
            self.refuse(actor, error, room.name)
        else:
            self.enter(actor, room)

    def drop(self, person, room):
        """Takes somebody out of a room; whether the room is without its last operator now."""
        room.members.remove(person)
        person.rooms.remove(room)
        if person.current is room:
            person.current = person.rooms[-1] if person.rooms else None
        was_operator = person in room.operators
        room.operators.discard(person)
        room.voiced.discard(person)
        if not room.members and not room.is_permanent:
            del self.rooms[fold(room.name)]
        return was_operator and not room.operators and not room.is_permanent

    def succeed(self, room):
        if room.members:
            heir = room.members[0]
            room.operators.add(heir)
            self.change(heir, room, "succeed", text=heir.name)

    def leave(self, actor, room, why):
        is_orphaned = self.drop(actor, room)
        self.tell_room(room, actor, "parted", text=why)
        self.tell(actor, "left", actor=actor, room=room, text=why)
        if is_orphaned:
            self.succeed(room)

    def part(self, actor, typed, why=""):
        room = self.own_room(actor, typed)
        if room is not None:
            self.leave(actor, room, why)

    def part_all(self, actor):
        for room in list(actor.rooms):
            self.leave(actor, room, "")

    def quit(self, actor, why):
        self.tell_peers(actor, "quit", text=why)
        del self.people[fold(actor.name)]
        for room in [room for room in list(actor.rooms) if self.drop(actor, room)]:
            self.succeed(room)
        self.forget_watches(actor)
        self.tell_watchers(actor.name, False)

    def switch(self, actor, typed):
        room = self.own_room(actor, typed)
        if room is not None:
            actor.current = room
            self.tell(actor, "switched", room=room)

    # ---- talking ----

    def ignores(self, person, other, name):
        return any(other is ignored or fold(name) == fold(mask) for mask, ignored in person.ignores)

    def last_said(self, person, room, count):
        """Of the last ones those that the person is to see."""
        last = [said for said in room.history if not said.is_redacted][-count:]
        return [said for said in last if not self.ignores(person, said.actor, said.name)]

    def speaking_room(self, actor, typed, is_notice):
        """The room in which the actor may talk now. A notice is never refused aloud."""
        before = len(actor.expected)
        room = self.own_room(actor, typed, "say")
        error = self.why_silent(actor, room) if room is not None else None
        if error:
            self.refuse(actor, error, room.name, command="say")
        if is_notice:
            del actor.expected[before:]
        return None if error else room

    def say(self, actor, typed, said):
        room = self.speaking_room(actor, typed, said.is_notice)
        if room is None:
            return
        room.history.append(said)
        said.step = self.step
        for person in room.members:
            if not self.ignores(person, actor, actor.name):
                self.tell(person, "said", actor=actor, room=room, said=said)

    def message(self, actor, name, said):
        before = len(actor.expected)
        person = self.find_person(actor, name)
        if said.is_notice:
            del actor.expected[before:]
        if person is None:
            return
        said = said.in_private()
        is_ignored = self.ignores(person, actor, actor.name)
        if not is_ignored:
            self.tell(person, "private", actor=actor, said=said)
        self.tell(actor, "private-sent", actor=actor, to=person, said=said)
        is_known = is_ignored or said.is_notice or person.away is None or person is actor
        if is_known or actor in person.told_away[-TOLD_MAX:]:
            return
        person.told_away.append(actor)
        self.tell(actor, "away-is", to=person)

    # ---- what one says of oneself ----

    def nick(self, actor, name):
        holder = self.people.get(fold(name))
        if not is_name(name):
            self.refuse(actor, "name-bad", name)
        elif holder is not None and holder is not actor:
            self.refuse(actor, "name-taken", name)
        else:
            if name != actor.name:
                self.tell_peers(actor, "renamed", text=name)
            self.tell(actor, "nick", actor=actor, text=name)
            before = actor.name
            del self.people[fold(before)]
            actor.name = name
            self.people[fold(name)] = actor
            if fold(before) != fold(name):
                self.tell_watchers(before, False)
                self.tell_watchers(name, True)

    def set_away(self, actor, why):
        """why: None for back."""
        is_news = why is not None or actor.away is not None
        actor.away, actor.told_away = why, []
        self.tell(actor, "away", text=why)
        if is_news:
            self.tell_peers(actor, "away-changed", text=why)
            self.tell_watchers_of_change(actor, "away-changed", text=why)

    def set_realname(self, actor, text):
        actor.realname = text
        self.tell(actor, "realname", actor=actor, text=text)
        self.tell_peers(actor, "realname-changed", text=text or actor.name)
        self.tell_watchers_of_change(actor, "realname-changed", text=text or actor.name)

    def ignore(self, actor, name):
        person = self.find_person(actor, name)
        if person is None:
            return
        if person is actor:
            self.refuse(actor, "not-yourself", person.name)
            return
        actor.ignores = [entry for entry in actor.ignores if fold(entry[0]) != fold(person.name)]
        actor.ignores.append((person.name, person))
        self.tell(actor, "ignored", name=person.name, is_on=True)

    def unignore(self, actor, name):
        person = self.people.get(fold(name))
        kept = [entry for entry in actor.ignores
                if fold(entry[0]) != fold(name) and (person is None or entry[1] is not person)]
        if len(kept) == len(actor.ignores):
            self.refuse(actor, "not-listed", name)
            return
        actor.ignores = kept
        self.tell(actor, "ignored", name=name, is_on=False)

    # ---- what operators do ----

    def change(self, actor, room, what, **facts):
        """Everybody in the room hears of it, and who did it."""
        self.tell_room(room, actor, "changed", what=what, **facts)
        self.tell(actor, "change-done", actor=actor, room=room, what=what, **facts)

    def throw_out(self, actor, room, person, why):
        self.drop(person, room)
        self.tell_room(room, actor, "kicked", person=person, text=why)
        self.tell(person, "kicked-out", actor=actor, room=room, text=why)

    def kick(self, actor, typed, name, why):
        room = self.operated_room(actor, typed)
        person = self.find_member(actor, room, name) if room is not None else None
        if person is None:
            return
        if error := self.cannot_punish(actor, room, person):
            self.refuse(actor, error, person.name)
            return
        self.throw_out(actor, room, person, why)
        self.tell(actor, "change-done", actor=actor, room=room, what="kick", person=person, text=why)

    def restrict(self, actor, typed, kind, mask, why=""):
        room = self.operated_room(actor, typed)
        if room is None:
            return
        person = self.people.get(fold(mask))
        owner = self.people.get(fold(mask.partition("@")[2]))
        mask = person.name if person is not None else mask
        entries = room.lists[kind]
        error = self.cannot_punish(actor, room, person) if person is not None and kind in ("ban", "mute") else None
        if error:
            self.refuse(actor, error, mask)
        elif len(entries) >= LIST_MAX:
            self.refuse(actor, "list-full", "un" + kind)
        else:
            entries[:] = [entry for entry in entries if fold(entry.mask) != fold(mask)]
            entries.append(Entry(mask, person, owner.host if owner is not None else "", why))
            self.change(actor, room, kind, text=mask, why=why)
            if kind == "ban" and person in room.members and not room.has_listed("except", person):
                self.throw_out(actor, room, person, why)
                self.tell(actor, "banned-out", actor=actor, room=room, person=person, text=why)

    def lift(self, actor, typed, kind, mask):
        room = self.operated_room(actor, typed)
        if room is None:
            return
        person = self.people.get(fold(mask))
        entries = room.lists[kind]
        kept = [entry for entry in entries if not entry.is_called(mask, person)]
        if len(kept) == len(entries):
            self.refuse(actor, "not-listed", mask)
            return
        entries[:] = kept
        self.change(actor, room, "un" + kind, text=mask)

    def set_role(self, actor, typed, what, name):
        """what: op, deop, voice, devoice."""
        room = self.operated_room(actor, typed)
        person = self.find_member(actor, room, name) if room is not None else None
        if person is None:
            return
        roles = room.operators if what.endswith("op") else room.voiced
        (roles.discard if what.startswith("de") else roles.add)(person)
        self.change(actor, room, what, text=person.name)

    def set_switch(self, actor, typed, letter, is_on):
        room = self.operated_room(actor, typed)
        if room is not None:
            (room.modes.add if is_on else room.modes.discard)(letter)
            self.change(actor, room, SWITCHES[letter], letter=letter, count=int(is_on))

    def set_value(self, actor, typed, what, value):
        """what: key, limit, slow; value: of the same name in Room."""
        room = self.operated_room(actor, typed)
        if room is not None:
            setattr(room, what, value)
            self.change(actor, room, what, value=value)

    def set_topic(self, actor, typed, text):
        room = self.own_room(actor, typed)
        if room is None:
            return
        if "t" in room.modes and actor not in room.operators:
            self.refuse(actor, "not-operator", room.name)
            return
        room.topic, room.topic_by = text, actor.name
        self.tell_room(room, actor, "topic", text=text)
        self.tell(actor, "topic-set", actor=actor, room=room, text=text)

    def invite(self, actor, typed, name):
        room = self.own_room(actor, typed)
        if room is None:
            return
        if "i" in room.modes and actor not in room.operators:
            self.refuse(actor, "not-operator", room.name)
            return
        person = self.find_person(actor, name)
        if person is None:
            return
        if person in room.members:
            self.refuse(actor, "there-already", person.name, room.name)
            return
        room.invited = [other for other in room.invited if other is not person][-INVITED_MAX + 1:] + [person]
        if not self.ignores(person, actor, actor.name):
            self.tell(person, "invited", actor=actor, room=room)
        self.tell(actor, "change-done", actor=actor, room=room, what="invite", person=person)
        self.tell_room(room, actor, "invited-there", person=person)

    # ---- what is asked ----

    def ask_names(self, actor, typed):
        room = actor.current if typed is None else self.find_room(actor, typed, "names")
        if room is not None:
            self.tell(actor, "names", room=room)
        elif typed is None:
            self.refuse(actor, "no-current-room")

    def ask_who(self, actor, mask):
        if mask.startswith("#"):
            room = self.find_room(actor, mask, "who")
            if room is not None:
                self.tell(actor, "who", room=room, mask=room.name, people=room.members)
            return
        people = [person for person in self.people.values() if fits(mask, person.name)]
        self.tell(actor, "who", room=None, mask=mask, people=people)

    def ask_whois(self, actor, name):
        person = self.find_person(actor, name, "whois")
        if person is not None:
            self.tell(actor, "whois", person=person, rooms=[room for room in person.rooms if room in actor.rooms])

    def ask_rooms(self, actor):
        rooms = [room for room in self.rooms.values() if self.sees(actor, room)]
        rooms.sort(key=lambda room: (-len(room.members), fold(room.name)))
        self.tell(actor, "rooms", rooms=rooms)

    def ask_modes(self, actor, typed):
        room = self.own_room(actor, typed)
        if room is not None:
            self.tell(actor, "modes", room=room)

    def ask_topic(self, actor, typed):
        room = self.own_room(actor, typed)
        if room is not None:
            self.tell(actor, "topic-is", room=room)

    def ask_list(self, actor, typed, kind):
        room = self.own_room(actor, typed)
        if room is None:
            return
        entries = room.lists[kind]
        shown = [entry for entry in entries if actor in room.operators or not entry.has_address]
        self.tell(actor, "list", room=room, kind=kind, entries=shown, hidden=len(entries) - len(shown))

    def ask_present(self, actor, names, is_long):
        people = [self.people.get(fold(name)) for name in names]
        self.tell(actor, "present", people=[person for person in people if person is not None], is_long=is_long)

    def ask_counts(self, actor):
        self.tell(actor, "counts", people=len(self.people), most=self.most_people, rooms=len(self.rooms))
