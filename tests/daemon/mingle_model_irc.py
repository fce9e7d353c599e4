"""What an IRC client is to get for what the model of mingle_model.py tells it."""
from mingle_model_state import fold
from mingle_model_wire import REFUSALS, SERVER, by, in_order, mark

LINE_BYTES_MAX = 510
ALWAYS_STANDARD = {"no-history", "no-such-message", "not-your-message", "other-target"}
MODES = {"ban": "+b", "unban": "-b", "mute": "+q", "unmute": "-q", "except": "+e", "unexcept": "-e",
         "admit": "+I", "unadmit": "-I", "op": "+o", "deop": "-o", "succeed": "+o", "voice": "+v", "devoice": "-v"}
# Of an entry, of the end, what they are called, what stands before the mask.
LIST_ANSWERS = {"ban": ("367", "368", "ban", ""), "mute": ("728", "729", "mute", " q"),
                "except": ("348", "349", "ban exception", ""), "admit": ("346", "347", "invite exception", "")}


def mask_of_irc(mask):
    name, _, host = mask.partition("@")
    return f"{name}!*@{host or '*'}{'.mingle' if host and not set(host) & set('.:*?') else ''}"


ENDS = {"names": "366 {} :End of NAMES list", "who": "315 {} :End of WHO list", "whois": "318 {} :End of WHOIS list"}


def irc_refused(you, error, subject, other, command):
    """A list of nothing has only its end; of nobody there is more to say."""
    if command not in ENDS:
        return irc_refusal(you, error, subject, other, command)
    end = [f"{SERVER} " + ENDS[command].format(f"{you.name} {subject}")]
    return end if error == "no-such-room" else irc_refusal(you, error, subject, other, command) + end


def irc_refusal(you, error, subject, other, command):
    if error == "already-in-room":
        return []
    code, words, _ = REFUSALS[error]
    if command == "say" and error in ("not-in-room", "banned"):
        code = "404"
    words = words.format(subject=subject, other=other)
    if code.isdigit():
        return [f"{code} {you.name} {words}"]
    is_standard = "standard-replies" in you.caps or error in ALWAYS_STANDARD
    return [f"FAIL {code} {words}" if is_standard else f"REFUSED {words}"]


# ---- what is said ----

def cut(text, most):
    """As messages of so many bytes, at a space where there is one."""
    pieces = []
    for line in text.split("\n"):
        while len(line.encode()) > most:
            space = line[:most + 1].rfind(" ")  # long lines of the walk are ASCII
            end = space if space > 0 else most
            pieces.append(line[:end])
            line = line[end + (1 if space > 0 else 0):]
        pieces.append(line)
    return [piece for piece in pieces if piece]


def irc_spoken(you, said, target, stamp=""):
    tags = f"@{said.tags} " if said.tags and "message-tags" in you.caps else ""
    start = by(said.name, f"{'NOTICE' if said.is_notice else 'PRIVMSG'} {target} :")
    if said.is_action:
        return [f"{tags}{start}\001ACTION {stamp}{said.text}\001"]
    space = LINE_BYTES_MAX - len(start) - (len("[12:34 UTC] ") if stamp else 0)
    if {"batch", "draft/multiline"} <= you.caps and ("\n" in said.text or len(said.text.encode()) > space):
        return [f"{tags}MULTILINE {start}{said.text}"]
    first, *others = cut(said.text, space)
    return [f"{tags}{start}{stamp}{first}"] + [start + stamp + piece for piece in others]


def irc_said(you, actor, room, said):
    return [] if you is actor and "echo-message" not in you.caps else irc_spoken(you, said, room.name)


def irc_private_sent(you, actor, to, said):
    return irc_spoken(you, said, to.name) if "echo-message" in you.caps else []


def irc_said_to_role(you, actor, room, said, is_voiced):
    if you is actor and "echo-message" not in you.caps:
        return []
    return irc_spoken(you, said, f"{'+' if is_voiced else '@'}{room.name}")


def irc_private_tags(you, actor, target, tags):
    return [f"@{tags} " + by(actor.name, f"TAGMSG {target}")] if "message-tags" in you.caps else []


def irc_tags(you, actor, target, tags, room=None):
    """As they come back to the actor, or of a room."""
    return [] if you is actor and "echo-message" not in you.caps else irc_private_tags(you, actor, target, tags)


def irc_redacted(you, actor, room, said, why):
    words = f" :{why}" if why else ""
    if "draft/message-redaction" in you.caps:
        return [by(actor.name, f"REDACT {room.name} {said.id}{words}")]
    told = f"{actor.name} took back what {said.name} said TIME ago" + (f": {why}" if why else "")
    return [f"{SERVER} NOTICE {room.name} :{told}"]


# ---- what was said ----

def irc_chathistory(you, room, history):
    """As a batch, for who knows these; with the time in the text for who may not look into tags."""
    stamp = "" if you.caps & {"batch", "message-tags"} else "[TIME UTC] "
    lines = [line for said in history for line in irc_spoken(you, said, room.name, stamp)]
    if "batch" in you.caps:
        lines = [f"{SERVER} BATCH + chathistory {room.name}"] + lines + [f"{SERVER} BATCH -"]
    return lines


