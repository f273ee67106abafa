"""What the HTML pages share: the package's templates, and the policy that keeps a page to itself."""

import base64
import hashlib
from importlib import resources

import jinja2

FOLDER = resources.files("chargesheet") / "templates"


def text(name: str) -> str:
    """A template file as it is."""
    return (FOLDER / name).read_text(encoding="utf-8")


def environment() -> jinja2.Environment:
    """The templates, with HTML escaping on."""
    return jinja2.Environment(
        loader=jinja2.FunctionLoader(text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )


def csp_hash(inline: str) -> str:
    """The source expression that allows an inline script or style with exactly this text."""
    return "'sha256-" + base64.b64encode(hashlib.sha256(inline.encode("utf-8")).digest()).decode("ascii") + "'"
