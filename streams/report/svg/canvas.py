"""The outer element of every drawing."""

from markupsafe import Markup, escape


def canvas(css: str, size: tuple[float, float], words: str, body: str, data: str = "") -> Markup:
    """An `<svg>` of `size` (width, height). `words` describe it to those who do not see it; empty: decoration.

    `body` and `data` (further attributes) must have every text in them escaped: each drawing escapes what comes from outside.
    """
    role = "group" if "<a " in body else "img"  # an image hides the links inside it
    name = f'role="{role}" aria-label="{escape(words)}"' if words else 'aria-hidden="true"'
    return Markup(f'<svg class="{css}" viewBox="0 0 {round(size[0], 1)} {round(size[1], 1)}" {name}{data}>{body}</svg>')  # noqa: S704
