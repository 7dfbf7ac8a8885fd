"""What AWS's own services do for us, under the roles and policies that they are given.

MiniStack lets them do anything. On AWS a task of a state machine is a call of its role
(https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html), a schedule invokes its target
under its role (https://docs.aws.amazon.com/scheduler/latest/UserGuide/setting-up.html), and a rule reaches a queue
only if the queue's policy lets it (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html).
"""

import contextvars

from ministack import app as ministack_app
from ministack.core import iam_evaluator
from ministack.core.responses import get_region
from ministack.services import eventbridge, sqs, stepfunctions

from aws import task_tokens
from aws.calls import Call, Journal
from aws.iam_checks import checks_for, entry_keys
from aws.iam_ec2_resources import Check
from aws.settings import ACCOUNT

_role: contextvars.ContextVar[str] = contextvars.ContextVar("amity_machine_role", default="")


def install(journal: Journal) -> None:
    stepfunctions._execute_task = _under_its_role(stepfunctions._execute_task)
    stepfunctions._invoke_resource = _if_allowed(stepfunctions._invoke_resource, journal)
    stepfunctions._invoke_with_callback = _if_allowed(stepfunctions._invoke_with_callback, journal)
    invoke = eventbridge._invoke_target

    def invoke_if_allowed(target: dict, event: dict, rule: dict, view=None) -> None:
        if not ministack_app.AUTH or _reaches(target, rule, journal):
            invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_if_allowed


def _under_its_role(execute):
    def execute_under_role(state_def, raw_input, execution, ctx):
        arn = (execution or {}).get("stateMachineArn") or ""
        task_tokens.current_machine.set(arn)
        machine = stepfunctions._state_machines.get(arn)
        _role.set((machine or {}).get("roleArn", ""))
        return execute(state_def, raw_input, execution, ctx)

    return execute_under_role


def _if_allowed(invoke, journal: Journal):
    """https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html: `States.Permissions`."""

    def invoke_if_allowed(resource: str, arguments: dict, *rest):
        if ministack_app.AUTH and _role.get():
            for check in task_checks(resource, arguments):
                if not role_may(_role.get(), check, journal):
                    message = f"{_role.get()} is not authorized to perform {check.action} on {check.resource}"
                    raise stepfunctions._ExecutionError("States.Permissions", message)
        return invoke(resource, arguments, *rest)

    return invoke_if_allowed


def task_checks(resource: str, arguments: dict) -> list[Check]:
    """The calls that a task is. One that is not known here is refused: a check for it is to be added."""
    service, action = resource.split(".")[0].split(":")[-2:]
    action = action[:1].upper() + action[1:]
    region = get_region()
    if (service, action) == ("lambda", "Invoke"):
        name = arguments.get("FunctionName", "*")
        arn = name if name.startswith("arn:") else f"arn:aws:lambda:{region}:{ACCOUNT}:function:{name}"
        return [Check("lambda:InvokeFunction", arn)]
    if (service, action) == ("states", "StartExecution"):
        return _start_checks(resource, arguments, region)
    if service == "dynamodb":
        arn = f"arn:aws:dynamodb:{region}:{ACCOUNT}:table/{arguments.get('TableName')}"
        return [Check(f"dynamodb:{action}", arn)]
    return checks_for(Call(service, action, arguments), region) or [Check(f"{service}:{action}", resource)]


def _start_checks(resource: str, arguments: dict, region: str) -> list[Check]:
    """What waiting asks for: https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html."""
    machine = arguments.get("StateMachineArn") or "*"
    checks = [Check("states:StartExecution", machine)]
    if ".sync" in resource:
        execution = f"{machine.replace(':stateMachine:', ':execution:')}:{arguments.get('Name') or '*'}"
        rule = f"arn:aws:events:{region}:{ACCOUNT}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
        checks += [Check(f"states:{each}", execution) for each in ("DescribeExecution", "StopExecution")]
        checks += [Check(f"events:{each}", rule) for each in ("PutTargets", "PutRule", "DescribeRule")]
    return checks


def role_may(role_arn: str, check: Check, journal: Journal) -> bool:
    context = iam_evaluator.EvalContext(
        principal_arn=role_arn,
        principal_type="AssumedRole",
        principal_account=ACCOUNT,
        action=check.action,
        resource_arn=check.resource,
        region=get_region(),
        service_context={key.lower(): value for key, value in check.context.items()},
    )
    policies = iam_evaluator._gather_role_policies(role_arn.rsplit("/", 1)[-1], ACCOUNT)
    return _note(journal, check, iam_evaluator.evaluate(context, policies).decision == "Allow")


def _reaches(target: dict, rule: dict, journal: Journal) -> bool:
    """Whether a rule or a schedule may deliver to its target."""
    arn = target.get("Arn", "")
    if ":sqs:" in arn:
        allowed = sqs.queue_policy_allows(arn, "events.amazonaws.com", rule.get("Arn", ""), ACCOUNT)
        return _note(journal, Check("sqs:SendMessage", arn), allowed)
    for service, action in (("lambda", "lambda:InvokeFunction"), ("states", "states:StartExecution")):
        if f":{service}:" in arn and target.get("RoleArn"):
            return role_may(target["RoleArn"], Check(action, arn), journal)
    parameters = target.get("EventBridgeParameters")
    if parameters:
        keys = entry_keys([parameters])
        return role_may(target["RoleArn"], Check("events:PutEvents", arn, keys), journal)
    return True


def _note(journal: Journal, check: Check, allowed: bool) -> bool:
    if not allowed:
        service, action = check.action.split(":")
        journal.add(Call(service, action, {"resource": check.resource}, status=403, error_code="AccessDenied"))
    return allowed
