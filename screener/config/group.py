"""What all groups of settings are."""

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """What all groups of settings share: frozen, no unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)
