"""Messages of plays: jinja2 in a sandbox, over a small, fixed set of names that always have a value.

The result is plain text: a mail system that puts it into HTML escapes it. The sandbox keeps honest authors from mistakes;
templates are reviewed like code.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

FIELDS: Mapping[str, tuple[str, ...]] = {
    "account": ("id", "name", "industry"),
    "owner": ("name", "first_name", "email", "role"),
    "contact": ("name", "first_name", "role"),
    "trigger": ("rule", "priority", "why", "clears_when"),
    "subject": ("kind", "id"),
    "clocks": ("act_by",),
    "evidence": ("observed", "baseline", "threshold", "unit", "context_link"),
    "step": ("name", "due"),
}
LINKS = "links"
"""Beside the fields above: the pages of links.yaml by name, each its address."""
FILTERS = ("upper", "lower", "title", "capitalize", "trim")

Context = Mapping[str, Mapping[str, str]]

SAMPLE: Context = {
    "account": {"id": "acme", "name": "Acme", "industry": "Retail"},
    "owner": {"name": "Maya Lindqvist", "first_name": "Maya", "email": "maya@example.com", "role": "csm"},
    "contact": {"name": "Ana Costa", "first_name": "Ana", "role": "champion"},
    "trigger": {"rule": "T04", "priority": "P2", "why": "Usage fell by 41 %.", "clears_when": "usage is back"},
    "subject": {"kind": "account", "id": "acme"},
    "clocks": {"act_by": "2026-03-05 14:00 UTC"},
    "evidence": {"observed": "41", "baseline": "70", "threshold": "49", "unit": "events", "context_link": "https://chat.example.com/ch-9"},
    "step": {"name": "check-in", "due": "2026-03-05 14:00 UTC"},
}


def _environment() -> ImmutableSandboxedEnvironment:
    env = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, trim_blocks=True, lstrip_blocks=True)
    env.filters = {name: env.filters[name] for name in FILTERS}
    env.globals = {}
    return env


_ENV = _environment()


def template_faults(source: str, links: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with a template, one sentence each: syntax, an unknown name, field, link or filter, or a failing render."""
    try:
        tree = _ENV.parse(source)
    except TemplateError as error:
        yield f"template: {error}"
        return
    faults = list(dict.fromkeys((*_unknown_names(tree, tuple(links)), *_unknown_filters(tree))))
    yield from faults
    if not faults:
        try:
            compile_template(source).render({**SAMPLE, LINKS: dict.fromkeys(links, "https://example.com")})
        except Exception as error:  # noqa: BLE001 whatever a template does, its author must hear of it at load
            yield f"template does not render: {error}"


def _unknown_names(tree: nodes.Template, links: tuple[str, ...]) -> Iterator[str]:
    known = ", ".join(f"{name}.{field}" for name, fields in FIELDS.items() for field in fields)
    whole = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    for access in tree.find_all(nodes.Getattr):
        if not isinstance(access.node, nodes.Name):
            yield f"template field .{access.attr} goes deeper than a name and a field; known: {known}"
        elif access.node.name == LINKS:
            if access.attr not in links:
                yield f"unknown link links.{access.attr}; known: {', '.join(links)}"
        elif access.attr not in FIELDS.get(access.node.name, ()):
            yield f"unknown template field {access.node.name}.{access.attr}; known: {known}"
    for name in tree.find_all(nodes.Name):
        if id(name) not in whole:
            yield f"template name {name.name} must be used with a field; known: {known}"
    for other in tree.find_all((nodes.Call, nodes.Getitem)):
        yield f"template uses {type(other).__name__.lower()}, only plain fields and filters are allowed; known: {known}"


def _unknown_filters(tree: nodes.Template) -> Iterator[str]:
    for use in tree.find_all(nodes.Filter):
        if use.name not in FILTERS:
            yield f"unknown template filter {use.name}; known: {', '.join(FILTERS)}"


@lru_cache(maxsize=2048)  # lint and book compile the same text
def compile_template(source: str) -> Template:
    """Compile once, render often. Raises `jinja2.TemplateError` for bad syntax."""
    return _ENV.from_string(source)
