"""Templates of a language for changed texts; a language without templates gets only changes without words."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Templates:
    """Templates by change: `{text}` is the message, `{name}` a person's name, `{number}` some digits."""

    names: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    greetings: tuple[str, ...] = ()
    negations: tuple[str, ...] = ()


_TEMPLATES = {
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


def find_templates(language: str) -> Templates:
    """Return the templates of a language (ISO 639-1); empty ones for an unknown language."""
    return _TEMPLATES.get(language, Templates())
