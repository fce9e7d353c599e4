"""What a client is to get for what the model tells it: render() gives lines as seen() makes them of what really came.

What is left open: the words of refusals, times, and in how many lines a list comes."""
import re

from mingle_client import untimed
from mingle_model_state import fold

SERVER = ":localhost.mingle"
CHANGES = {"ban": ("banned {}", "from"), "unban": ("lifted the ban of {}", "in"), "mute": ("muted {}", "in"),
           "unmute": ("lifted the mute of {}", "in"), "op": ("made {} an operator", "of"),
           "deop": ("took the operator's role from {}", "in"), "succeed": ("became an operator", "of"),
           "voice": ("gave {} voice", "in"), "devoice": ("took voice from {}", "in")}
MODES = {"ban": "+b", "unban": "-b", "mute": "+q", "unmute": "-q", "op": "+o", "deop": "-o", "succeed": "+o",
         "voice": "+v", "devoice": "-v"}

# The numeric, or the code of the standard reply, and what stands in it; how the answer begins for people.
REFUSALS = {
    "no-such-room": ("403", "{subject}", r"There is no room {subject}\."),
    "no-such-user": ("401", "{subject}", r"No one here is called {subject}\."),
    "not-in-room": ("442", "{subject}", r"You are not in {subject}\."),
    "no-current-room": ("442", "", r"You are in no room\."),
    "not-operator": ("482", "{subject}", r"Only operators of {subject} can do that"),
    "not-there": ("441", "{subject} {other}", r"{subject} is not in {other}\."),
    "there-already": ("443", "{subject} {other}", r"{subject} is in {other} already\."),
    "too-many-rooms": ("405", "{other}", r"You can be in {subject} rooms at once"),
    "banned": ("474", "{subject}", r"You are banned from {subject}\."),
    "invite-only": ("473", "{subject}", r"{subject} is invite-only"),
    "room-closed": ("473", "{subject}", r"{subject} is not open to you\."),
    "key-needed": ("475", "{subject}", r"{subject} has a key\."),
    "key-wrong": ("475", "{subject}", r"That is not the key of {subject}\."),
    "room-full": ("471", "{subject}", r"{subject} is full\."),
    "muted": ("404", "{subject}", r"You are muted in {subject}\."),
    "moderated": ("404", "{subject}", r"{subject} is moderated"),
    "slow-mode": ("404", "{subject}", r"Slow mode: "),
    "name-bad": ("432", "{subject}", r"Names have "),
    "name-taken": ("433", "{subject}", r'"{subject}" is taken\.'),
    "not-yourself": ("NOT_YOURSELF", "{subject}", r"That is you\."),
    "target-operator": ("TARGET_OPERATOR", "{subject}", r"{subject} is an operator of this room\."),
    "list-full": ("LIST_FULL", "{subject}", r"The list is full\."),
    "not-listed": ("NOT_LISTED", "{subject}", r"{subject} is not on the list\."),
}


def by(name, what):
    return f":{name}!u@{name}.mingle {what}"


def with_why(text, why):
    return f"{text} ({why})" if why else text


def mark(person, room, has_both=False):
    marks = ("@" if person in room.operators else "") + ("+" if person in room.voiced else "")
    return marks if has_both else marks[:1]


def in_order(people):
    return sorted(people, key=lambda person: fold(person.name))


def mask_of_irc(mask):
    name, _, host = mask.partition("@")
    return f"{name}!*@{host or '*'}"


# ---- IRC ----

def irc_refused(you, error, subject, other):
    if error == "already-in-room":
        return []
    code, words, _ = REFUSALS[error]
    words = words.format(subject=subject, other=other)
    if code.isdigit():
        return [f"{code} {you.name} {words}"]
    return [f"FAIL {code} {words}" if "standard-replies" in you.caps else f"REFUSED {words}"]


def irc_spoken(name, is_action, is_notice, target, text):
    text = f"\001ACTION {text}\001" if is_action else text
    return by(name, f"{'NOTICE' if is_notice else 'PRIVMSG'} {target} :{text}")


def irc_said(you, actor, room, is_action, is_notice, text):
    if you is actor and "echo-message" not in you.caps:
        return []
    return [irc_spoken(actor.name, is_action, is_notice, room.name, text)]


def irc_private(you, actor, is_notice, text):
    return [irc_spoken(actor.name, False, is_notice, you.name, text)]


