"""The twelve slots are written down once, and the recipe has exactly those."""

from __future__ import annotations

from dataclasses import fields
from typing import get_args

from hikaku.study.card import Slot
from hikaku.study.recipe import LIST_SLOTS, ONE_SLOTS, Recipe


def test_every_slot_holds_one_technique_or_a_list_of_them() -> None:
    assert sorted((*ONE_SLOTS, *LIST_SLOTS)) == sorted(get_args(Slot))
    assert len(get_args(Slot)) == 12


def test_the_recipes_lists_are_the_list_slots_and_each_slot_is_a_field() -> None:
    kinds = {field.name: field.type for field in fields(Recipe)}
    assert {name for name, kind in kinds.items() if kind == "tuple[Use, ...]"} == set(LIST_SLOTS)
    assert {name for name, kind in kinds.items() if str(kind).startswith("Use")} == set(ONE_SLOTS)
