"""Link the actors of all articles of a study."""

from dataclasses import dataclass


@dataclass
class LinkedActors:
    actor_of: dict[tuple[str, int], str]
    actors: list[dict]


def link(mentions, overrides=None):
    raise NotImplementedError