def irc_private_sent(you, actor, to, is_notice, text):
    return [irc_spoken(you.name, False, is_notice, to.name, text)] if "echo-message" in you.caps else []


def irc_joined(you, actor, room, realname):
    long = f" * :{realname or actor.name}" if "extended-join" in you.caps else ""
    lines = [by(actor.name, f"JOIN {room.name}{long}")]
    return lines if you is actor or actor.away is None else lines + irc_away_changed(you, actor, actor.away)


def irc_history(you, room, history):
    if not history or "server-time" not in you.caps:
        return []
    lines = [irc_spoken(name, is_action, is_notice, room.name, text) for name, is_action, is_notice, text, _ in history]
    if "batch" in you.caps:
        lines = [f"{SERVER} BATCH + chathistory {room.name}"] + lines + [f"{SERVER} BATCH -"]
    return lines


def irc_names(you, room):
    names = [mark(person, room, "multi-prefix" in you.caps) + person.name +
             (f"!u@{person.name}.mingle" if "userhost-in-names" in you.caps else "")
             for person in in_order(room.members)]
    return [f"353 {you.name} {'@' if 's' in room.modes else '='} {room.name} :{' '.join(names)}",
            f"{SERVER} 366 {you.name} {room.name} :End of NAMES list"]


def irc_topic_is(you, room):
    if not room.topic:
        return [f"{SERVER} 331 {you.name} {room.name} :No topic is set"]
    setter = f"{room.topic_by}!u@{room.topic_by}.mingle"
    return [f"{SERVER} 332 {you.name} {room.name} :{room.topic}", f"{SERVER} 333 {you.name} {room.name} {setter} TIME"]


def irc_entered(you, actor, room, history):
    lines = irc_joined(you, actor, room, actor.realname) + (irc_topic_is(you, room) if room.topic else [])
    lines += irc_history(you, room, history)
    return lines + ([] if "draft/no-implicit-names" in you.caps else irc_names(you, room))


def irc_nick(you, actor, text):
    """Called before the name is another one, for whoever has it and for the others."""
    if text == actor.name:
        return []
    host = [f":{text}!u@{actor.name}.mingle CHGHOST u :{text}.mingle"] if "chghost" in you.caps else []
    return [by(actor.name, f"NICK {text}")] + host


def irc_away(you, text):
    words = "305 {} :You are no longer marked as away" if text is None else "306 {} :You are marked as away"
    return [f"{SERVER} {words.format(you.name)}"]


def irc_away_changed(you, actor, text):
    why = "" if text is None else f" :{text or 'away'}"
    return [by(actor.name, f"AWAY{why}")] if "away-notify" in you.caps else []


def irc_realname(you, actor, text):
    return [by(actor.name, f"SETNAME :{text or actor.name}")] if "setname" in you.caps else []


def irc_mode(actor, room, what, is_actor, text="", why="", letter="", count=0, value=None):
    if letter:
        change = ("+" if count else "-") + letter
    elif value is not None:
        sign = "+" if value else "-"
        shown = {"key": value if is_actor and value else "*", "limit": value or "", "slow": value or ""}[what]
        change = f"{sign}{ {'key': 'k', 'limit': 'l', 'slow': 'W'}[what]} {shown}".rstrip()
    else:
        change = f"{MODES[what]} {mask_of_irc(text) if MODES[what][1] in 'bq' else text}"
    if what == "succeed":
        return [f"{SERVER} MODE {room.name} {change}"]
    return [by(actor.name, f"MODE {room.name} {change}")]


def irc_change_done(you, actor, room, what, **facts):
    if what == "kick":
        return irc_kicked(you, actor, room, **facts)
    if what == "invite":
        return [f"{SERVER} 341 {you.name} {facts['person'].name} {room.name}"]
    return irc_mode(actor, room, what, True, **facts)


def irc_kicked(you, actor, room, person, text):
    return [by(actor.name, f"KICK {room.name} {person.name} :{text}")]


def irc_who(you, room, mask, people):
    lines = []
    for person in in_order(people):
        marks = mark(person, room, "multi-prefix" in you.caps) if room is not None else ""
        lines.append(f"{SERVER} 352 {you.name} {room.name if room is not None else '*'} u {person.name}.mingle "
                     f"localhost.mingle {person.name} {'H' if person.away is None else 'G'}{marks} "
                     f":0 {person.realname or person.name}")
    return lines + [f"{SERVER} 315 {you.name} {mask} :End of WHO list"]


