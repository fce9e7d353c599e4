"""What the model of mingle_model.py knows of people and rooms."""
import dataclasses
import re

LOBBY = "#lobby"
ROOMS_MAX = 4  # limits.rooms_per_user of the daemon that is held against the model
HISTORY = 3  # rooms.history
LIST_MAX = 100
INVITED_MAX = 32
TOLD_MAX = 64
LISTS = {"ban": "b", "mute": "q", "except": "e", "admit": "I"}
SWITCHES = {"i": "invite-only", "s": "secret", "t": "topic-lock", "m": "moderated"}


def fold(name):
    return name.lower()


def is_name(text):
    return re.fullmatch(r"[A-Za-z_\[\]{}|^][A-Za-z0-9_\[\]{}|^-]{0,29}", text) is not None


def fits(glob, text):
    pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in glob)
    return re.fullmatch(pattern, text, re.IGNORECASE) is not None


@dataclasses.dataclass(eq=False)
class Person:
    name: str
    host: str
    is_irc: bool
    caps: set
    realname: str = ""
    away: str = None  # why, or None
    told_away: list = dataclasses.field(default_factory=list)
    rooms: list = dataclasses.field(default_factory=list)  # in the order in which they were entered
    current: object = None
    ignores: list = dataclasses.field(default_factory=list)  # (name, person)
    watched: list = dataclasses.field(default_factory=list)  # folded names
    marks: dict = dataclasses.field(default_factory=dict)  # of folded targets: how far they are read
    expected: list = dataclasses.field(default_factory=list)  # of Expected


@dataclasses.dataclass
class Expected:
    step: int
    line: object  # or a pattern
    is_answer: bool = True  # to what the person sent, rather than something that it hears


@dataclasses.dataclass(eq=False)
class Said:
    actor: Person
    text: str  # lines are apart by "\n"
    is_action: bool = False
    is_notice: bool = False
    tags: str = ""  # of clients, as they are on the wire
    name: str = ""  # the actor's at that time
    id: str = ""  # msgid, once somebody has seen it
    is_redacted: bool = False
    step: int = 0

    def __post_init__(self):
        self.name = self.actor.name

    def in_private(self):
        """There are no actions: the text shows whose it is."""
        text = f"* {self.name} {self.text}" if self.is_action else self.text
        return dataclasses.replace(self, text=text, is_action=False)


@dataclasses.dataclass(eq=False)
class Room:
    name: str
    members: list = dataclasses.field(default_factory=list)  # in the order in which they came
    operators: set = dataclasses.field(default_factory=set)
    voiced: set = dataclasses.field(default_factory=set)
    modes: set = dataclasses.field(default_factory=set)  # letters of SWITCHES
    key: str = ""
    limit: int = 0
    slow: int = 0
    topic: str = ""
    topic_by: str = ""
    lists: dict = dataclasses.field(default_factory=lambda: {kind: [] for kind in LISTS})
    invited: list = dataclasses.field(default_factory=list)
    history: list = dataclasses.field(default_factory=list)  # of Said

    @property
    def is_permanent(self):
        return self.name == LOBBY

    def has_listed(self, kind, person):
        return any(entry.means(person) for entry in self.lists[kind])


@dataclasses.dataclass
class Entry:
    """Of one of the LISTS. person: whom the name meant; host: of whom a mask like *@bob meant."""
    mask: str
    person: Person
    host: str
    why: str

    @property
    def has_address(self):
        return self.mask.partition("@")[2] not in ("", "*") and not self.host

    def means(self, person):
        name, at, host = self.mask.partition("@")
        if self.person is person:
            return True
        if not fits(name, person.name):
            return False
        if self.host:
            return self.host == person.host
        return not at or fits(host, person.host)

    def is_called(self, mask, person):
        return fold(self.mask) == fold(mask) or (person is not None and self.person is person)