def irc_history_targets(you, rooms):
    lines = [f"{SERVER} CHATHISTORY TARGETS {room.name} TIME" for room in rooms]
    if "batch" in you.caps:
        lines = [f"{SERVER} BATCH + draft/chathistory-targets"] + lines + [f"{SERVER} BATCH -"]
    return lines


def irc_entered_history(you, room, history):
    is_shown = history and "server-time" in you.caps and "draft/chathistory" not in you.caps
    return irc_chathistory(you, room, history) if is_shown else []


def irc_read_mark(you, target):
    return [f"{SERVER} MARKREAD {target} {you.marks.get(fold(target), '*')}"]


# ---- rooms and people ----


def irc_joined(you, actor, room, realname):
    long = f" * :{realname or actor.name}" if "extended-join" in you.caps else ""
    lines = [by(actor.name, f"JOIN {room.name}{long}")]
    return lines if you is actor or actor.away is None else lines + irc_away_changed(you, actor, actor.away)


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
    lines += irc_entered_history(you, room, history)
    lines += irc_read_mark(you, room.name) if "draft/read-marker" in you.caps else []
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
        change = f"{MODES[what]} {mask_of_irc(text) if MODES[what][1] in 'beIq' else text}"
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
    return [by(actor.name, f"KICK {room.name} {person.name} :{text or actor.name}")]


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


def irc_list(you, room, kind, entries, hidden):
    item, end, words, letter = LIST_ANSWERS[kind]
    start = f"{you.name} {room.name}{letter}"
    return [f"{SERVER} {item} {start} {mask_of_irc(entry.mask)}" for entry in entries] + \
        [f"{SERVER} {end} {start} :End of {words} list"]


def irc_present(you, people, is_long):
    words = [f"{person.name}={'+' if person.away is None else '-'}u@{person.name}.mingle" if is_long else person.name
             for person in people]
    return [f"{SERVER} {302 if is_long else 303} {you.name} :{' '.join(words)}"]


def irc_watched(you, people, is_answer=False):
    """people: (name, whether it is here)."""
    lines = []
    for number, is_here in (("730", True), ("731", False)):
        names = [f"{name}!u@{name}.mingle" if is_here else name for name, here in people if here is is_here]
        lines += [f"{SERVER} {number} {you.name} :{','.join(names)}"] if names else []
    return lines


def irc_watch_list(you, people):
    names = [f"{SERVER} 732 {you.name} :{','.join(name for name, _ in people)}"] if people else []
    return names + [f"{SERVER} 733 {you.name} :End of MONITOR list"]


def irc_counts(you, people, most, rooms):
    counts = f"{you.name} {people} {most}"
    return [f"{SERVER} 251 {you.name} :There are {people} users and 0 invisible on 1 servers",
            f"254 {you.name} {rooms}", f"{SERVER} 255 {you.name} :I have {people} clients and 0 servers",
            f"265 {counts}", f"266 {counts}"]


IRC = {
    "refused": irc_refused, "said": irc_said, "private-sent": irc_private_sent, "said-to-role": irc_said_to_role,
    "tags": irc_tags, "private-tags": irc_private_tags, "private-tags-sent": irc_tags, "redacted": irc_redacted, "history": irc_chathistory, "history-targets": irc_history_targets,
    "read-mark": irc_read_mark, "watched": irc_watched, "watch-list": irc_watch_list, "watch-status": irc_watched,
    "joined": irc_joined, "entered": irc_entered, "nick": irc_nick, "renamed": irc_nick, "away": irc_away,
    "away-changed": irc_away_changed, "realname": irc_realname, "realname-changed": irc_realname,
    "kicked": irc_kicked, "banned-out": irc_kicked, "names": irc_names, "topic-is": irc_topic_is,
    "who": irc_who, "whois": irc_whois, "rooms": irc_rooms, "modes": irc_modes, "list": irc_list,
    "present": irc_present, "counts": irc_counts, "change-done": irc_change_done,
    "switched": lambda you, **facts: [],
    "unwatched": lambda you, **facts: [],
    "private": lambda you, actor, said: irc_spoken(you, said, you.name),
    "invited-there": lambda you, actor, room, person: (
        [by(actor.name, f"INVITE {person.name} {room.name}")] if "invite-notify" in you.caps else []),
    "away-is": lambda you, to: [f"{SERVER} 301 {you.name} {to.name} :{to.away or 'away'}"],
    "parted": lambda you, actor, room, text: [by(actor.name, f"PART {room.name}" + (f" :{text}" if text else ""))],
    "left": lambda you, actor, room, text: [by(actor.name, f"PART {room.name}" + (f" :{text}" if text else ""))],
    "quit": lambda you, actor, text: [by(actor.name, "QUIT" + (f" :{text}" if text else ""))],
    "topic": lambda you, actor, room, text: [by(actor.name, f"TOPIC {room.name} :{text}")],
    "topic-set": lambda you, actor, room, text: [by(actor.name, f"TOPIC {room.name} :{text}")],
    "changed": lambda you, actor, room, what, **facts: irc_mode(actor, room, what, False, **facts),
    "kicked-out": lambda you, actor, room, text: [by(actor.name, f"KICK {room.name} {you.name} :{text or actor.name}")],
    "invited": lambda you, actor, room: [by(actor.name, f"INVITE {you.name} {room.name}")],
}
