"""EC2's wildcard rule, which filters follow: `*` is any run of characters, `?` at most one, `\\` escapes them.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html says that `?` also matches nothing,
that a literal one is written with a backslash before it (`\\*amazon\\?\\\\` is `*amazon?\\`), and that values
are case-sensitive.
"""

import re
from functools import lru_cache


@lru_cache(maxsize=4096)
def pattern(value: str) -> re.Pattern[str]:
    """The filter value as a regular expression over the whole text."""
    out, escaped = [], False
    for char in value:
        if escaped:
            out.append(re.escape(char))
        elif char == "\\":
            escaped = True
            continue
        else:
            out.append({"*": ".*", "?": ".?"}.get(char) or re.escape(char))
        escaped = False
    if escaped:
        out.append(re.escape("\\"))
    return re.compile("".join(out), re.DOTALL)


def matches(value: str, text: str) -> bool:
    return pattern(value).fullmatch(text) is not None
