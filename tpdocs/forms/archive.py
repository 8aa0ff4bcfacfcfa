"""F09 问题归档文档."""

from typing import Annotated

from tpdocs.forms.fields import About, Form, Row, Text, long, moment, rows, text
from tpdocs.forms.moment import Moment


class ArchivedDocument(Row):
    """One document of the problem."""

    file: Annotated[Text, text("文件", hint="由系统填写")] = None
    form: Annotated[Text, text("表单", hint="由系统填写")] = None
    sha256: Annotated[Text, text("校验值", hint="由系统填写")] = None


class Archive(Form):
    """F09: what the knowledge base keeps."""

    about = About("F09", "archive", "问题归档文档", 6, ("知识库管理员",), "archived_at", by_round=True)

    archivist: Annotated[Text, text("知识库管理员", required=True, hint="姓名", help="负责归档的人。")] = None
    archived_at: Annotated[Moment | None, moment("归档时间", required=True, help="归档的时间。")] = None
    documents: Annotated[
        tuple[ArchivedDocument, ...],
        rows("归档文件清单", spare=4, help="本问题的全部文件及校验值，由系统列出。"),
    ] = ()
    keywords: Annotated[Text, text("关键词", required=True, hint="便于检索，用顿号分开", help="以后用来查找的词。")] = (
        None
    )
    symptom: Annotated[Text, long("问题现象", required=True, hint="现象", help="问题的现象。")] = None
    cause: Annotated[Text, long("根本原因", required=True, hint="原因", help="问题的根源。")] = None
    solution: Annotated[Text, long("解决方案", required=True, hint="方案", help="解决的办法。")] = None
    prevention: Annotated[
        Text,
        long("预防措施", required=True, none_stands=True, hint="怎样避免再次发生", help="怎样避免再次发生。"),
    ] = None
    lessons: Annotated[Text, long("经验教训", required=True, hint="以后可以借鉴的", help="以后可以借鉴的经验。")] = None
