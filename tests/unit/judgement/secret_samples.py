"""Makes invented secrets of many formats, dresses them up, and makes harmless lines that look a little like them."""

from __future__ import annotations

import base64
import random
import string
import uuid
from collections.abc import Callable
from pathlib import Path

ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "-_"
HEX = "0123456789abcdef"
SEED_WORDS = (Path(__file__).parents[3] / "bot/judgement/words/seed_english.txt").read_text(encoding="ascii").split()

Make = Callable[[random.Random], str]


def _of(rng: random.Random, characters: str, size: int) -> str:
    return "".join(rng.choices(characters, k=size))


def _jwt(rng: random.Random) -> str:
    parts = ('{"alg":"HS256","typ":"JWT"}', f'{{"sub":"{_of(rng, string.digits, 10)}","name":"{_of(rng, ALNUM, 12)}"}}')
    encoded = [base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, _of(rng, WORD, 43)])


def pem(rng: random.Random, cut: bool) -> str:
    label = rng.choice(
        ("RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY")
    )
    lines = [_of(rng, ALNUM + "+/", 64) for _ in range(rng.randint(3, 20))]
    ending = "" if cut else f"\n{_of(rng, ALNUM, 30)}==\n-----END {label}-----"
    return f"-----BEGIN {label}-----\n" + "\n".join(lines) + ending


def card(rng: random.Random) -> str:
    prefix, size = rng.choice(
        (
            ("4", 16),
            ("4", 19),
            ("51", 16),
            ("55", 16),
            ("2221", 16),
            ("2720", 16),
            ("34", 15),
            ("37", 15),
            ("6011", 16),
            ("65", 16),
            ("3528", 16),
            ("3589", 16),
            ("300", 14),
            ("36", 14),
            ("62", 16),
        )
    )
    body = prefix + _of(rng, string.digits, size - len(prefix) - 1)
    total = sum(int(d) if at % 2 else sum(divmod(2 * int(d), 10)) for at, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def grouped_card(rng: random.Random) -> str:
    digits = card(rng)
    sizes = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(digits), (4, 4, 4, 4, 3))
    gap = rng.choice(("", "", " ", "-", "  ", " - ", "."))
    if gap == " - ":
        gap = "-"
    parts, at = [], 0
    for size in sizes:
        parts.append(digits[at : at + size])
        at += size
    return gap.join(part for part in parts if part)


def iban(rng: random.Random) -> str:
    country, size, letters = rng.choice(
        (("DE", 18, 0), ("FR", 23, 0), ("GB", 18, 4), ("NL", 14, 4), ("ES", 20, 0), ("IT", 23, 1), ("CH", 17, 0))
    )
    body = _of(rng, string.ascii_uppercase, letters) + _of(rng, string.digits, size - letters)
    check = 98 - int("".join(str(int(c, 36)) for c in body + country + "00")) % 97
    whole = f"{country}{check:02d}{body}"
    return " ".join(whole[at : at + 4] for at in range(0, len(whole), 4)) if rng.random() < 0.5 else whole


def _password(rng: random.Random) -> str:
    return (
        rng.choice(("Sommer", "hunter", "correct-horse", "Tr0ub4dor", "letmein", "s3cret"))
        + _of(rng, string.digits, 3)
        + rng.choice(("", "!", "$x"))
    )


PASSWORD_PHRASES = (
    "my password is {}",
    "Password: {}",
    "the wifi password is {}",
    "password for the router: {}",
    "mein Passwort ist {}",
    "Passwort: {}",
    "das Kennwort lautet {}",
    "mon mot de passe est {}",
    "mot de passe : {}",
    "mi contraseña es {}",
    "contraseña: {}",
    "minha senha é {}",
    "la password è {}",
    "mijn wachtwoord is {}",
    "пароль: {}",
    "мой пароль это {}",
    "密码是{}",
    "密码：{}",
    "パスワードは{}です",
    "パスワード: {}",
    "비밀번호는 {}",
    "pwd={}",
)

