"""AWS::IAM::InstanceProfile, whose `Ref` is its name; MiniStack's is its ARN.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-instanceprofile.html.
"""

from ministack.services import iam
from ministack.services.cloudformation import provisioners


def install() -> None:
    handler = provisioners._RESOURCE_HANDLERS["AWS::IAM::InstanceProfile"]
    create, update, delete = handler["create"], handler["update"], handler["delete"]

    def create_named(logical_id: str, props: dict, stack_name: str) -> tuple[str, dict]:
        arn, attributes = create(logical_id, props, stack_name)
        return _name_of(arn), attributes

    def update_named(name: str, old: dict, new: dict, stack_name: str, *rest, **named) -> tuple[str, dict]:
        arn, attributes = update(_arn_of(name), old, new, stack_name, *rest, **named)
        return _name_of(arn), attributes

    handler["create"], handler["update"] = create_named, update_named
    handler["delete"] = lambda name, props: delete(_arn_of(name), props)


def _arn_of(name: str) -> str:
    profile = iam._instance_profiles.get(name)
    return profile["Arn"] if profile else name


def _name_of(arn: str) -> str:
    return arn.rsplit("/", 1)[-1]
