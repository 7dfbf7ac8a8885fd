"""What AWS checks before it carries out a call: each action, on each resource, with the keys that it has there.

MiniStack checks one resource a call, knows neither `aws:ResourceTag` of EC2 nor `ec2:CreateAction`, `events:*` or
`aws:CalledVia`, and gives images and snapshots an account in their ARN. These are the forms of the Service
Authorization Reference: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
(and of eventbridge and stepfunctions). A policy that passes here has the right forms; never bend one to pass.
"""

from urllib.parse import unquote

from ministack.services import iam, ssm, stepfunctions

from aws.calls import Call
from aws.iam_auto_scaling import AUTO_SCALING_CHECKS
from aws.iam_ec2_checks import EC2_CHECKS
from aws.iam_ec2_resources import Check
from aws.settings import ACCOUNT
from aws.task_tokens import machine_of


def checks_for(call: Call, region: str) -> list[Check] | None:
    """The checks of a call; none where MiniStack's own check is AWS's."""
    own = _CHECKS.get((call.service, call.action))
    return own(call, region) if own else None


def _put_events(call: Call, region: str) -> list[Check]:
    """Each entry, and each bus's entries as a list.

    The reference has both keys as lists, AWS's examples compare them as one value: a policy is to be right either way.
    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html
    """
    buses: dict[str, list[dict]] = {}
    for entry in call.params.get("Entries") or []:
        bus = entry.get("EventBusName") or "default"
        arn = bus if bus.startswith("arn:") else f"arn:aws:events:{region}:{ACCOUNT}:event-bus/{bus}"
        buses.setdefault(arn, []).append(entry)
    return [
        Check("events:PutEvents", arn, entry_keys(group))
        for arn, entries in buses.items()
        for group in ([entries] if len(entries) == 1 else [entries, *([entry] for entry in entries)])
    ]


def entry_keys(entries: list[dict]) -> dict[str, str | list[str]]:
    """The keys of EventBridge that some entries of a call have. A StringEquals takes a list of one, and no longer one."""
    names = {"events:detail-type": "DetailType", "events:source": "Source"}
    lists = {key: sorted({entry[name] for entry in entries if entry.get(name)}) for key, name in names.items()}
    return {key: values if len(values) > 1 else values[0] for key, values in lists.items() if values}


def _get_parameter(call: Call, region: str) -> list[Check]:
    """A SecureString under a key of the account's own is decrypted in the caller's name; `aws/ssm` lets all of it.

    https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
    """
    name = str(call.params.get("Name", ""))
    arn = _parameter_arn(name, region)
    checks = [Check("ssm:GetParameter", arn)]
    key = (ssm._parameters.get(name) or {}).get("KeyId") or ""
    if call.params.get("WithDecryption") and key.startswith("arn:"):
        via = {"kms:ViaService": f"ssm.{region}.amazonaws.com", "kms:EncryptionContext:PARAMETER_ARN": arn}
        checks.append(Check("kms:Decrypt", key, via))
    return checks


def _parameter_arn(name: str, region: str) -> str:
    """A public parameter's has no account, whose it is not.

    https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-public-parameters.html
    """
    account = "" if name.startswith("/aws/service/") else ACCOUNT
    return name if name.startswith("arn:") else f"arn:aws:ssm:{region}:{account}:parameter/{name.lstrip('/')}"


def _get_parameters(call: Call, region: str) -> list[Check]:
    names = call.params.get("Names") or []
    return [Check("ssm:GetParameters", _parameter_arn(str(name), region)) for name in names]


def _put_parameter(call: Call, region: str) -> list[Check]:
    context = {"ssm:Overwrite": str(bool(call.params.get("Overwrite"))).lower()}
    return [Check("ssm:PutParameter", _parameter_arn(str(call.params.get("Name", "")), region), context)]


def _instance_profile(call: Call, region: str) -> list[Check]:
    name = call.params.get("InstanceProfileName", "")
    profile = iam._lookup_instance_profile(name) if name else None
    arn = profile["Arn"] if profile else f"arn:aws:iam::{ACCOUNT}:instance-profile/{name}"
    return [Check(f"iam:{call.action}", arn)]


def _on_schedule(call: Call, region: str) -> list[Check]:
    """In its group; whoever sets its target passes the role that this is invoked under."""
    name = unquote(call.params["path"].rpartition("/")[2])
    group = call.params.get("GroupName") or call.params.get("groupName") or "default"
    checks = [Check(f"scheduler:{call.action}", f"arn:aws:scheduler:{region}:{ACCOUNT}:schedule/{group}/{name}")]
    role = (call.params.get("Target") or {}).get("RoleArn")
    context = {"iam:PassedToService": "scheduler.amazonaws.com"}
    return [*checks, Check("iam:PassRole", role, context)] if role else checks


def _send_task(call: Call, region: str) -> list[Check]:
    """On the state machine of the token; a token that none has issued is found invalid by who may answer any."""
    machine = machine_of(call.params.get("taskToken") or "")
    if machine:
        return [Check(f"states:{call.action}", machine)]
    return [Check(f"states:{call.action}", "*", others=tuple(stepfunctions._state_machines))]


_CHECKS = {
    **AUTO_SCALING_CHECKS,
    **EC2_CHECKS,
    ("events", "PutEvents"): _put_events,
    ("ssm", "GetParameter"): _get_parameter,
    ("iam", "GetInstanceProfile"): _instance_profile,
    **{("scheduler", f"{verb}Schedule"): _on_schedule for verb in ("Create", "Delete", "Get", "Update")},
    ("ssm", "GetParameters"): _get_parameters,
    ("ssm", "PutParameter"): _put_parameter,
    ("states", "SendTaskSuccess"): _send_task,
    ("states", "SendTaskFailure"): _send_task,
    ("states", "SendTaskHeartbeat"): _send_task,
}
