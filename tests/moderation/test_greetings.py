"""Telling a bare hello from a question that starts with one."""

import pytest

from moderation.greetings import is_greeting


@pytest.mark.parametrize(
    "text",
    [
        "hi guys, glad to be here!",
        "Hello everyone 👋",
        "hey all, I'm Sam, new here",
        "Hallo zusammen, freue mich hier zu sein",
        "hola a todos, encantada de estar aquí!",
        "Bonjour à tous, ravi d'être ici",
        "Olá pessoal, prazer em estar aqui",
        "ciao a tutti, felice di essere qui",
        "hoi allemaal, leuk om hier te zijn",
        "good morning",
    ],
)
def test_a_bare_hello(text: str) -> None:
    assert is_greeting(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "🙂",
        "hi all, which wood glue holds outdoors",
        "hello, does anyone know a good accountant?",
        "hi! I help coaches get clients, ask me how",
        "new blades arrived https://shop.example",
        "the cat is here",
        "good day rate for a joiner in Leeds these days is about two hundred and forty pounds",
    ],
)
def test_not_a_bare_hello(text: str) -> None:
    assert not is_greeting(text)
