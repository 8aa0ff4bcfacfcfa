"""tpdocs speaks Chinese wherever it speaks, click's own words included, on every console."""

import importlib
import os
import re
import subprocess
import sys

import pytest

COMMANDS = (
    "init",
    "blank",
    "ingest",
    "sync",
    "check",
    "next",
    "close",
    "list",
    "show",
    "history",
    "template",
    "schema",
    "demo",
)
LOCALE_VARIABLES = ("LC_ALL", "LC_MESSAGES", "LANGUAGE", "LANG")


@pytest.fixture(scope="module")
def make_catalogue():
    pytest.importorskip("babel.messages")
    return importlib.import_module("make_catalogue")


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{[^{}]*\}|%\(\w+\)s", text))


def tpdocs_lines(text: str) -> list[str]:
    return re.findall(r"^  tpdocs .*$", text, re.MULTILINE)


def run(*arguments: str, encoding: str = "utf-8", **environment: str) -> subprocess.CompletedProcess[str]:
    bare = {name: value for name, value in os.environ.items() if name not in LOCALE_VARIABLES}
    return subprocess.run(
        [sys.executable, "-m", "tpdocs", *arguments],
        env={**bare, "PYTHONIOENCODING": encoding, **environment},
        capture_output=True, text=True, encoding=encoding, check=False,
    )  # fmt: skip


def test_the_catalogue_is_complete_and_fresh(make_catalogue):
    assert make_catalogue.check() == []


def test_what_the_check_is_for(make_catalogue, tmp_path, monkeypatch):
    po = tmp_path / "tpdocs.po"
    text = make_catalogue.PO.read_text("utf-8")
    entry = 'msgid "overdue"\nmsgstr "超期"\n'
    assert entry in text
    for changed, fault in (
        (text.replace(entry, 'msgid "overdue"\nmsgstr ""\n'), "missing: 'overdue'"),
        (text.replace(entry, f"#, fuzzy\n{entry}"), "fuzzy: 'overdue'"),
        (text.replace(entry, ""), "'overdue'"),
        (f'{text}\nmsgid "no longer said"\nmsgstr "不再说"\n', "stale: "),
    ):
        po.write_text(changed, encoding="utf-8")
        monkeypatch.setattr(make_catalogue, "PACKAGE", tmp_path / "tpdocs")
        monkeypatch.setattr(make_catalogue, "PO", po)
        monkeypatch.setattr(make_catalogue, "MO", po.with_suffix(".mo"))
        assert any(fault in line for line in make_catalogue.check())


def test_words_of_another_click_do_not_make_the_catalogue_stale(make_catalogue, monkeypatch):
    monkeypatch.setattr(make_catalogue, "version", lambda _name: "99.0")
    monkeypatch.setattr(make_catalogue, "words_of_click", lambda: {"A new word of click"})
    assert make_catalogue.check() == []


def test_words_inside_f_strings_and_errors_are_found_and_what_cannot_be_translated_is_told(make_catalogue, tmp_path):
    package = tmp_path / "tpdocs"
    package.mkdir()
    (package / "some.py").write_text(
        "class TpdocsError(Exception): ...\n"
        "class OwnError(TpdocsError): ...\n"
        "class TextlessError(OwnError):\n"
        "    def __init__(self, code): super().__init__('four {code}')\n"
        "print(f'{_(\"one\")}')\n"
        "raise OwnError('two '\n 'three')\n"
        "raise TextlessError('no text')\n"
        "plural('{n} day', '{n} days', 3)\n"
        "raise OwnError(f'{package} five')\n"
        "print(_(f'{package} six'))\n"
    )
    found = make_catalogue.Sources(package)
    assert found.texts == {"one", "two three", "four {code}", ("{n} day", "{n} days")}
    assert [fault.split(": ")[1] for fault in found.faults] == ["tpdocs/some.py:10", "tpdocs/some.py:11"]


def test_every_placeholder_is_kept_and_nothing_else(make_catalogue):
    checked = 0
    for message in make_catalogue.catalogue_on_disk():
        if message.id:
            # Chinese has one form for every number; it stands for the English plural.
            plural = not isinstance(message.id, str)
            text, string = (message.id[1], message.string[0]) if plural else (message.id, message.string)
            assert placeholders(string) == placeholders(text), text
            assert string.count("\b") == text.count("\b"), text
            assert tpdocs_lines(string) == tpdocs_lines(text), text
            checked += bool(placeholders(text))
    assert checked > 100


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_help_is_chinese_with_clicks_own_words(encoding):
    done = run("--lang", "zh", "--help", encoding=encoding)
    assert done.returncode == 0, done.stderr
    for words in (
        "用法：",
        "选项:",
        "命令:",
        "工作台是团队共用的文件夹",
        "显示本帮助并退出。",
        "示例：\n    tpdocs demo",
    ):
        assert words in done.stdout
    # A first paragraph that is too long would be cut short in the list of commands.
    assert "..." not in done.stdout.replace("[ARGS]...", "")
    assert "?" not in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_chinese_help(command):
    done = run("--lang", "zh", command, "--help")
    assert done.returncode == 0, done.stderr
    assert "用法：" in done.stdout
    assert "选项:" in done.stdout
    assert "示例：\n    tpdocs " in done.stdout
    # Upper case words are what stands for a value; a sentence in English has others.
    told = [line for line in done.stdout.splitlines() if "tpdocs" not in line]
    assert not re.search(r"\b[A-Z][a-z]+ [a-z]+ ", "\n".join(told))


def test_the_options_of_check_are_explained_in_chinese():
    told = run("--lang", "zh", "check", "--help").stdout
    assert "[默认：overdue,invalid,inconsistent,conflict]" in told
    assert "包括已关闭的问题。" in told


def test_errors_are_chinese(tmp_path):
    assert "错误：没有命令 'chek'。" in run("--lang", "zh", "chek").stderr
    assert "缺少参数" in run("--lang", "zh", "show").stderr
    ours = run("--lang", "zh", "--desk", str(tmp_path), "list")
    assert ours.returncode == 3
    assert "没有工作台" in ours.stderr
    assert "Traceback" not in ours.stderr


def test_a_console_that_lacks_the_signs_does_not_fail():
    done = run("--lang", "zh", "--help", encoding="cp1252")
    assert done.returncode == 0, done.stderr
    assert "tpdocs [OPTIONS] COMMAND" in done.stdout


@pytest.mark.parametrize(
    ("asked", "variables", "word"),
    [
        (["--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "Usage:"),
        (["--lang=en"], {"LANG": "zh_CN.UTF-8", "LANGUAGE": "zh_CN:zh"}, "Usage:"),
        ([], {"LANG": "zh_CN.UTF-8"}, "用法："),
        (["--lang=zh"], {"LANG": "en_US.UTF-8"}, "用法："),
        (["--lang", "zh"], {"LC_ALL": "C"}, "用法："),
        ([], {"LANG": "en_US.UTF-8"}, "Usage:"),
        ([], {"LC_ALL": "C.UTF-8", "LANG": "zh_CN.UTF-8"}, "Usage:"),
    ],
)
def test_the_language_asked_for_wins_over_that_of_the_system(asked, variables, word):
    told = run(*asked, "--help", **variables).stdout
    assert told.startswith(word)
    assert ("选项" in told) is ("Options" not in told) is (word != "Usage:")