TOKENS: dict[str, Make] = {
    "OpenAI old": lambda r: "sk-" + _of(r, ALNUM, 48),
    "OpenAI project": lambda r: "sk-proj-" + _of(r, WORD, 74) + "T3BlbkFJ" + _of(r, WORD, 74),
    "Anthropic": lambda r: "sk-ant-api03-" + _of(r, WORD, 93) + "AA",
    "Google": lambda r: "AIza" + _of(r, WORD, 35),
    "Google client": lambda r: "GOCSPX-" + _of(r, WORD, 28),
    "AWS access": lambda r: r.choice(("AKIA", "ASIA")) + _of(r, string.ascii_uppercase + "234567", 16),
    "GitHub classic": lambda r: r.choice(("ghp_", "gho_", "ghs_", "ghu_")) + _of(r, ALNUM, 36),
    "GitHub fine": lambda r: "github_pat_" + _of(r, ALNUM, 22) + "_" + _of(r, ALNUM, 59),
    "GitLab": lambda r: "glpat-" + _of(r, WORD, 20),
    "Slack bot": lambda r: f"xoxb-{_of(r, string.digits, 12)}-{_of(r, string.digits, 13)}-{_of(r, ALNUM, 24)}",
    "Slack app": lambda r: (
        f"xapp-1-A{_of(r, string.ascii_uppercase + string.digits, 10)}-{_of(r, string.digits, 13)}-{_of(r, HEX, 64)}"
    ),
    "Stripe": lambda r: r.choice(("sk_live_", "rk_live_", "sk_test_")) + _of(r, ALNUM, r.choice((24, 99))),
    "Twilio": lambda r: "SK" + _of(r, HEX, 32),
    "SendGrid": lambda r: f"SG.{_of(r, WORD, 22)}.{_of(r, WORD, 43)}",
    "Mailgun": lambda r: "key-" + _of(r, HEX, 32),
    "npm": lambda r: "npm_" + _of(r, ALNUM, 36),
    "PyPI": lambda r: "pypi-AgEIcHlwaS5vcmc" + _of(r, WORD, 150),
    "Hugging Face": lambda r: "hf_" + _of(r, ALNUM, 34),
    "Telegram": lambda r: f"{_of(r, '123456789', 10)}:AA{_of(r, WORD, 33)}",
    "Discord bot": lambda r: (
        f"{r.choice('MNO')}{_of(r, ALNUM, 23)}.{_of(r, WORD, 6)}.{_of(r, WORD, r.choice((27, 38)))}"
    ),
    "DigitalOcean": lambda r: "dop_v1_" + _of(r, HEX, 64),
    "Shopify": lambda r: "shpat_" + _of(r, HEX, 32),
    "JWT": _jwt,
    "Cloudflare origin": lambda r: f"v1.0-{_of(r, HEX, 24)}-{_of(r, HEX, 146)}",
    "Groq": lambda r: "gsk_" + _of(r, ALNUM, 52),
}
"""Tokens that may be broken by white space and still be known by their start."""

OTHERS: dict[str, Make] = {
    "AWS secret": lambda r: "aws_secret_access_key = " + _of(r, ALNUM + "/+", 40),
    "Azure storage": lambda r: (
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=" + _of(r, ALNUM + "+/", 86) + "=="
    ),
    "Azure client": lambda r: f"{_of(r, ALNUM, 3)}8Q~{_of(r, ALNUM, 34)}",
    "Cloudflare token": lambda r: "Cloudflare API token: " + _of(r, WORD, 40),
    "Slack webhook": lambda r: (
        f"https://hooks.slack.com/services/T{_of(r, ALNUM, 8).upper()}/B{_of(r, ALNUM, 8).upper()}/{_of(r, ALNUM, 24)}"
    ),
    "Discord webhook": lambda r: f"https://discord.com/api/webhooks/{_of(r, string.digits, 19)}/{_of(r, WORD, 68)}",
    "URL password": lambda r: f"https://{_of(r, ALNUM, 6)}:{_of(r, ALNUM + '!$%', 12)}@example.org/x",
    "Database URL": lambda r: (
        f"{r.choice(('postgres', 'mysql', 'mongodb+srv', 'redis'))}://app:{_of(r, ALNUM, 14)}@db.internal:5432/main"
    ),
    "seed phrase": lambda r: " ".join(r.choices(SEED_WORDS, k=r.choice((12, 15, 18, 24)))),
    "IBAN": iban,
    "password": lambda r: r.choice(PASSWORD_PHRASES).replace("{}", _password(r)),
    "generic key": lambda r: (
        r.choice(("api_key", "API_KEY", "client_secret", "access_token", "apiKey"))
        + r.choice(("=", ": ", " = "))
        + _of(r, ALNUM, 32)
    ),
    "bearer": lambda r: "Authorization: Bearer " + _of(r, ALNUM + "-._~", 40),
    "card": grouped_card,
    "PEM": lambda r: pem(r, cut=False),
    "PEM cut": lambda r: pem(r, cut=True),
}


