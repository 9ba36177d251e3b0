"""What an installation must not be: each rule refuses the start, or is a warning of `manage.py check`."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

Values = Mapping[str, Any]
"""The settings by their names, complete or as far as they are read."""

JUDGED: Final = (
    "DEMO", "DEBUG", "SECRET_KEY", "FIELD_KEYS", "BLIND_INDEX_KEY", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS",
    "DATABASE_URL", "REDIS_URL", "SECURE_SSL_REDIRECT", "ALLAUTH_TRUSTED_PROXY_COUNT",
)  # fmt: skip
SHORTEST_SECRET: Final = 50
FEWEST_SIGNS: Final = 16
AT_HOME = (".localhost", ".local", ".internal", ".lan", ".test", ".example")
NEW_KEY = 'python3 -c "import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())"'


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that must not be: what is wrong (empty when nothing is), and what to do."""

    id: str
    finds: Callable[[Values], str]
    hint: str
    refuses: bool = True


def faults(values: Values) -> list[tuple[Rule, str]]:
    """Return every rule that is broken, with the sentence that names the variable."""
    return _broken(RULES, values)


def refuse(values: Values) -> None:
    """Stop the process before it serves anybody; raises ImproperlyConfigured."""
    broken = _broken([rule for rule in RULES if rule.refuses], values)
    if broken:
        raise ImproperlyConfigured(
            "\n".join(f"（{rule.id}）{sentence}{rule.hint}" for rule, sentence in broken)
        )


def _broken(rules: Iterable[Rule], values: Values) -> list[tuple[Rule, str]]:
    found = ((rule, rule.finds(values)) for rule in rules)
    return [(rule, sentence) for rule, sentence in found if sentence]


def _weak_secret(values: Values) -> str:
    secret = values["SECRET_KEY"]
    if len(secret) < SHORTEST_SECRET:
        return f"DJANGO_SECRET_KEY 太短（{len(secret)} 个字符，至少 {SHORTEST_SECRET} 个）。"
    return "" if len(set(secret)) >= FEWEST_SIGNS else "DJANGO_SECRET_KEY 只由几个字符重复而成，不是随机的。"


def _weak_key(values: Values) -> str:
    named = [(f"FIELD_KEYS 的 {kid}", key) for kid, key in values["FIELD_KEYS"]]
    named.append(("BLIND_INDEX_KEY", values["BLIND_INDEX_KEY"]))
    weak = [name for name, key in named if len(set(key)) < FEWEST_SIGNS]
    return f"{'、'.join(weak)}不是随机的密钥。" if weak else ""


def _one_key_for_two(values: Values) -> str:
    keys = [key for _, key in values["FIELD_KEYS"]]
    if len(set(keys)) < len(keys):
        return "FIELD_KEYS 里两个编号用了同一个密钥。"
    return "BLIND_INDEX_KEY 与 FIELD_KEYS 用了同一个密钥。" if values["BLIND_INDEX_KEY"] in keys else ""


def _placeholder(values: Values) -> str:
    named = [name for name in ("DATABASE_URL", "REDIS_URL") if "change-me" in values[name]]
    return f"{'、'.join(named)} 里还是示例密码。" if named else ""


def _debug(values: Values) -> str:
    return "DJANGO_DEBUG 打开了：出错页会把代码和数据给所有人看。" if values["DEBUG"] else ""


def _any_host(values: Values) -> str:
    hosts = values["ALLOWED_HOSTS"]
    if not hosts:
        return "DJANGO_ALLOWED_HOSTS 没有设置。"
    wide = [one for one in hosts if one == "*" or (one.startswith(".") and "." not in one[1:])]
    return f"DJANGO_ALLOWED_HOSTS 含有通配的 {'、'.join(wide)}。" if wide else ""


def _demo_in_public(values: Values) -> str:
    strange = [one for one in values["ALLOWED_HOSTS"] if not _is_at_home(one)] if values["DEMO"] else []
    return f"DEMO=1，而 DJANGO_ALLOWED_HOSTS 里有对外的 {'、'.join(strange)}。" if strange else ""


def _redis_without_password(values: Values) -> str:
    address = urlsplit(values["REDIS_URL"])
    is_open = address.scheme in ("redis", "rediss") and not address.password
    return "REDIS_URL 没有密码：同一网络里的人可以改任务队列和限速计数。" if is_open else ""


def _all_behind_one(values: Values) -> str:
    is_blind = values.get("SECURE_SSL_REDIRECT") and not values["ALLAUTH_TRUSTED_PROXY_COUNT"]
    return "TRUSTED_PROXY_COUNT 是 0：所有人看起来都来自代理，限速和审计都认不出来源。" if is_blind else ""


def _weak_origin(values: Values) -> str:
    wide = [one for one in values["CSRF_TRUSTED_ORIGINS"] if "*" in one or not one.startswith("https://")]
    return f"CSRF_TRUSTED_ORIGINS 里的 {'、'.join(wide)} 过宽或不是 https。" if wide else ""


def _is_at_home(host: str) -> bool:
    if (
        host == "testserver"
        or host.endswith(AT_HOME)
        or ("." not in host and ":" not in host and host != "*")
    ):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_private
    except ValueError:
        return False


def _outside_demo(finds: Callable[[Values], str]) -> Callable[[Values], str]:
    return lambda values: "" if values["DEMO"] else finds(values)


RULES: Final = (
    Rule("subsidy.E010", _outside_demo(_weak_secret), "请用随机生成的：见 .env.example。"),
    Rule("subsidy.E011", _outside_demo(_weak_key), f"请用 {NEW_KEY} 生成。"),
    Rule("subsidy.E012", _outside_demo(_one_key_for_two), "请各用一个新的随机密钥。"),
    Rule("subsidy.E013", _demo_in_public, "演示环境的验证码和登录名是公开的；正式使用请设 DEMO=0。"),
    Rule("subsidy.E014", _outside_demo(_debug), "请设 DJANGO_DEBUG=0。"),
    Rule("subsidy.E015", _outside_demo(_any_host), "请写出本系统自己的域名，多个用逗号分隔。"),
    Rule("subsidy.E016", _outside_demo(_placeholder), "请换成自己的密码。"),
    Rule("subsidy.W010", _outside_demo(_redis_without_password), "请给 Redis 设密码。", refuses=False),
    Rule("subsidy.W011", _outside_demo(_all_behind_one), "请写出自己的代理有几层。", refuses=False),
    Rule("subsidy.W012", _outside_demo(_weak_origin), "请只写本系统自己的 https 地址。", refuses=False),
)
