"""What Parameter Store takes as a parameter's name; MiniStack refuses reserved ones alone.

https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html#sysman-parameter-name-constraints:
letters, digits and `.-_`, in at most fifteen levels divided by `/`; 1,011 characters together with the ARN before it.
"""

import re

from ministack.core.responses import error_response_json
from ministack.services import ssm

SEGMENT = re.compile(r"[a-zA-Z0-9_.-]+")
MAX_LEVELS = 15
MAX_LENGTH = 1011
RULE = (
    "Parameter name must be a fully qualified name: if formed as a path, it can consist of sub-paths divided by slash "
    "symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_"
)


def install() -> None:
    put = ssm._put_parameter
    ssm._put_parameter = lambda data: refuse(data.get("Name") or "") or put(data)


def refuse(name: str):
    """The answer to a name that cannot be; none if it can."""
    levels = name.removeprefix("/").split("/")
    if not all(SEGMENT.fullmatch(each) for each in levels) or ("/" in name and not name.startswith("/")):
        return error_response_json("ValidationException", RULE, 400)
    if len(levels) > MAX_LEVELS:
        message = f"A hierarchy can have a maximum of {MAX_LEVELS} levels."
        return error_response_json("HierarchyLevelLimitExceededException", message, 400)
    if len(ssm._param_arn(name)) > MAX_LENGTH:
        message = f"Parameter name must not be longer than {MAX_LENGTH} characters, with the ARN before it."
        return error_response_json("ValidationException", message, 400)
    return None
