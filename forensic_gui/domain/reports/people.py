"""When two names are taken for the same person's: rather once too often, for a second person has to review.

Names are typed and not checked. Whoever is refused in error writes the full name.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from types import MappingProxyType

# Format characters, as a joiner or a mark of direction, and controls.
_UNSEEN = frozenset({"Cf", "Cc"})
_TITLES = frozenset(
    {
        *("dr", "drs", "prof", "professor", "doctor", "mr", "mrs", "ms", "miss", "mx", "sir", "dame", "dipl", "ing"),
        *("herr", "frau", "hr", "fr", "med", "phd", "ph", "msc", "bsc", "mag", "jur", "rer", "nat", "habil"),
    }
)
_FULL_NAME = 2  # words that have to agree before an initial more or less, as of a second name, is passed over

# Letters that are no accented ones, and are written for those.
_PLAIN = {"ø": "o", "ł": "l", "đ": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
# Cyrillic and Greek letters by the Latin ones that they look like (Unicode Technical Standard 39), which for some is
# another one as a small letter than as a capital.
_SMALL = dict(zip("аеорсухіјѕһԁԛԝкмтвнгпьӏαονρυικτχγωηε", "aeopcyxijshdqwkmtbhrnblaovpuiktxywne", strict=True))
_CAPITAL = dict(zip("авекмнорстухіјѕԛԝьӏαβεζηικμνορτυχ", "abekmhopctyxijsqwblabezhikmnoptyx", strict=True))
_LOOKS: tuple[Mapping[int, str], ...] = tuple(
    MappingProxyType(str.maketrans({**_PLAIN, **letters})) for letters in (_SMALL, _CAPITAL)
)


def same_name(one: str, other: str) -> bool:
    """Whether two names are the same but for case, spacing, what cannot be seen, and how letters are composed."""
    return _folded(one) == _folded(other)


def same_person(one: str, other: str) -> bool:
    """Whether two names may be the same person's.

    Beside what `same_name` passes over these are accents, letters that look alike, punctuation, titles and the order of
    the words; and an initial stands for a word that begins with it.
    """
    return any(_agree(set(_words(one, looks)), set(_words(other, looks))) for looks in _LOOKS)


def _folded(name: str) -> str:
    # Composed again, because folding takes letters apart (Unicode 3.13, D146).
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    words = ("".join(each for each in word if unicodedata.category(each) not in _UNSEEN) for word in folded.split())
    return " ".join(word for word in words if word)


def _words(name: str, looks: Mapping[int, str]) -> list[str]:
    """The words of a name as they are compared; its titles only where it has nothing else."""
    folded = name
    for _ in range(2):  # as in D146
        folded = unicodedata.normalize("NFKD", folded).casefold()
    words = "".join(_letters(unicodedata.normalize("NFKD", folded))).translate(looks).split()
    return [word for word in words if word not in _TITLES] or words


def _letters(folded: str) -> Iterator[str]:
    """Letters without accents, and a space for whatever parts words."""
    for each in folded:
        category = unicodedata.category(each)
        if each.isspace():
            yield " "
        elif unicodedata.combining(each) == 0 and category not in _UNSEEN:
            # Vowel signs of Indic scripts are marks that belong to their letters.
            yield each if each.isalnum() or category.startswith("M") else " "


def _agree(one: set[str], other: set[str]) -> bool:
    if not one or not other:
        return one == other
    known = sum(not _is_initial(word) for word in one & other) >= _FULL_NAME
    return all(
        _stands_for(word, words) or (known and _is_initial(word))
        for left, words in ((one - other, other), (other - one, one))
        for word in left
    )


def _stands_for(word: str, words: set[str]) -> bool:
    """Whether a word or its initial is among others, or is itself the initial of one."""
    return any(
        (_is_initial(word) and each.startswith(word)) or (_is_initial(each) and word.startswith(each)) for each in words
    )


def _is_initial(word: str) -> bool:
    # A letter of a script without cases may be a whole name.
    return len(word) == 1 and unicodedata.category(word) == "Ll"