def irc_whois(you, person, rooms):
    start, end = f"{you.name} {person.name}", f"{you.name} {person.name} :End of WHOIS list"
    lines = [f"{SERVER} 311 {start} u {person.name}.mingle * :{person.realname or person.name}"]
    if rooms:
        lines.append(f"{SERVER} 319 {start} :{' '.join(mark(person, room) + room.name for room in rooms)}")
    if person.away is not None:
        lines.append(f"{SERVER} 301 {start} :{person.away or 'away'}")
    return lines + [f"{SERVER} 318 {end}"]


def irc_rooms(you, rooms):
    return [f"{SERVER} 322 {you.name} {room.name} {len(room.members)} :{room.topic}" for room in rooms] + \
        [f"{SERVER} 323 {you.name} :End of LIST"]


def irc_modes(you, room):
    letters = "".join(letter for letter in "istm" if letter in room.modes)
    values = [("k", "*")] if room.key else []
    values += [(letter, str(value)) for letter, value in (("W", room.slow), ("l", room.limit)) if value]
    words = ["+n" + letters + "".join(letter for letter, _ in values), *(value for _, value in values)]
    return [f"{SERVER} 324 {you.name} {room.name} {' '.join(words)}", f"{SERVER} 329 {you.name} {room.name} TIME"]


def irc_list(you, room, kind):
    item, end, words = ("367", "368", "ban") if kind == "ban" else ("728", "729", "mute")
    start = f"{you.name} {room.name}{'' if kind == 'ban' else ' q'}"
    return [f"{SERVER} {item} {start} {mask_of_irc(entry.mask)}" for entry in room.lists[kind]] + \
        [f"{SERVER} {end} {start} :End of {words} list"]


def irc_present(you, people, is_long):
    words = [f"{person.name}={'+' if person.away is None else '-'}u@{person.name}.mingle" if is_long else person.name
             for person in people]
    return [f"{SERVER} {302 if is_long else 303} {you.name} :{' '.join(words)}"]


def irc_counts(you, people, most, rooms):
    counts = f"{you.name} {people} {most}"
    return [f"{SERVER} 251 {you.name} :There are {people} users and 0 invisible on 1 servers",
            f"254 {you.name} {rooms}", f"{SERVER} 255 {you.name} :I have {people} clients and 0 servers",
            f"265 {counts}", f"266 {counts}"]


IRC = {
    "refused": irc_refused, "said": irc_said, "private": irc_private, "private-sent": irc_private_sent,
    "joined": irc_joined, "entered": irc_entered, "nick": irc_nick, "renamed": irc_nick, "away": irc_away,
    "away-changed": irc_away_changed, "realname": irc_realname, "realname-changed": irc_realname,
    "kicked": irc_kicked, "banned-out": irc_kicked, "names": irc_names, "topic-is": irc_topic_is,
    "who": irc_who, "whois": irc_whois, "rooms": irc_rooms, "modes": irc_modes, "list": irc_list,
    "present": irc_present, "counts": irc_counts, "change-done": irc_change_done,
    "switched": lambda you, **facts: [],
    "away-is": lambda you, to: [f"{SERVER} 301 {you.name} {to.name} :{to.away or 'away'}"],
    "parted": lambda you, actor, room, text: [by(actor.name, f"PART {room.name}" + (f" :{text}" if text else ""))],
    "left": lambda you, actor, room, text: [by(actor.name, f"PART {room.name}" + (f" :{text}" if text else ""))],
    "quit": lambda you, actor, text: [by(actor.name, "QUIT" + (f" :{text}" if text else ""))],
    "topic": lambda you, actor, room, text: [by(actor.name, f"TOPIC {room.name} :{text}")],
    "topic-set": lambda you, actor, room, text: [by(actor.name, f"TOPIC {room.name} :{text}")],
    "changed": lambda you, actor, room, what, **facts: irc_mode(actor, room, what, False, **facts),
    "kicked-out": lambda you, actor, room, text: [by(actor.name, f"KICK {room.name} {you.name} :{text}")],
    "invited": lambda you, actor, room: [by(actor.name, f"INVITE {you.name} {room.name}")],
}


