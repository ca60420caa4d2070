"""The shapes of keys, tokens and passwords: where each one starts and what must follow.

Prefixes and lengths follow the issuers' own pages and the public rules of gitleaks and detect-secrets.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_WORD = "-A-Za-z0-9_"  # the hyphen first, so that more characters may be added behind
_ALNUM = "A-Za-z0-9"
_HEX = "0-9a-f"
_BASE64 = "A-Za-z0-9+/"


@dataclass(frozen=True, slots=True)
class Format:
    """A token with an unmistakable start.

    anchors: literal starts; body: what follows, with single line breaks or spaces allowed inside; mixed: the body
    must hold a digit, so that prose after a prefix is not taken for a key.
    """

    kind: str
    anchors: tuple[str, ...]
    body: str
    mixed: bool = True


def _run(characters: str, least: int, most: int | None = None) -> str:
    """Return a pattern of `least` to `most` characters; up to two spaces may precede each of the first `least`."""
    tail = "" if most == least else f"[{characters}]{{0,{(most or least + 300) - least}}}"
    return rf"(?:\s{{0,2}}[{characters}]){{{least}}}{tail}"


_PART = rf"[{_WORD}]{{1,2000}}(?:\s{{1,2}}[{_WORD}]{{1,2000}})?"  # of a JSON web token, broken once at most

FORMATS = (
    Format("Anthropic key", ("sk-ant-",), _run(_WORD, 40)),
    Format("OpenRouter key", ("sk-or-v1-",), _run(_HEX, 64, 64)),
    Format("OpenAI key", ("sk-proj-", "sk-svcacct-", "sk-admin-", "sk-None-"), _run(_WORD, 40)),
    Format("OpenAI key", ("sk-",), _run(_WORD, 32)),
    Format("Google key", ("AIza",), _run(_WORD, 35, 35)),
    Format("Google client secret", ("GOCSPX-",), _run(_WORD, 28, 28)),
    Format("Google token", ("ya29.",), _run(_WORD + ".", 40)),
    Format("AWS access key", ("AKIA", "ASIA", "ABIA", "ACCA"), _run("A-Z0-9", 16, 16) + r"(?![A-Z0-9])", mixed=False),
    Format("Azure storage key", ("AccountKey=",), _run(_BASE64, 86, 86) + r"\s?={0,2}"),
    Format("GitHub token", ("ghp_", "gho_", "ghs_", "ghu_", "ghr_"), _run(_ALNUM, 36, 255)),
    Format("GitHub token", ("github_pat_",), _run(_ALNUM + "_", 50, 100)),
    Format("GitLab token", ("glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "gloas-"), _run(_WORD, 20, 100)),
    Format(
        "Slack token",
        ("xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxe-", "xoxc-", "xoxd-", "xoxe.xox"),
        _run(_WORD + ".", 20),
    ),
    Format("Slack token", ("xapp-",), _run(_WORD, 30)),
    Format(
        "Slack webhook",
        ("hooks.slack.com/services/", "hooks.slack.com/workflows/"),
        _run(_ALNUM + "/", 30, 90),
        mixed=False,
    ),
    Format(
        "Discord webhook",
        ("discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "discord.com/api/v10/webhooks/"),
        _run(_WORD + "/", 60, 110),
    ),
    Format("Stripe key", ("sk_live_", "sk_test_", "rk_live_", "rk_test_"), _run(_ALNUM, 16, 250)),
    Format("Stripe webhook secret", ("whsec_",), _run(_BASE64, 24, 100)),
    Format("Twilio key", ("SK",), _run(_HEX, 32, 32) + r"(?![0-9a-z])"),
    Format("SendGrid key", ("SG.",), _run(_WORD, 16, 24) + r"\s?\.\s?" + _run(_WORD, 40, 50)),
    Format("Mailgun key", ("key-",), _run(_HEX, 32, 32) + r"(?![0-9a-z])"),
    Format("npm token", ("npm_",), _run(_ALNUM, 36, 36)),
    Format("PyPI token", ("pypi-AgEI",), _run(_WORD, 50, 400)),
    Format("Hugging Face token", ("hf_", "api_org_"), _run(_ALNUM, 34, 40)),
    Format("DigitalOcean token", ("dop_v1_", "doo_v1_", "dor_v1_"), _run(_HEX, 64, 64)),
    Format("Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), _run("0-9a-fA-F", 32, 32)),
    Format("Cloudflare key", ("v1.0-",), _run(_HEX, 24, 24) + "-" + _run(_HEX, 146, 146)),
    Format("JSON web token", ("eyJ",), rf"{_PART}\s?\.\s?{_PART}(?:\s?\.\s?{_PART})?"),
    Format("Linear key", ("lin_api_",), _run(_ALNUM, 40, 40)),
    Format("Notion key", ("ntn_",), _run(_ALNUM, 40, 60)),
    Format("Vault token", ("hvs.", "hvb."), _run(_WORD, 24, 200)),
    Format("Databricks token", ("dapi",), _run(_HEX, 32, 32)),
    Format("Grafana token", ("glsa_", "glc_"), _run(_ALNUM + "_", 32, 100)),
    Format("Groq key", ("gsk_",), _run(_ALNUM, 40, 60)),
    Format("xAI key", ("xai-",), _run(_ALNUM, 60, 100)),
    Format("Replicate token", ("r8_",), _run(_ALNUM, 37, 40)),
    Format("Perplexity key", ("pplx-",), _run(_ALNUM, 40, 60)),
    Format("Supabase token", ("sbp_",), _run(_HEX, 40, 40)),
    Format("Sentry token", ("sntrys_", "sntryu_"), _run(_WORD + "=+/", 40, 250)),
    Format("Figma token", ("figd_",), _run(_WORD, 36, 60)),
    Format("Atlassian token", ("ATATT3", "ATCTT3"), _run(_WORD + "=", 60, 250)),
    Format("Age key", ("AGE-SECRET-KEY-1",), _run("A-Z0-9", 58, 58)),
    Format("Square token", ("sq0atp-", "sq0csp-", "EAAAE"), _run(_WORD, 22, 70)),
    Format("Dropbox token", ("sl.",), _run(_WORD, 100, 300)),
    Format("Docker token", ("dckr_pat_",), _run(_WORD, 24, 40)),
    Format("Postman key", ("PMAK-",), _run("-" + _HEX, 50, 70)),
)

# Tokens without a literal start; each begins with characters that the regular expression engine can look for.
DISCORD_BOT = r"(?<![\w.-])[MNO](?:\s?[A-Za-z\d_-]){23,27}\s?\.(?:\s?[\w-]){6}\s?\.(?:\s?[\w-]){27}[\w-]{0,13}"
TELEGRAM_BOT = r"(?<!\w)\d{8,10}:\s?AA(?:\s?[A-Za-z0-9_-]){33}(?![\w])"
AZURE_CLIENT = r"(?<![\w~.-])[\w~.-]{3}\dQ~[\w~.-]{31,34}"

_IS = (
    r"(?:\s{0,3}(?:[:=\uff1a\uff1d]{1,2}>?|->|=>)\s{0,3}"
    r"|\s{1,3}(?:is|was|are|ist|war|lautet|heißt|est|es|era|sera|è|é|ser|is nu|jest|är|to|это)(?:\s{0,3}[:=])?\s{1,3}"
    r"|\s{0,2}(?:は|是|为|為|が|就是|는|은)\s{0,2}[:\uff1a]?\s{0,2})"
)
_FOR = (
    r"(?:\s{1,3}(?:for|to|of|für|zum|vom|von|pour|de|du|para|per|do|da|voor|van|от|для|к)\s{1,3}"
    r"[^\s:=]{1,30}(?:\s{1,3}[^\s:=]{1,30}){0,3}?)?"
)
_OPENING = "[\"'“”‘’«»„`*<「]{0,3}"
# People type passwords on a keyboard without an input method, so what follows in Chinese or Japanese is prose.
_TYPED = "([^\\s\"'“”«»`>\u2e80-\uffef]{4,128})"
AFTER_PASSWORD_WORD = rf"[\"'*_`]{{0,3}}{_FOR}{_IS}{_OPENING}{_TYPED}"
AFTER_SHORT_PASSWORD_WORD = rf"[\"'*_`]{{0,3}}\s{{0,3}}[:=\uff1a]{{1,2}}\s{{0,3}}{_OPENING}{_TYPED}"
AFTER_KEY_WORD = (
    r"[\w .-]{0,16}[\"'`]{0,2}\s{0,3}(?:[:=\uff1a]{1,2}>?|=>|->|\bis\b|\bist\b|\best\b|\bes\b)"
    r"\s{0,3}[\"'`<]{0,3}([\w./+=~-]{16,512})"
)
AFTER_AUTHORIZATION = r"\s{0,2}[:=]?\s{0,3}[\"']?(?:bearer|basic|token|bot)\s{1,3}([\w.~+/=-]{8,2000})"
AFTER_BEARER = r"\s{1,3}([\w.~+/=-]{20,2000})"

LOGIN_IN_ADDRESS = r"[a-z][a-z0-9+.-]{1,24}://[^\s/:@\"'<>]{0,80}:([^\s/@\"'<>]{1,160})@[\w\[.-]"
DATABASE_SCHEMES = (
    *("postgres", "mysql", "mariadb", "mongodb", "redis", "amqp", "mssql", "sqlserver", "jdbc", "cockroachdb"),
    *("clickhouse", "kafka", "neo4j", "cassandra"),
)

_KEY_LABEL = r"[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?"
PRIVATE_KEY_START = rf"-{{3,6}}\s?BEGIN{_KEY_LABEL}\s?-{{3,6}}|PuTTY-User-Key-File-\d:"
PRIVATE_KEY_END = rf"-{{3,6}}\s?END{_KEY_LABEL}\s?-{{0,6}}|Private-MAC: ?[0-9a-f]{{40,64}}"
PRIVATE_KEY_CUT = (
    r"(?:(?:\\n|\s)*(?:[A-Za-z-]{3,20}: [^\n]{0,200}\n|[A-Za-z0-9+/=]{16,}))*(?:(?:\\n|\s)*[A-Za-z0-9+/=]{1,15}\s*\Z)?"
)


@dataclass(frozen=True, slots=True)
class NamingWords:
    """Words that stand before a secret, in lower case. Short ones need a colon or an equals sign after them."""

    password: tuple[str, ...]
    short_password: tuple[str, ...]
    key: tuple[str, ...]
    not_passwords: frozenset[str]
    iban_lengths: dict[str, int]


@cache
def naming_words() -> NamingWords:
    """Return the words of the package's own list."""
    listed = tomllib.loads((Path(__file__).parent / "words" / "secrets.toml").read_text(encoding="utf-8"))

    def entries(name: str) -> tuple[str, ...]:
        return tuple(entry for part in listed[name].split(",") if (entry := " ".join(part.split())))

    return NamingWords(
        password=entries("password"),
        short_password=entries("short_password"),
        key=entries("key"),
        not_passwords=frozenset(entries("not_passwords")),
        iban_lengths=listed["iban_lengths"],
    )


@cache
def compiled(source: str) -> re.Pattern[str]:
    """Return a compiled pattern; the first use pays for it, not the import."""
    return re.compile(source)