def disguise(rng: random.Random, secret: str, breakable: bool) -> str:
    """Return a secret as people paste it: fenced, quoted, with zero-width characters, line breaks or wide digits."""
    how = rng.randrange(8)
    middle = rng.randint(len(secret) // 3, len(secret) - 2)
    if how == 0:
        return f"```\n{secret}\n```"
    if how == 1:
        return f"`{secret}`"
    if how == 2:
        return secret[:middle] + rng.choice("\u200b\u200c\u2060\ufeff\u00ad") + secret[middle:]
    if how == 3:
        return secret.translate({ord(digit): chr(0xFF10 + int(digit)) for digit in string.digits})
    if how == 4 and breakable:
        return f"{secret[:middle]}{rng.choice((' ', chr(10)))}{secret[middle:]}"
    return secret


BEFORE = (
    "",
    "here: ",
    "my key is ",
    "use this ",
    "привет, вот: ",
    "这个：",
    "please do not share, ",
    "FOO=",
    '"key": "',
)
AFTER = ("", " thanks", "\nok?", ", please", '"', " 🙂", " it works for now")

_ORDINARY = (
    "I forgot my password",
    "the password policy is strict",
    "password reset is broken again",
    "please change your password every 90 days",
    "our password manager is 1Password",
    "the password must have at least 12 characters",
    "is the password correct?",
    "passwords are hashed with argon2",
    "ich habe mein Passwort vergessen",
    "das Passwort ist falsch",
    "mon mot de passe est trop long",
    "olvidé mi contraseña",
    "la contraseña es incorrecta",
    "пароль не подходит",
    "я забыл пароль",
    "密码错了",
    "パスワードを忘れました",
    "the secret to good pasta is salt",
    "a token of my appreciation",
    "my access token expired yesterday",
    "the api key is missing from the config",
    "we rotate the client secret quarterly",
    "authorization: see the wiki",
    "I bear no grudge against bearer bonds",
    "my seed phrase is safe in a vault",
    "Private key rotation is on Friday",
    "the begin and the end of the key",
    "sk-learn is a nice library",
    "npm install left-pad@1.3.0",
    "hf_transfer makes it faster",
    "the key-value store is down",
    "see github.com/org/repo/pull/1234",
)


def harmless(rng: random.Random) -> str:
    """Return a line without a secret."""
    digits = string.digits
    made: tuple[Callable[[], str], ...] = (
        lambda: f"<@{rng.randint(10**17, 13 * 10**17)}> can you look at message {rng.randint(10**17, 13 * 10**17)}?",
        lambda: f"call me at +{rng.randint(1, 99)} {_of(rng, digits, 3)} {_of(rng, digits, 3)} {_of(rng, digits, 4)}",
        lambda: f"tel. 0{_of(rng, digits, 3)}/{_of(rng, digits, 8)}",
        lambda: f"fixed in commit {_of(rng, HEX, rng.choice((7, 12, 40)))}",
        lambda: f"sha256:{_of(rng, HEX, 64)}",
        lambda: f"trace id {uuid.UUID(int=rng.getrandbits(128))}",
        lambda: f"ISBN 978-{rng.randint(0, 9)}-{_of(rng, digits, 4)}-{_of(rng, digits, 4)}-{rng.randint(0, 9)}",
        lambda: f"order number {_of(rng, digits, rng.choice((8, 10, 12)))} shipped",
        lambda: f"invoice INV-{rng.randint(2019, 2027)}-{_of(rng, digits, 6)} is due on {rng.randint(1, 28)}.3.2026",
        lambda: f"meet on 2026-{rng.randint(1, 12):02d}-{rng.randint(1, 28):02d} at {rng.randint(10, 23)}:30:00",
        lambda: f"it costs {rng.uniform(1, 9999):.2f} EUR, or ${rng.randint(1, 99)},{rng.randint(100, 999)}",
        lambda: f"timestamp {rng.randint(16 * 10**11, 19 * 10**11)} and {rng.randint(16 * 10**8, 19 * 10**8)}",
        lambda: f"server at {'.'.join(str(rng.randint(1, 254)) for _ in range(4))}:{rng.randint(80, 9000)}",
        lambda: f"coordinates {rng.uniform(-90, 90):.6f}, {rng.uniform(-180, 180):.6f}",
        lambda: f"https://example.org/{_of(rng, ALNUM, 12)}?page={rng.randint(1, 99)}&ref={_of(rng, ALNUM, 8)}",
        lambda: (
            f"https://cdn.discordapp.com/attachments/{rng.randint(10**17, 10**18)}/{rng.randint(10**17, 10**18)}/a.png"
        ),
        lambda: f"mail {_of(rng, string.ascii_lowercase, 7)}@example.com about ticket ABC-{rng.randint(1, 9999)}",
        lambda: f"v{rng.randint(0, 20)}.{rng.randint(0, 30)}.{rng.randint(0, 99)} needs python>=3.{rng.randint(8, 14)}",
        lambda: f"image: registry.example.org/app@sha256:{_of(rng, HEX, 64)}",
        lambda: rng.choice(_ORDINARY),
        lambda: f"{rng.choice(_ORDINARY)} — {rng.choice(_ORDINARY)}",
        lambda: " ".join(
            rng.choices(
                ("we", "the", "meet", "dog", "and", "walk", "on", "garden", "sister", "to", "a", "of", "music"),
                k=rng.randint(5, 25),
            )
        ),
    )
    return rng.choice(made)()