def seen_by_irc(messages):
    """The messages as lines of render(): of lists only what the model knows about."""
    lines = []
    for message in messages:
        text, command = message.text, message.command
        if command == "353" and lines and lines[-1].startswith(text.partition(" :")[0].partition(" ")[2] + " :"):
            lines[-1] += " " + message.params[-1]
        elif command == "353":
            lines.append(text.partition(" ")[2])
        elif command in ("254", "265", "266") or "400" <= command < "700":
            lines.append(" ".join([command, *message.params[:-1]]))
        elif command == "FAIL":
            lines.append(" ".join(["FAIL", *message.params[1:-1]]))
        elif command == "NOTICE" and message.source == SERVER[1:]:
            lines.append(f"REFUSED {message.params[1].partition(':')[0]}")
        elif command == "BATCH":
            lines.append(" ".join([SERVER, "BATCH", message.params[0][0], *message.params[1:]]))
        elif command not in ("312", "317", "321", "378", "671"):
            lines.append(text)
    return lines


# ---- the plain dialect ----

def timed(what, you=None, room=None):
    tag = f"{room.name} " if room is not None and you.current is not room else ""
    return [f"HH:MM {tag}{what}"]


def plain_refused(you, error, subject, other):
    if error == "already-in-room":
        return [re.compile(re.escape(f"*** You are in {subject} already."))]
    words = REFUSALS[error][2].format(subject=re.escape(subject), other=re.escape(other))
    return [re.compile(r"\*\*\* " + words)]


def speech(name, is_action, text):
    return f"* {name} {text}" if is_action else f"<{name}> {text}"


def plain_said(you, actor, room, is_action, is_notice, text):
    return [] if you is actor else timed(speech(actor.name, is_action, text), you, room)


def plain_entered(you, actor, room, history):
    others = [mark(person, room).replace("+", "") + person.name for person in in_order(room.members) if person is not you]
    company = f" with {', '.join(others)}" if others else ", alone so far"
    lines = [f"*** You are {you.name}, in {room.name}{company}.{f' Topic: {room.topic}' if room.topic else ''}"]
    if not history:
        return lines + ["*** Type to talk, /help for commands."]
    count = "last message" if len(history) == 1 else f"last {len(history)} messages"
    return lines + [f"--- DATE, {count} ---"] + \
        [f"HH:MM {speech(name, is_action, text)}" for name, is_action, _, text, _ in history] + \
        ["--- now --- (/help for commands)"]


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


def plain_list(you, room, kind):
    entries = room.lists[kind]
    if not entries:
        return [f"*** Nobody is {'banned from' if kind == 'ban' else 'muted in'} {room.name}."]
    return listed(f"{counted(len(entries), kind, kind + 's')} in {room.name}",
                  [entry.mask + (f"  ({entry.why})" if entry.why else "") for entry in entries])


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


def plain_counts(you, people, most, rooms):
    return [f"*** Here: {counted(people, 'person', 'people')} (at most {counted(most, 'person', 'people')} at a time so "
            f"far), of them 0 operators of the server, in {counted(rooms, 'room', 'rooms')}. To list them: /who, /rooms"]


PLAIN = {
    "refused": plain_refused, "said": plain_said, "entered": plain_entered, "left": plain_left,
    "kicked-out": plain_kicked_out, "changed": plain_changed, "change-done": plain_change_done, "names": plain_names,
    "who": plain_who, "whois": plain_whois, "rooms": plain_rooms, "modes": plain_modes, "list": plain_list,
    "topic-is": plain_topic_is, "away": plain_away, "realname": plain_realname, "ignored": plain_ignored,
    "counts": plain_counts,
    "away-changed": lambda you, **facts: [], "realname-changed": lambda you, **facts: [],
    "banned-out": lambda you, **facts: [],
    "private": lambda you, actor, is_notice, text: timed(f"[{actor.name}] {text}"),
    "private-sent": lambda you, actor, to, is_notice, text: timed(f"[-> {to.name}] {text}"),
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


def seen_by_plain(texts):
    """Lists become one line."""
    lines = []
    for text in texts:
        text = re.sub(r", idle for [\w ]+|\bsince .*?(\d\d:\d\d)", lambda match: "since HH:MM" if match[1] else "",
                      untimed(text))
        if text.startswith("      | "):
            lines[-1] += " " + text[8:]
        else:
            lines.append(text)
    return lines


def render(person, kind, facts):
    return (IRC if person.is_irc else PLAIN)[kind](person, **facts)


def is_same(expected, line):
    return expected.match(line) is not None if isinstance(expected, re.Pattern) else expected == line
