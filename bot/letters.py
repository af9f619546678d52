"""Which letter stands for which button where a platform gives a button back to us as a short text."""

from __future__ import annotations

from moderation.ports import Button

LETTERS = {
    Button.MOVE_MINE: "m",
    Button.BELONGS_HERE: "b",
    Button.WHY: "y",
    Button.NO_MORE: "n",
    Button.UNDO: "u",
    Button.REMOVE: "r",
    Button.FINE: "f",
    Button.NOT_NOW: "l",
    Button.RIGHT: "t",
    Button.WRONG: "w",
    Button.OTHER_KIND: "o",
    Button.BELONGS: "e",
    Button.CHATTER: "c",
    Button.PITCH: "p",
    Button.APPEAL: "a",
    Button.RESTORE: "s",
    Button.STAND_BY: "d",
    Button.SHOW: "h",
    Button.MINE: "i",
    Button.CHANGE: "x",
    Button.DELETE: "q",
    Button.TAKE_BACK: "k",
    Button.PROMOTE: "g",
    Button.CLAIM: "j",
}
"""Never to be changed: posts that stand already have them."""
BUTTONS = {letter: button for button, letter in LETTERS.items()}
