"""The screening processes, and the limits of one message: as the file names them, and as the anatomy takes them."""

from dataclasses import replace
from functools import cached_property
from typing import Annotated

from pydantic import Field

from screener.anatomy.budget import Budget
from screener.config.group import Settings
from screener.settings.kinds import Count, Memory, Seconds, Size

_USUAL = Budget()


class BudgetSettings(Settings):
    """Limits of one message. Reaching one is a defect, never an error: rules say what becomes of such mail."""

    header: Size = _USUAL.header_octets
    header_fields: Count = _USUAL.header_lines
    field: Size = _USUAL.field_octets
    parts: Count = _USUAL.parts
    depth: Count = _USUAL.depth
    names: Count = _USUAL.names
    readings: Count = _USUAL.scanned_factor
    decoded: Size = _USUAL.decoded_octets
    containers: Count = _USUAL.container_depth
    members: Count = _USUAL.container_members
    unpacked: Size = _USUAL.container_octets
    ratio: Count = _USUAL.container_ratio
    document: Size = _USUAL.document_octets
    text: Size = _USUAL.text_octets

    @cached_property
    def of_anatomy(self) -> Budget:
        """The same, for the room that keeps to it."""
        return replace(
            _USUAL,
            header_octets=self.header,
            header_lines=self.header_fields,
            field_octets=self.field,
            parts=self.parts,
            depth=self.depth,
            names=self.names,
            decoded_octets=self.decoded,
            decoded_factor=self.readings,
            scanned_factor=self.readings,
            reread_factor=max(1, _USUAL.reread_factor * self.readings // _USUAL.scanned_factor),
            container_depth=self.containers,
            container_members=self.members,
            container_octets=self.unpacked,
            container_ratio=self.ratio,
            document_octets=self.document,
            text_octets=self.text,
            text_read=max(_USUAL.text_read, 2 * self.text),
            document_text=max(_USUAL.document_text, 2 * self.text),
        )


class ScreeningSettings(Settings):
    """The screening processes."""

    processes: Annotated[int, Field(ge=1, le=64)] = 2
    time: Seconds = 10.0  # for one mail; once more alone with three times as long
    memory: Memory = 1024 * 1024 * 1024
    waiting: Count = 200  # mails that may wait for a process; beyond it 451
    budget: BudgetSettings = BudgetSettings()
