"""The part of the model that is about what clients do by themselves: who is watched, what is taken back, read again, and
how far it is read. Only some of it has a command for people, too."""
from mingle_model_state import fold, is_name

RANGE_WAYS = ("LATEST", "BEFORE", "AFTER", "AROUND", "BETWEEN")


class ForPrograms:
    """A base of Model."""

    # ---- who comes and goes ----

    def watch_item(self, name):
        """As it is called now, or was called by who began to watch it, and whether it is here."""
        person = self.people.get(fold(name))
        return (name, False) if person is None else (person.name, True)

    def tell_watchers(self, name, is_here):
        for person in self.people.values():
            if fold(name) in person.watched:
                self.tell(person, "watched", people=[(name, is_here)])

    def tell_watchers_of_change(self, actor, kind, /, **facts):
        """Those who do not hear of it in a room."""
        for person in self.people.values():
            is_watcher = "extended-monitor" in person.caps and fold(actor.name) in person.watched
            if is_watcher and person is not actor and not set(person.rooms) & set(actor.rooms):
                self.tell(person, kind, actor=actor, **facts)

    def forget_watched_names(self):
        watched = {name for person in self.people.values() for name in person.watched}
        self.watched_names = {name: typed for name, typed in self.watched_names.items() if name in watched}

    def forget_watches(self, actor):
        actor.watched = []
        self.forget_watched_names()

    def watch(self, actor, names):
        names = [name for name in names if is_name(name)]
        for name in names:
            self.watched_names.setdefault(fold(name), name)
            if fold(name) not in actor.watched:
                actor.watched.append(fold(name))
        self.tell(actor, "watched", people=[self.watch_item(name) for name in names], is_answer=True)

    def unwatch(self, actor, names):
        """names: None for all. That somebody is not on the list is nothing for programs."""
        gone = [name for name in names or [] if fold(name) in actor.watched]
        if names and not gone:
            if not actor.is_irc:
                self.refuse(actor, "not-listed", names[0])
            return
        folded = [fold(name) for name in gone]
        actor.watched = [name for name in actor.watched if names and name not in folded]
        self.forget_watched_names()
        self.tell(actor, "unwatched", names=gone)

    def ask_watches(self, actor, kind):
        """kind: watch-list, watch-status."""
        self.tell(actor, kind, people=[self.watch_item(self.watched_names[name]) for name in actor.watched])

    # ---- talking ----

    def say_to_role(self, actor, typed, said, is_voiced):
        """To the operators, or also to who has voice, and back to who says it."""
        before = len(actor.expected)
        room = self.speaking_room(actor, typed, said.is_notice)
        if room is None:
            return
        people = [person for person in room.members if person is not actor and
                  (person in room.operators or (is_voiced and person in room.voiced))]
        if not people:
            self.refuse(actor, "nobody-addressed", room.name)
            if said.is_notice:
                del actor.expected[before:]
            return
        for person in people:
            if not self.ignores(person, actor, actor.name):
                self.tell(person, "said-to-role", actor=actor, room=room, said=said.in_private(), is_voiced=is_voiced)
        self.tell(actor, "said-to-role", actor=actor, room=room, said=said.in_private(), is_voiced=is_voiced)

    def send_tags(self, actor, target, tags):
        """Of who does not know tags nothing is sent, and nothing is ever answered."""
        if "message-tags" not in actor.caps:
            return
        if target.startswith("#"):
            room = self.speaking_room(actor, target, True)
            for person in room.members if room is not None else []:
                self.tell(person, "tags", actor=actor, room=room, target=room.name, tags=tags)
            return
        person = self.people.get(fold(target))
        if person is None:
            return
        if person.is_irc and not self.ignores(person, actor, actor.name):
            self.tell(person, "private-tags", actor=actor, target=person.name, tags=tags)
        self.tell(actor, "private-tags-sent", actor=actor, target=person.name, tags=tags)

    def redact(self, actor, typed, message, said, why):
        """said: what has the id `message`, or None."""
        room = self.own_room(actor, typed)
        if room is None:
            return
        if said is None or said.is_redacted or said not in room.history:
            self.refuse(actor, "no-such-message", message, room.name)
        elif actor not in room.operators and said.actor is not actor:
            self.refuse(actor, "not-your-message", message, room.name)
        else:
            for person in room.members:
                self.tell(person, "redacted", actor=actor, room=room, said=said, why=why)
            said.is_redacted = True

    # ---- reading ----

    def ask_range(self, actor, typed, way, marks, most):
        """marks: one or two of what was said in the room, or None for no end."""
        room = self.rooms.get(fold(typed))
        if room is None or actor not in room.members:
            self.refuse(actor, "no-history", typed, way)
            return
        at = [room.history.index(said) for said in marks if said is not None]
        there = list(enumerate(room.history))
        before = [pair for pair in there if at and pair[0] < at[0] and not pair[1].is_redacted]
        after = [pair for pair in there if (not at or pair[0] > at[0]) and not pair[1].is_redacted]
        if way == "LATEST":
            found = after[-most:]
        elif way == "BEFORE":
            found = before[-most:]
        elif way == "AFTER":
            found = after[:most]
        elif way == "AROUND":
            first = before[-(most // 2):] if most > 1 else []
            found = first + [pair for pair in there if pair[0] >= at[0] and not pair[1].is_redacted][:most - len(first)]
        else:
            low, high = min(at), max(at)
            inside = [pair for pair in there if low < pair[0] < high and not pair[1].is_redacted]
            found = inside[:most] if at[0] <= at[1] else inside[-most:]
        self.tell(actor, "history", room=room, history=[said for _, said in found])

    def ask_targets(self, actor, most, is_backwards):
        """The rooms in which something is said, by the time of what was said last."""
        last = {room: [said for said in room.history if not said.is_redacted][-1:] for room in actor.rooms}
        rooms = sorted((room for room in actor.rooms if last[room]), key=lambda room: last[room][0].step)
        self.tell(actor, "history-targets", rooms=rooms[-most:] if is_backwards else rooms[:most])

    def ask_history(self, actor, count):
        if actor.current is None:
            self.refuse(actor, "no-current-room")
            return
        self.tell(actor, "history", room=actor.current, history=self.last_said(actor, actor.current, count))

    def mark_read(self, actor, target, stamp):
        """stamp: None to ask. A mark only moves on."""
        if stamp is not None:
            actor.marks[fold(target)] = max(stamp, actor.marks.get(fold(target), ""))
        self.tell(actor, "read-mark", target=target)

    # ---- mistakes ----

    def mix_targets(self, actor, target, other):
        """In a message of several lines."""
        self.refuse(actor, "other-target", target, other)
