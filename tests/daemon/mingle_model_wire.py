"""What the lines of all dialects have in common, for mingle_model_irc.py and mingle_model_plain.py.

These give lines as mingle_model_seen.py makes them of what really came. What is left open: the words of refusals,
times, and in how many lines a list comes."""
from mingle_model_state import fold

SERVER = ":localhost.mingle"

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
    "nobody-addressed": ("404", "{subject}", r"Not sent: no other operator of {subject} is here now\."),
    "no-history": ("INVALID_TARGET", "{other} {subject}", None),  # what only programs ask for
    "no-such-message": ("UNKNOWN_MSGID", "{other} {subject}", None),
    "not-your-message": ("REDACT_FORBIDDEN", "{other} {subject}", None),
    "other-target": ("MULTILINE_INVALID_TARGET", "{subject} {other}", None),
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
