"""Sentences for benchmarks: what people say about themselves, and what they ask, put together from word lists."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

_WORDS = {
    slot: words.split()
    for slot, words in {
        "relation": "sister brother neighbour aunt cousin boss teammate landlord grandmother flatmate",
        "name": (
            "Ada Bela Chidi Dorota Emre Farah Goran Hana Ivo Jaya Kofi Lien Marek Nadia Omar Petra Quentin Rosa Sven "
            "Tariq Ulla Viktor Wanda Xenia Yusuf Zofia"
        ),
        "job": "baker nurse welder pilot translator gardener plumber librarian surveyor violinist beekeeper judge",
        "city": (
            "Lisbon Osaka Leeds Turin Quito Gdansk Tampere Accra Pune Bergen Graz Porto Aarhus Cork Ghent Split Bologna"
        ),
        "food": "lentils mushrooms mango rye oysters tofu pancakes kimchi goulash paella hummus plums radishes",
        "hobby": "chess climbing knitting rowing astronomy pottery fencing birdwatching sailing sketching juggling",
        "thing": "bicycle telescope piano laptop kayak camera sofa motorcycle printer tent lamp loom bookcase",
        "colour": "red green blue yellow silver brown purple orange black white turquoise",
        "tool": "Python Rust Postgres Kubernetes Terraform Excel Blender Figma Emacs Vim Ansible Grafana",
        "month": "January February March April May June July August September October November December",
        "day": "Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
        "animal": "cat dog parrot tortoise hamster ferret canary rabbit goldfish pony",
    }.items()
}

_STATEMENTS = (
    "My {relation} {name} works as a {job} in {city} and has a {colour} {thing}",
    "I stopped eating {food} in {month} because {food} makes me tired",
    "We decided to move the release of {tool} to {day}, after {name} came back from {city}",
    "I go {hobby} every {day} with {name} from {city}",
    "Our {animal} {name} sleeps on the {colour} {thing} since {month}",
    "I want to learn {hobby} before {month}, my {relation} {name} did it in {city}",
    "I sold my {colour} {thing} to a {job} called {name} last {month}",
    "For {tool} I prefer the {colour} theme, {name} from work likes the {colour} one",
    "On {day} my {relation} cooks {food} with {food} for {name}",
    "I moved from {city} to {city} when I became a {job} in {month}",
    "{name} gave me a {colour} {thing} and a book about {hobby} in {month}",
    "My {relation} is allergic to {food}, so in {city} we always order {food}",
)

_QUESTIONS = (
    "Where does {name} work these days?",
    "What did I say about {food}?",
    "Which {thing} do I have?",
    "Who goes {hobby} with me on {day}?",
    "When did we move the release of {tool}?",
    "What does my {relation} like to eat?",
    "Do I know anybody in {city}?",
    "What happened in {month} with the {colour} {thing}?",
)


def statements(seed: int) -> Iterator[str]:
    """Yield statements without end, the same for the same seed, hardly ever one twice."""
    return _made(_STATEMENTS, random.Random(seed))


def questions(seed: int) -> Iterator[str]:
    """Yield questions without end, the same for the same seed."""
    return _made(_QUESTIONS, random.Random(seed))


def _made(patterns: Sequence[str], chance: random.Random) -> Iterator[str]:
    while True:
        words = {slot: _Choice(choices, chance) for slot, choices in _WORDS.items()}
        yield chance.choice(patterns).format_map(words)


class _Choice:
    """A slot that takes another word each time it is filled."""

    def __init__(self, words: Sequence[str], chance: random.Random) -> None:
        self._words = words
        self._chance = chance

    def __format__(self, _: str) -> str:
        return self._chance.choice(self._words)
