"""The settings of a desk: ``tpdocs.toml``."""

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from tpdocs.errors import TpdocsError
from tpdocs.language import Phrase, phrase

FILE_NAME = "tpdocs.toml"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class People(_Part):
    """Who should act where no form names anybody yet."""

    acceptor: str = "技术支持受理人"
    archivist: str = "知识库管理员"
    organizer: str = "复盘组织人"


Term = dict[Literal["紧急", "高", "中", "低"], int]


class Deadlines(_Part):
    """Terms in working days after the stage before was done; a stage or priority left out has no term."""

    acceptance: int = Field(default=1, ge=0)
    due_soon: int = Field(default=1, ge=0)
    triage: Term = {}
    investigation: Term = {}
    solution: Term = {}
    verification: Term = {}
    closure: Term = {}
    feedback: Term = {}
    archive: Term = {}


class Calendar(_Part):
    """Days that the published Chinese calendar does not know: days off and working days of this desk."""

    days_off: frozenset[date] = frozenset()
    working_days: frozenset[date] = frozenset()


class Review(_Part):
    """How often the review is held, and how many working days after the period it is due."""

    every: Literal["month", "quarter", "never"] = "month"
    within: int = Field(default=10, ge=0)


class LimitSettings(_Part):
    """What a document may cost before it is refused: megabytes, parts, how much a part may expand, tags, cells and paragraphs."""

    file_mb: int = Field(default=64, gt=0)
    unpacked_mb: int = Field(default=256, gt=0)
    part_mb: int = Field(default=8, gt=0)
    parts: int = Field(default=4000, gt=0)
    expansion: int = Field(default=150, gt=0)
    tags: int = Field(default=140_000, gt=0)
    cells: int = Field(default=6000, gt=0)


class Settings(_Part):
    """All settings; a file may leave any of them out."""

    ledger: str = ""
    people: People = People()
    deadlines: Deadlines = Deadlines()
    calendar: Calendar = Calendar()
    review: Review = Review()
    limits: LimitSettings = LimitSettings()


DEFAULT_FILE = """\
# tpdocs 工作台设置。每一项都可以改；删掉一行即用默认值。 Settings of this desk.

# 台账文件的位置；不写则为工作台里的 ledger.db。工作台放在网络共享上时，可放到本机磁盘（先把 ledger.db 移过去）：
# ledger = 'D:\\tpdocs\\ledger.db'

[people]            # 表单还没写明责任人时，提醒谁
acceptor = "技术支持受理人"
archivist = "知识库管理员"
organizer = "复盘组织人"

[deadlines]         # 单位：工作日，到期日当天 23:59:59 止
acceptance = 1      # 标准规定：上报后 1 个工作日内受理
due_soon = 1        # 提前几个工作日提醒

# 以下各阶段标准没有规定时限，由本文件按优先级规定，自上一阶段完成之日起算；
# 删掉某一段或某一级即不检查。实施的时限是《技术解决方案文档》的“计划完成时间”，不在这里。
[deadlines.triage]          # 受理 -> 初步分析完成
"紧急" = 0
"高" = 1
"中" = 2
"低" = 3

[deadlines.investigation]   # 初步分析完成 -> 定位完成
"紧急" = 1
"高" = 3
"中" = 5
"低" = 10

[deadlines.solution]        # 定位完成 -> 评审
"紧急" = 1
"高" = 3
"中" = 5
"低" = 10

[deadlines.verification]    # 实施完成 -> 验证
"紧急" = 1
"高" = 2
"中" = 3
"低" = 5

[deadlines.closure]         # 验证通过 -> 关闭
"紧急" = 1
"高" = 2
"中" = 3
"低" = 5

[deadlines.feedback]        # 关闭 -> 用户反馈
"紧急" = 3
"高" = 3
"中" = 5
"低" = 5

[deadlines.archive]         # 关闭 -> 归档
"紧急" = 10
"高" = 10
"中" = 10
"低" = 10

[calendar]          # 国家公布的节假日和调休上班日已内置；这里补充本单位的，格式 2026-11-23
days_off = []
working_days = []

[review]            # 复盘：month 每月，quarter 每季度，never 不检查；within 为周期结束后几个工作日内
every = "month"
within = 10

[limits]            # 超过即不打开
file_mb = 64        # 文件大小，MB
unpacked_mb = 256   # 解压后大小，MB
part_mb = 8         # 其中一个部件，MB
parts = 4000        # 部件数
expansion = 150     # 一个部件解压后最多是压缩前的多少倍
tags = 140000       # 正文中的标签数
cells = 6000        # 正文中的单元格和段落数
"""


_PLACE = re.compile(r"at line (\d+)")
_WHOLE, _DAY, _PART = (
    phrase("this must be a whole number"),
    phrase("this must be a day such as 2026-10-01"),
    phrase("this must be a section or a list, as in the settings file that “tpdocs init” writes"),
)
# By pydantic's name for the fault; its own English words are shown for any other.
_REASONS = {
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _WHOLE),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"), _DAY),
    **dict.fromkeys(("model_type", "dict_type", "frozen_set_type"), _PART),
    "extra_forbidden": phrase("there is no such setting"),
    "string_type": phrase("this must be a text in quotation marks"),
}


def load_settings(path: Path) -> Settings:
    """The settings in a file; TpdocsError names the first line that cannot be."""
    text = ""
    try:
        text = path.read_text(encoding="utf-8-sig")
        return Settings.model_validate(tomllib.loads(text))
    except OSError as error:
        raise TpdocsError(
            "The settings {path} cannot be read ({error}). Check your rights to the file.",
            path=path, error=error.strerror or str(error),
        ) from error  # fmt: skip
    except UnicodeDecodeError as error:
        raise TpdocsError("{path} is not saved as UTF-8. Save it again with that encoding.", path=path) from error
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        line = place[1] if place else text.rstrip().count("\n") + 1
        raise TpdocsError(
            "{path}, line {line}: this is no valid TOML ({error}).", path=path, line=line, error=error
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise TpdocsError("{path}: {where}: {reason}", path=path, where=where, reason=_reason(first)) from error


def _reason(fault: ErrorDetails) -> Phrase | str:
    """What is wrong with a setting, in words that can be translated."""
    facts = fault.get("ctx", {})
    match fault["type"]:
        case "literal_error":
            return phrase("this must be one of {expected}", expected=facts["expected"])
        case "greater_than" | "greater_than_equal":
            return phrase("this must be at least {least}", least=facts["ge"] if "ge" in facts else facts["gt"] + 1)
        case sort:
            return _REASONS.get(sort, fault["msg"])
