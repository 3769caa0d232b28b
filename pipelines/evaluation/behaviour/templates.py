"""Phrases of one language that carry a change; a language without them gets the changes that need no words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Templates:
    """`{text}` is the message, `{name}` a person's name and `{number}` some digits."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()


_FRAMES = {
    "en": Templates(
        names=("{text} Regards, {name}", "{text} This is {name}.", "This is {name}. {text}", "{name} here: {text}"),
        numbers=("{text} Order {number}.", "{text} Message {number}.", "Message {number}: {text}"),
        greetings=(
            *("Hola, {text}", "Bonjour, {text}", "Guten Tag, {text}", "Ciao, {text}", "你好，{text}"),
            *("{text} Saludos.", "{text} Cordialement."),
        ),
        negations=("It is not true that {text}", "I would not say: {text}"),
    ),
    "zh": Templates(
        names=("{text} {name}敬上", "{text} 我是{name}。", "我是{name}。{text}"),
        numbers=("{text} 编号{number}。", "{text} 序号{number}。", "编号{number}：{text}"),
        greetings=("Hi, {text}", "Hello, {text}", "{text} Regards."),
        negations=("这不是真的：{text}", "我不会说：{text}"),
    ),
}


def frames(language: str) -> Templates:
    """The phrases of a language (ISO 639-1), none where nobody wrote any."""
    return _FRAMES.get(language, Templates())
