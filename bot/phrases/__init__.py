"""What Steward says to members, one module a language.

Each has FRIENDLY (every phrase) and FORMAL (those that a formal address changes); English has PLAYFUL too. A phrase
accuses nobody, is short, and has at most one exclamation mark; one about a talk names nobody. Names in braces are
filled in: {channel}, {member}, {members}, {author}, {time}, {text}, {reasons}.
"""
