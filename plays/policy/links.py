"""Where customers help themselves: names that playbooks use, with the pages they stand for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

LinkName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]


class Page(BaseModel):
    """One page, by the title people know it under."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, Field(min_length=2, max_length=80)]
    url: Annotated[str, Field(pattern=r"^https://[^\s/]+\.[^\s]+$", max_length=500)]


class Links(BaseModel):
    """The links file: pages by name. Replace the addresses with your own; names are what playbooks rest on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    links: Annotated[dict[LinkName, Page], Field(max_length=100)]

    def urls(self) -> dict[str, str]:
        """Addresses by name, for templates."""
        return {name: page.url for name, page in self.links.items()}
