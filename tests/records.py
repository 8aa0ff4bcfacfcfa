"""Records for the tests: any that the declarations allow, with text that tends to break things."""

from hypothesis import strategies as st

from tpdocs.forms.fields import OTHER, Field, Kind
from tpdocs.forms.standard import FORMS
from tpdocs.forms.values import Record, parse_record, parse_value

AWKWARD = [
    "R&D <team>", "\"引号\" 'single'", "{{ report.title }}", "{% if x %}", "{_{ a }_}", "{# no #}", "]]>", "&lt;b&gt;", "=1+1",
    "第一行\n第二行", "行一\n\n\n行四", "制表\t符", "\ttab first", "😀🧑‍💻", "ＡＢＣ１２３，。：", "a  b   c", "_x000D_", "☑ □ √", "《标题》（附）",
    "<w:t>", "\\n", "%s {0}", "\u200b零宽", "e\u0301", "𠮷野家", "[1].x:是", "〔一半", "半〕", "无", "-", "https://example.com/?a=1&b=2",
    "\u3000\u3000首行缩进", "长" * 400,
]  # fmt: skip
_SIGNS = st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
_TEXT = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(_SIGNS | st.sampled_from("\n\t<>&'\"{}%"), min_size=1, max_size=60),
    st.lists(st.sampled_from(AWKWARD), min_size=2, max_size=3).map("\n".join),
)
_DAY = st.dates().filter(lambda day: day.year >= 1000).map(lambda day: day.isoformat())
_TIME = st.datetimes().filter(lambda at: at.year >= 1000)


def answers(one: Field) -> st.SearchStrategy:
    """Any value a field can hold."""
    labels = [choice.label for choice in one.choices]
    match one.kind:
        case Kind.TEXT | Kind.LONG:
            # What is on record has been through the parser once; a prompt counts as nothing.
            parsed = _TEXT.map(lambda text: parse_value(one, text)[0])
            return parsed.filter(lambda text: text is not None and "〔" not in text[:1] + text[-1:])
        case Kind.TIME:
            return st.one_of(
                _DAY,
                _TIME.map(lambda at: at.isoformat(timespec="minutes")),
                _TIME.map(lambda at: at.isoformat(timespec="seconds")),
            )
        case Kind.DATE:
            return _DAY
        case Kind.ONE:
            return st.sampled_from(labels)
        case Kind.MANY:
            return st.sets(st.sampled_from(labels), min_size=1).map(
                lambda chosen: [label for label in labels if label in chosen]
            )
        case Kind.YES_NO:
            return st.booleans()
        case _:
            row = st.fixed_dictionaries({column.name: st.none() | answers(column) for column in one.columns})
            return st.lists(
                row.filter(lambda cells: any(value is not None for value in cells.values())), min_size=1, max_size=7
            )


@st.composite
def records(draw, form: str) -> Record:
    """Any record of a form, with raw texts where values were wrong."""
    record = Record(form)
    for one in FORMS[form].fields:
        if one.computed:
            continue
        sort = draw(st.integers(0, 9))
        if sort == 0 and one.kind in (Kind.TIME, Kind.DATE):
            record.raw[one.name] = draw(st.sampled_from(["下周三左右", "2026-13-45", "待定", "20260230", "3月中旬"]))
        elif sort == 0 and one.kind is Kind.ONE:
            record.raw[one.name] = "、".join(choice.label for choice in one.choices[:2])
        elif sort > 1:
            record.values[one.name] = draw(answers(one))
    return record


def full_record(form: str, text: str = "文字 & <字>\n第二行") -> Record:
    """A record of a form with every field filled in."""

    def value(one: Field):
        match one.kind:
            case Kind.TEXT | Kind.LONG:
                return f"{one.label}：{text}"
            case Kind.TIME:
                return "2026-03-02T09:15"
            case Kind.DATE:
                return "2026-03-02"
            case Kind.ONE:
                return OTHER if one.opens_other else one.choices[0].label
            case Kind.MANY:
                return [choice.label for choice in one.choices]
            case Kind.YES_NO:
                return True
            case _:
                return [{column.name: value(column) for column in one.columns} for _ in range(one.spare + 2)]

    return Record(form, {one.name: value(one) for one in FORMS[form].fields if not one.computed})


__all__ = ["AWKWARD", "answers", "full_record", "parse_record", "records"]
