"""AWS::EC2::LaunchTemplate and AWS::AutoScaling::AutoScalingGroup, which MiniStack keeps where nothing is started of them.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-launchtemplate.html: an update
makes a version that is not the default;
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-autoscaling-autoscalinggroup.html.
They are made by the services' own calls, as CloudFormation does it; by whom is not asked.
"""

from urllib.parse import urlencode

import botocore.session
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from ministack.services.cloudformation import provisioners

from aws.auto_scaling import server as auto_scaling
from aws.ec2 import server as ec2

HANDLERS = {"ec2": ec2.handle_request, "autoscaling": auto_scaling.handle_request}
_session = botocore.session.Session()


def install() -> None:
    template = {"create": _create_template, "update": _update_template, "delete": _delete_template}
    group = {"create": _create_group, "update": _update_group, "delete": _delete_group}
    provisioners._RESOURCE_HANDLERS["AWS::EC2::LaunchTemplate"] = template
    provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"] = group


def _call(service: str, action: str, parameters: dict) -> dict:
    """What of the parameters the call knows is sent; what it refuses fails the deployment."""
    operation = _session.get_service_model(service).operation_model(action)
    known = {name: value for name, value in parameters.items() if name in operation.input_shape.members}
    protocol = operation.service_model.metadata["protocol"]
    # A template has its numbers as text.
    request = create_serializer(protocol, include_validation=False).serialize_to_request(known, operation)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    calling = HANDLERS[service]("POST", "/", headers, urlencode(request["body"]).encode(), {})
    try:
        calling.send(None)
        raise RuntimeError(f"{service}:{action} does not answer at once")
    except StopIteration as answered:
        status, answer_headers, body = answered.value
    answer = {"status_code": status, "headers": answer_headers, "body": body, "context": {}}
    parsed = create_parser(protocol).parse(answer, operation.output_shape)
    if status >= 400:
        raise ValueError(f"{service}:{action}: {parsed['Error']['Code']}: {parsed['Error']['Message']}")
    return parsed


def _create_template(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    name = props.get("LaunchTemplateName") or provisioners._physical_name(stack_name, logical_id)
    made = _call("ec2", "CreateLaunchTemplate", {**props, "LaunchTemplateName": name})
    return _template(made["LaunchTemplate"]["LaunchTemplateId"])


def _update_template(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    """Its name and its own tags stay as they are here."""
    data = new.get("LaunchTemplateData", {})
    _call("ec2", "CreateLaunchTemplateVersion", {"LaunchTemplateId": physical_id, "LaunchTemplateData": data})
    return _template(physical_id)


def _template(template_id: str) -> tuple[str, dict]:
    (found,) = _call("ec2", "DescribeLaunchTemplates", {"LaunchTemplateIds": [template_id]})["LaunchTemplates"]
    numbers = {name: str(found[name]) for name in ("DefaultVersionNumber", "LatestVersionNumber")}
    return template_id, {"LaunchTemplateId": template_id, **numbers}


def _delete_template(physical_id: str, props: dict) -> None:
    _call("ec2", "DeleteLaunchTemplate", {"LaunchTemplateId": physical_id})


def _create_group(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
    name = props.get("AutoScalingGroupName") or provisioners._physical_name(stack_name, logical_id, max_len=255)
    _call("autoscaling", "CreateAutoScalingGroup", _as_call(name, props))
    return name, _group(name)


def _update_group(physical_id: str, old: dict, new: dict, stack_name: str) -> tuple[str, dict]:
    """Every property of the template is set again: what somebody else has changed since is changed back."""
    wanted = _as_call(physical_id, new)
    _call("autoscaling", "UpdateAutoScalingGroup", wanted)
    _call("autoscaling", "CreateOrUpdateTags", wanted)
    return physical_id, _group(physical_id)


def _group(name: str) -> dict:
    (found,) = _call("autoscaling", "DescribeAutoScalingGroups", {"AutoScalingGroupNames": [name]})["AutoScalingGroups"]
    return {"AutoScalingGroupARN": found["AutoScalingGroupARN"]}


def _as_call(name: str, props: dict) -> dict:
    own = {"ResourceId": name, "ResourceType": "auto-scaling-group"}
    called = {**props, "AutoScalingGroupName": name, "Tags": [{**each, **own} for each in props.get("Tags", [])]}
    if "VPCZoneIdentifier" in props:
        called["VPCZoneIdentifier"] = ",".join(props["VPCZoneIdentifier"])
    return called


def _delete_group(physical_id: str, props: dict) -> None:
    _call("autoscaling", "DeleteAutoScalingGroup", {"AutoScalingGroupName": physical_id, "ForceDelete": True})
