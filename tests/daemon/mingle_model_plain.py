"""What a client of the plain dialect is to get for what the model of mingle_model.py tells it."""
import re

from mingle_model_wire import REFUSALS, in_order, mark, with_why

CHANGES = {"ban": ("banned {}", "from"), "unban": ("lifted the ban of {}", "in"), "mute": ("muted {}", "in"),
           "unmute": ("lifted the mute of {}", "in"), "except": ("excepted {} from bans and mutes", "in"),
           "unexcept": ("lifted the exception of {} from bans and mutes", "in"), "admit": ("admitted {}", "to"),
           "unadmit": ("took back the admission of {}", "to"), "op": ("made {} an operator", "of"),
           "deop": ("took the operator's role from {}", "in"), "succeed": ("became an operator", "of"),
           "voice": ("gave {} voice", "in"), "devoice": ("took voice from {}", "in")}

NOBODY = {"ban": "banned from {}", "mute": "muted in {}", "except": "excepted from bans and mutes in {}",
          "admit": "admitted to {} without an invitation"}
ENTRIES = {"ban": ("ban", ""), "mute": ("mute", ""), "except": ("exception", " from bans and mutes"),
           "admit": ("admission", " without an invitation")}


def timed(what, you=None, room=None):
    tag = f"{room.name} " if room is not None and you.current is not room else ""
    return [f"HH:MM {tag}{what}"]


def plain_refused(you, error, subject, other, command):
    if error == "already-in-room":
        return [re.compile(re.escape(f"*** You are in {subject} already."))]
    words = REFUSALS[error][2].format(subject=re.escape(subject), other=re.escape(other))
    return [re.compile(r"\*\*\* " + words)]


def in_one_line(text):
    return text.replace("\n", " ")


def speech(said):
    return f"* {said.name} {said.text}" if said.is_action else f"<{said.name}> {in_one_line(said.text)}"


def plain_said(you, actor, room, said):
    return [] if you is actor else timed(speech(said), you, room)


def plain_said_to_role(you, actor, room, said, is_voiced):
    return timed(f"[{actor.name} -> operators{' and voiced' if is_voiced else ''} of {room.name}] {in_one_line(said.text)}")


def plain_redacted(you, actor, room, said, why):
    whose = "" if said.name == actor.name else f" of {said.name}"
    return timed(with_why(f"-- {actor.name} took back a message{whose}", why), you, room)


def plain_entered(you, actor, room, history):
    others = [mark(person, room).replace("+", "") + person.name for person in in_order(room.members) if person is not you]
    company = f" with {', '.join(others)}" if others else ", alone so far"
    lines = [f"*** You are {you.name}, in {room.name}{company}.{f' Topic: {room.topic}' if room.topic else ''}"]
    return lines + (told_again(history) if history else ["*** Type to talk, /help for commands."])


def told_again(history):
    count = "last message" if len(history) == 1 else f"last {len(history)} messages"
    return [f"--- DATE, {count} ---", *(f"HH:MM {speech(said)}" for said in history), "--- now --- (/help for commands)"]


def plain_history(you, room, history):
    return told_again(history) if history else [f"*** Nothing of it is left: {room.name} has no messages from then."]


def follow(you):
    return f" What you type goes to {you.current.name} now." if you.current else None


def plain_left(you, actor, room, text):
    return [f"*** You left {room.name}.{follow(you)}" if you.current else
            f"*** You left {room.name} and are in no room now. To enter one: /join #ROOM"]


def plain_kicked_out(you, actor, room, text):
    return [with_why(f"*** {actor.name} kicked you from {room.name}", text) + "." +
            (follow(you) or " You are in no room now. To enter one: /join #ROOM")]


def plain_deed(what, text="", why="", letter="", count=0, value=None):
    """What was done, and how the room is tied to it."""
    if letter:
        return f"turned {what} {'on' if count else 'off'}", "in"
    if value is not None:
        return {"key": "set a key" if value else "removed the key",
                "limit": f"set a limit of {value} people" if value else "removed the limit",
                "slow": f"set slow mode to one message in {value} s" if value else "turned slow mode off"}[what], "in"
    return CHANGES[what][0].format(text), CHANGES[what][1]


def plain_changed(you, actor, room, what, **facts):
    deed, _ = plain_deed(what, **facts)
    return timed(with_why(f"-- {actor.name} {deed}", facts.get("why")), you, room)


def plain_change_done(you, actor, room, what, person=None, text="", why="", **facts):
    if person is not None:
        deed, at, why = (f"kicked {person.name}", "from", text) if what == "kick" else (f"invited {person.name}", "to", "")
    else:
        deed, at = plain_deed(what, text=text, **facts)
    if facts.get("value") and what == "key":
        return [f"*** You {deed} {at} {room.name}. To enter: /join {room.name} {facts['value']}"]
    return [with_why(f"*** You {deed} {at} {room.name}", why) + "."]


def counted(count, one, many):
    return f"{count} {one if count == 1 else many}"


def listed(title, items):
    return [" ".join([f"--- {title} ---", *items])]


def plain_names(you, room):
    names = [mark(person, room) + person.name + (" (you)" if person is you else "") for person in in_order(room.members)]
    return listed(f"{counted(len(names), 'person', 'people')} in {room.name}", [", ".join(names)])


def gone(person):
    return "" if person.away is None else with_why(", away", person.away)


def plain_who(you, room, mask, people):
    if not people:
        return [f"*** Nobody here is called like {mask}. To list all: /who"]
    return listed(counted(len(people), "person", "people"),
                  [(mark(person, room) if room is not None else "") + person.name +
                   (" (you)" if person is you else "") + gone(person) for person in in_order(people)])


