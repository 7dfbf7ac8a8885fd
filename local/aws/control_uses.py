"""Uses of an image that this account cannot make here: Image Builder's recipes, and those of other accounts."""

from aws.ec2.region import Recipe, region_of
from aws.settings import ACCOUNT

RECIPES = {"image": "imagebuilder:ImageRecipe", "container": "imagebuilder:ContainerRecipe"}


def add_recipe(backend, wanted: dict) -> dict:
    """An image or container recipe whose base is an image."""
    kind, name = wanted.get("kind", "image"), wanted.get("name", "recipe")
    arn = f"arn:aws:imagebuilder:{backend.region_name}:{ACCOUNT}:{kind}-recipe/{name}/1.0.0"
    region_of(backend).recipes.append(Recipe(RECIPES[kind], wanted["imageId"], arn))
    return {"arn": arn}
