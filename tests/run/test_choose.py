"""Every arm's arithmetic is chosen from surveys, and from what the study asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tiny import job

from hikaku.execution.inline import Inline
from hikaku.run.choose import Chooser
from hikaku.run.identify import Looked
from hikaku.study.decode import from_mapping
from hikaku.study.study import Study
from hikaku.training.survey import Survey
from hikaku.words import message
