"""What the actions on an image of one's own have in common."""

from moto.ec2.responses._base_response import EC2BaseResponse

from aws.ec2.errors import check_image_id
from aws.ec2.image import Image
from aws.ec2.state import own_image


class OwnImage(EC2BaseResponse):
    def _own_image(self) -> Image:
        """The image that `ImageId` names, which only its owner may change."""
        return own_image(self.ec2_backend, check_image_id(self._get_param("ImageId")))
