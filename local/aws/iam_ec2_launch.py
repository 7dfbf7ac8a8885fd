"""What AWS checks before EC2 starts an instance or makes a security group. See iam_checks.

RunInstances is checked on every resource that it makes (with the tags that each is to have) or uses (with the tags
that it has), as passing the role of the instance profile is, and as is tagging, by the action that creates.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ExamplePolicies_EC2.html#iam-example-runinstances and
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html.
"""

from collections.abc import Iterator

from ministack.services import iam

from aws.calls import Call
from aws.ec2.state import backend_of
from aws.iam_ec2_resources import Check, list_of, resource_check, specified_tags, tag_keys
from aws.iam_ec2_templates import Launch, alias_checks, image_of, read_launch
from aws.settings import ACCOUNT

MADE = ("instance", "volume", "network-interface")


def run_instances(call: Call, region: str) -> list[Check]:
    start = "LaunchTemplate."
    specification = {name[len(start) :]: value for name, value in call.params.items() if name.startswith(start)}
    params = {name: value for name, value in call.params.items() if not name.startswith(start)}
    return launch_checks(params, specification, region)


def launch_checks(given: dict, specification: dict, region: str) -> list[Check]:
    """Of a call with these parameters, and with a launch template if one is specified."""
    launch = read_launch(given, specification, region)
    params, tags = launch.params, specified_tags(launch.params)
    keys = {"instance": _instance_keys(params), "network-interface": _network_keys(params, region)}
    checks = []
    for kind in MADE:
        arn = f"arn:aws:ec2:{region}:{ACCOUNT}:{kind}/*"
        context = {"ec2:Region": region, **keys.get(kind, {}), **tag_keys(tags.get(kind, {}))}
        context |= launch.keys(kind, region)
        checks.append(Check("ec2:RunInstances", arn, context))
        if kind in tags:
            checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": "RunInstances"}))
    for kind, resource_id in _used(launch, region):
        more = {**_image_keys(resource_id, region), **launch.keys(kind, region)}
        checks.append(resource_check("ec2:RunInstances", resource_id, region, **more))
    checks += _key_checks(launch, region)
    return [*checks, *alias_checks(params.get("ImageId", ""), region), *_pass_role(params)]


def create_security_group(call: Call, region: str) -> list[Check]:
    """On the group that is made, and on the network that it is made in."""
    network = call.params.get("VpcId") or backend_of(region).default_vpc.id
    tags = specified_tags(call.params).get("security-group", {})
    arn, context = f"arn:aws:ec2:{region}:{ACCOUNT}:security-group/*", {"ec2:Region": region, **tag_keys(tags)}
    checks = [Check(f"ec2:{call.action}", arn, context), resource_check(f"ec2:{call.action}", network, region)]
    if tags:
        checks.append(Check("ec2:CreateTags", arn, {**context, "ec2:CreateAction": call.action}))
    return checks


def _used(launch: Launch, region: str) -> Iterator[tuple[str, str]]:
    """What is there already, with its kind: the default subnet and group where the call names none."""
    params = launch.params
    image = image_of(params)
    if image:
        yield "image", image
    if launch.template_id:
        yield "launch-template", launch.template_id
    yield "subnet", _subnet_id(params, region)
    groups = [*list_of(params, "SecurityGroupId"), *_of_interfaces(params, "SecurityGroupId.")]
    default = backend_of(region).get_default_security_group()
    for each in groups or ([default.id] if default else []):
        yield "security-group", each
    for name, value in params.items():
        if name.startswith("BlockDeviceMapping.") and name.endswith(".Ebs.SnapshotId"):
            yield "snapshot", value


def _key_checks(launch: Launch, region: str) -> list[Check]:
    """A key pair's ARN has its name, its tags are its id's."""
    name = launch.params.get("KeyName")
    if not name:
        return []
    pair = next((each for each in backend_of(region).key_pairs.values() if each.key_name == name), None)
    check = resource_check("ec2:RunInstances", pair.id if pair else "key-*", region, **launch.keys("key-pair", region))
    check.resource = f"arn:aws:ec2:{region}:{ACCOUNT}:key-pair/{name}"
    return [check]


def _subnet_id(params: dict, region: str) -> str:
    named = params.get("SubnetId") or next(_of_interfaces(params, "SubnetId"), None)
    zone = params.get("Placement.AvailabilityZone") or f"{region}a"
    default = backend_of(region).get_default_subnets().get(zone)
    return named or (default.id if default else "subnet-*")


def _of_interfaces(params: dict, name: str) -> Iterator[str]:
    for key, value in params.items():
        if key.startswith("NetworkInterface.") and key.split(".", 2)[-1].startswith(name):
            yield value


def _instance_keys(params: dict) -> dict:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html#amazonec2-policy-keys"""
    profile = _profile(params)
    found = {
        "ec2:InstanceProfile": profile["Arn"] if profile else None,
        "ec2:InstanceType": params.get("InstanceType"),
        "ec2:MetadataHttpEndpoint": params.get("MetadataOptions.HttpEndpoint", "enabled"),
        "ec2:MetadataHttpPutResponseHopLimit": params.get("MetadataOptions.HttpPutResponseHopLimit"),
        "ec2:MetadataHttpTokens": params.get("MetadataOptions.HttpTokens", "optional"),
    }
    return {key: value for key, value in found.items() if value is not None}


def _network_keys(params: dict, region: str) -> dict:
    return {"ec2:Subnet": f"arn:aws:ec2:{region}:{ACCOUNT}:subnet/{_subnet_id(params, region)}"}


def _image_keys(resource_id: str, region: str) -> dict:
    """Whose the image is: Amazon's by its alias, anybody else's by the account."""
    image = backend_of(region).amis.get(resource_id)
    if image is None:
        return {}
    return {"ec2:Owner": image.owner_alias or image.owner_id, "ec2:Public": "true" if image.is_public else "false"}


def _profile(params: dict) -> dict | None:
    name, arn = params.get("IamInstanceProfile.Name", ""), params.get("IamInstanceProfile.Arn", "")
    return iam._lookup_instance_profile(name, arn) if name or arn else None


def _pass_role(params: dict) -> list[Check]:
    """A profile that is not there passes nothing: EC2 itself refuses it."""
    context = {"iam:PassedToService": "ec2.amazonaws.com"}
    roles = (_profile(params) or {"Roles": []})["Roles"]
    return [Check("iam:PassRole", iam._roles[name]["Arn"], context) for name in roles]
