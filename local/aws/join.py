"""Joins MiniStack, moto and what this folder adds into one application."""

from ministack import app as ministack_app

from aws import (
    cloudformation_groups,
    cloudformation_iam,
    cloudformation_rbin,
    cloudformation_types,
    eventbridge_put,
    eventbridge_replay,
    iam,
    lambda_workers,
    scheduler_context,
    scheduler_schedules,
    sqs_move_task,
    ssm_images,
    ssm_names,
    ssm_parameters,
    stepfunctions_executions,
    stepfunctions_nested,
    stepfunctions_tasks,
    task_tokens,
)
from aws.auto_scaling import server as auto_scaling
from aws.calls import Journal
from aws.connections import remember_connections
from aws.control import Control
from aws.ec2 import server as ec2
from aws.faults import Faults
from aws.gateway import Gateway
from aws.interception import Interception
from aws.limits import Limits
from aws.settings import Settings

MENDS = (
    cloudformation_groups,
    cloudformation_iam,
    cloudformation_rbin,
    cloudformation_types,
    eventbridge_put,
    eventbridge_replay,
    lambda_workers,
    scheduler_context,
    scheduler_schedules,
    sqs_move_task,
    ssm_parameters,
    ssm_images,
    ssm_names,
    task_tokens,
    stepfunctions_tasks,
    stepfunctions_executions,
    stepfunctions_nested,
)


def join(settings: Settings) -> Gateway:
    """The order matters in one place: the handlers are wrapped after EC2's is replaced."""
    faults = Faults()
    interception = Interception(Journal(), faults, Limits())
    iam.install(interception.journal)
    for mend in MENDS:
        mend.install()
    remember_connections()
    auto_scaling.start_auto_scaling()
    ec2.start_ec2(settings, faults)
    handlers = ministack_app.SERVICE_HANDLERS
    handlers["ec2"] = ec2.handle_request
    handlers["autoscaling"] = auto_scaling.handle_request
    for service, handler in list(handlers.items()):
        handlers[service] = interception.wrap(service, handler)
    return Gateway(Control(settings, interception))
