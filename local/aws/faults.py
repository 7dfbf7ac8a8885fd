"""Faults that a test switches on: which call they meet, how often, and what happens to it.

A rule is `{service, action, kind, times, after, match, …}`. `match` compares parameters of the call with EC2's
wildcards. `times` is how many calls it strikes (none: until removed), `after` how many it lets pass first.

| kind | what happens |
|---|---|
| `throttle` | refused with the service's own throttling error, or `code`; not carried out |
| `error` | refused with `code`, `status`, `message`; not carried out |
| `connection-reset` | the connection is dropped; not carried out |
| `carried-out-answer-lost` | carried out; then the connection is dropped, or `answer: "error"` says 500 (with
`alsoErrors`, the answers of calls that were refused are lost too) |
| `delay` | waits `seconds`, then goes on |
| `partial` | the entries at the indexes `entries` of a batch fail with `code`; the others are carried out |
| `image-fails` | EC2: the image made by this call ends in `state` with `code` and `message` |
| `not-found-for` | EC2: DescribeImages does not know the image made by this call for `seconds` |
| `pending-for` | EC2: the image made by this call is pending for `seconds` (none: for ever) |
| `no-state-change-event` | EC2: the image made by this call announces nothing |
"""

import itertools
from dataclasses import dataclass, field

from aws.calls import Call
from aws.wildcards import matches

BEFORE = {"throttle", "error", "connection-reset", "delay"}
AROUND = {"carried-out-answer-lost", "partial"}
IMAGE = {"image-fails", "not-found-for", "pending-for", "no-state-change-event"}
KINDS = BEFORE | AROUND | IMAGE
_ids = itertools.count(1)


class BadRule(ValueError):
    """A rule that could never do what its author meant."""


@dataclass
class Rule:
    service: str
    action: str
    kind: str
    times: int | None
    after: int
    match: dict[str, str]
    options: dict
    id: int = field(default_factory=lambda: next(_ids))
    seen: int = 0
    struck: int = 0

    def meets(self, call: Call) -> bool:
        if (self.service, self.action) != (call.service, call.action):
            return False
        return all(matches(value, str(call.params.get(name, ""))) for name, value in self.match.items())

    def strikes(self) -> bool:
        """Counts one call that the rule meets, and says whether it is struck."""
        if self.times is not None and self.struck >= self.times:
            return False
        self.seen += 1
        if self.seen <= self.after:
            return False
        self.struck += 1
        return True

    def view(self) -> dict:
        own = {"id": self.id, "service": self.service, "action": self.action, "kind": self.kind}
        counts = {"times": self.times, "after": self.after, "struck": self.struck}
        return {**own, **counts, "match": self.match, **self.options}


def read_rule(body: dict) -> Rule:
    """A rule from JSON; the words that the rule itself does not know are the options of its kind."""
    options = dict(body)
    service, action = options.pop("service", "ec2"), options.pop("action", None)
    kind, times = options.pop("kind", None), options.pop("times", None)
    after, match = options.pop("after", 0), options.pop("match", {})
    if kind not in KINDS:
        raise BadRule(f"kind must be one of {', '.join(sorted(KINDS))}; got {kind!r}")
    if not isinstance(action, str) or not action:
        raise BadRule("action must name an API action, for example CreateImage")
    if kind in IMAGE and (service, action) not in {("ec2", "CreateImage"), ("ec2", "CopyImage")}:
        raise BadRule(f"{kind} belongs to the ec2 call that makes the image: CreateImage or CopyImage")
    if times is not None and (not isinstance(times, int) or times < 1):
        raise BadRule(f"times must be a whole number from 1, or left out; got {times!r}")
    needed = {"error": ["code"], "delay": ["seconds"], "not-found-for": ["seconds"], "partial": ["entries"]}
    missing = [name for name in needed.get(kind, []) if name not in options]
    if missing:
        raise BadRule(f"{kind} needs {', '.join(missing)}")
    return Rule(service, action, kind, times, after, match, options)


class Faults:
    """The rules in force. The first rule of each group that meets and strikes a call is the one that acts."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def add(self, body: dict) -> Rule:
        rule = read_rule(body)
        self.rules.append(rule)
        return rule

    def remove(self, rule_id: int) -> None:
        self.rules = [rule for rule in self.rules if rule.id != rule_id]

    def clear(self) -> None:
        self.rules = []

    def strike(self, call: Call, kinds: set[str], failed: bool = False) -> Rule | None:
        """`failed`: the call was carried out and refused; its answer is lost only if the rule says `alsoErrors`."""
        for rule in self.rules:
            if failed and not rule.options.get("alsoErrors"):
                continue
            if rule.kind in kinds and rule.meets(call) and rule.strikes():
                call.fault = rule.kind
                return rule
        return None

    def strike_all(self, call: Call, kinds: set[str]) -> list[Rule]:
        """Every image rule that strikes the call: one image can be slow, silent and fail at once."""
        struck = [rule for rule in self.rules if rule.kind in kinds and rule.meets(call) and rule.strikes()]
        if struck:
            call.fault = ",".join(rule.kind for rule in struck)
        return struck
