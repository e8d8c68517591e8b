"""A value as strict JSON text that can be shown on any terminal."""

from __future__ import annotations

import json
from typing import Any

from hikaku.words import ACTING


def json_text(value: dict[str, Any]) -> str:
    """Return strict JSON text; what would act on a terminal is written as JSON's own escapes."""
    text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
    return ACTING.sub(lambda sign: sign[0] if sign[0] == "\n" else f"\\u{ord(sign[0]):04x}", text)
