"""What may leave the room: only `protect()` makes what `report` accepts."""

from kesos_research.disclosure.protect import Protected, Published, protect

__all__ = ["Protected", "Published", "protect"]