def plain_whois(you, person, rooms):
    where = f" In {', '.join(mark(person, room) + room.name for room in rooms)} with you." if rooms else ""
    client = "irc" if person.is_irc else "plain"
    return [f"*** {with_why(person.name, person.realname)} is here since HH:MM{gone(person)}, on {client} "
            f"without TLS.{where}"]


def plain_rooms(you, rooms):
    return listed(counted(len(rooms), "room", "rooms"),
                  [f"{room.name}  {counted(len(room.members), 'person', 'people')}" +
                   (f"  {room.topic}" if room.topic else "") for room in rooms])


def plain_modes(you, room):
    words = [word for letter, word in (("i", "invite-only"), ("s", "secret"), ("t", "topic-lock"), ("m", "moderated"))
             if letter in room.modes]
    words += ["key"] if room.key else []
    words += [f"{word} {value}" for word, value in (("slow", room.slow), ("limit", room.limit)) if value]
    if not words:
        return [f"*** {room.name} has no modes set. To set one: /mode invite-only on (more: /help mode)"]
    return [f"*** Modes of {room.name}: {', '.join(words)}"]


def plain_list(you, room, kind, entries, hidden):
    if not entries and not hidden:
        return [f"*** Nobody is {NOBODY[kind].format(room.name)}."]
    items = [entry.mask + (f"  ({entry.why})" if entry.why else "") for entry in entries]
    if hidden:
        items.append("1 of an address: only operators see it" if hidden == 1 else
                     f"{hidden} of addresses: only operators see them")
    one, more = ENTRIES[kind]
    return listed(f"{counted(len(entries) + hidden, one + more, one + 's' + more)} in {room.name}", items)


def plain_topic_is(you, room):
    if not room.topic:
        return [f"*** {room.name} has no topic. To set one: /topic TEXT"]
    return [f"*** Topic of {room.name}, set by {room.topic_by}: {room.topic}"]


def plain_away(you, text):
    if text is None:
        return ["*** You are back."]
    return [with_why("*** You are away", text) + ". When you are back: /back"]


def plain_realname(you, actor, text):
    return [f"*** /whois says of you now: {text}" if text else
            "*** /whois says nothing of you but your name. To change that: /realname TEXT"]


def plain_ignored(you, name, is_on):
    return [f"*** You ignore {name} now. To undo it: /unignore {name}" if is_on else
            f"*** You do not ignore {name} any more."]


def plain_watched(you, people, is_answer=False):
    if not is_answer:
        return [f"*** {name} is here now." if is_here else f"*** {name} has left." for name, is_here in people]
    return [f"*** You watch {name}, who is {'' if is_here else 'not '}here. To undo it: /unwatch {name}"
            for name, is_here in people]


def plain_watch_list(you, people):
    if not people:
        return ["*** You watch nobody. To be told when somebody comes and goes: /watch NAME"]
    names = [name + (" (here)" if is_here else "") for name, is_here in people]
    return [f"*** You watch {', '.join(names)}. To undo it: /unwatch NAME"]


def plain_counts(you, people, most, rooms):
    return [f"*** Here: {counted(people, 'person', 'people')} (at most {counted(most, 'person', 'people')} at a time so "
            f"far), of them 0 operators of the server, in {counted(rooms, 'room', 'rooms')}. To list them: /who, /rooms"]


PLAIN = {
    "refused": plain_refused, "said": plain_said, "entered": plain_entered, "left": plain_left,
    "kicked-out": plain_kicked_out, "changed": plain_changed, "change-done": plain_change_done, "names": plain_names,
    "who": plain_who, "whois": plain_whois, "rooms": plain_rooms, "modes": plain_modes, "list": plain_list,
    "topic-is": plain_topic_is, "away": plain_away, "realname": plain_realname, "ignored": plain_ignored,
    "counts": plain_counts, "said-to-role": plain_said_to_role, "redacted": plain_redacted, "history": plain_history,
    "watched": plain_watched, "watch-list": plain_watch_list,
    "away-changed": lambda you, **facts: [], "realname-changed": lambda you, **facts: [],
    "banned-out": lambda you, **facts: [],
    "tags": lambda you, **facts: [], "invited-there": lambda you, **facts: [],
    "unwatched": lambda you, names: (
        [f"*** You do not watch {name} any more." for name in names] or ["*** You watch nobody any more."]),
    "private": lambda you, actor, said: timed(f"[{actor.name}] {in_one_line(said.text)}"),
    "private-sent": lambda you, actor, to, said: timed(f"[-> {to.name}] {in_one_line(said.text)}"),
    "away-is": lambda you, to: [with_why(f"*** {to.name} is away", to.away) + "."],
    "joined": lambda you, actor, room, realname: timed(f"-- {actor.name} joined", you, room),
    "parted": lambda you, actor, room, text: timed(with_why(f"-- {actor.name} left", text), you, room),
    "quit": lambda you, actor, text: timed(with_why(f"-- {actor.name} left", text)),
    "renamed": lambda you, actor, text: timed(f"-- {actor.name} is now known as {text}"),
    "nick": lambda you, actor, text: [f"*** You are {text} now."],
    "switched": lambda you, room: [f"*** What you type goes to {room.name} now."],
    "topic": lambda you, actor, room, text: timed(
        f"-- {actor.name} " + (f"set the topic: {text}" if text else "cleared the topic"), you, room),
    "topic-set": lambda you, actor, room, text: [
        f"*** You set the topic of {room.name}: {text}" if text else f"*** You cleared the topic of {room.name}."],
    "kicked": lambda you, actor, room, person, text: timed(with_why(f"-- {actor.name} kicked {person.name}", text), you, room),
    "invited": lambda you, actor, room: [
        f"*** {actor.name} invites you to {room.name}. To enter: /join {room.name}"],
}
