"""What is wrong with a rule's or a plan's text, in Chinese; the parser itself complains in English.

A complaint is one phrase, which may end with what to write instead. Quoted words are the author's own
and stay as they are; so does what CEL and YAML say of themselves behind a colon.
"""

from __future__ import annotations

import re
from typing import Final

_HINTS: Final = (
    (r"; did you mean (.+)\?", r"；是否为 \1？"),
    (r"; known: (.+)", r"；可用：\1"),
    (r": write one of (.+)", r"：写其中之一：\1"),
    (r": write it in quotes|; quote it if it is text", "：如为文字，请加引号"),
    (r": add it", "：请补上"),
    (r"", ""),
)
_PHRASES: Final = (
    (r"'\*' stands for every event type, which share no field: write true", "“*” 指所有消息类型，它们没有共同的字段：写 true"),
    (r"(\S+) is out of range: more than 0, at most 366d", r"\1 超出范围：须大于 0，至多 366d"),
    (r"(.+) is not a length of time: write 30s, 5m, 24h or 7d", r"\1 不是时长：写 30s、5m、24h 或 7d"),
    (r"(.+) is no span of hours: write 22:00-06:00", r"\1 不是时段：写 22:00-06:00"),
    (r"Expected `(\w+)` (<=|>=|<|>) (\S+)", r"须为 \2 \3 的 `\1`"),
    (r"Expected `(\w+)` matching regex (.+)", r"`\1` 须符合 \2"),
    (r"Object contains unknown field `(.+)`", r"未知的键 '\1'"),
    (r"Object missing required field `(.+)`", r"缺少键 '\1'"),
    (r"Undefined variable or function: (.+?)\. .*", r"没有名为 \1 的变量或函数"),
    (r"Expected `(.+)`, got `(.+)`", r"此处要 `\1`，写的是 `\2`"),
    (r"Expected `(\w+)` of length (<=|>=|<|>) (\d+)", r"`\1` 的长度须 \2 \3"),
    (r"Invalid (?:enum )?value (.+)", r"无此取值 \1"),
    (r"No such overload: .+", "运算两边的类型不合：CEL 不在类型之间转换，如整数与小数（1 + 2.5）"),
    (r"a predicate has at most (\d+) characters, this one (\d+)", r"判断式至多 \1 个字符，此式有 \2 个"),
    (r"the answer is (\w+), not true or false", r"结果是 \1，而不是 true 或 false"),
    (r"not a CEL expression: (.+)", r"不是 CEL 表达式：\1"),
    (r"unknown name (.+): a predicate sees `data` only, as in data\.x", r"未知的名称 \1：判断式只能用 `data`，如 data.x"),
    (r"(`\w+`) has no field (\S+)", r"\1 没有字段 \2"),
    (r"`(\w*)` of (`\w+`) is no number", r"\2 的 `\1` 不是数字"),
    (r"(`\w+`) names no person \(person_ref\): use subject device or place", r"\1 不含人员（person_ref）：subject 请用 device 或 place"),
    (r"(\S+) tells no position \(lat, lon\)", r"\1 不含位置（lat、lon）"),
    (r"say which field of (`\w+`) counts", r"请写明 \1 的哪个字段计数"),
    (r"a date has no meaning here", "此处不能写日期"),
    (r"a duplicate key: (.+) is there already", r"键重复：\1 已有"),
    (r"the key (.+) must be text; write it in quotes", r"键 \1 须为文字：请加引号"),
    (r"the key (\S+) is missing", r"缺少键 \1"),
    (r"unknown key (\S+)", r"未知的键 \1"),
    (r"unknown event type (\S+)", r"未知的消息类型 \1"),
    (r"unknown family (\S+)", r"未知的设备类别 \1"),
    (r"unknown day (\S+)", r"未知的日子 \1"),
    (r"unknown parameter (\S+)", r"未知的参数 \1"),
    (r"there is no parameter (\S+)", r"没有参数 \1"),
    (r"there is no (\S+)", r"没有 \1"),
    (r"unknown calendar (.+): as in cn", r"未知的日历 \1：如 cn"),
    (r"unknown time zone (.+): as in Asia/Shanghai", r"未知的时区 \1：如 Asia/Shanghai"),
    (r"an absence is judged per device or per person, not per place", "“未出现”按设备或按人判断，不按场所"),
    (r"offline_after is for devices, and for a single step", "offline_after 只用于设备，且只有一级"),
    (r"an unanswered stage needs `after` and `until`", "无人应答的一级须写 `after` 和 `until`"),
    (r"each step must come later than the one before it", "每一级须晚于前一级"),
    (r"steps in order need `each`: how long to wait before the next one", "依次进行的步骤须写 `each`：等多久进行下一步"),
    (r"must not be shorter than `for`, or it never alarms", "不得短于 `for`，否则永不报警"),
    (r"must not be shorter than `within`, or the alert flaps", "不得短于 `within`，否则告警反复起落"),
    (r"name at least one event type, as in `smoke: data\.alarm`", "至少写一种消息类型，如 `smoke: data.alarm`"),
    (r"say either `rise` or `fall`", "`rise` 与 `fall` 写其中之一"),
    (r"this kind needs its events in order: leave it out", "此类规则的消息须按顺序：请去掉这一项"),
    (r"write a value that begins with `!` in quotes", "以 `!` 开头的值请加引号"),
    (r"too many or too deeply nested values \(repeated aliases\?\)", "值太多或嵌套太深（是否反复引用别名？）"),
    (r"brackets are opened that nothing closes", "括号未闭合"),
    (r"not a code of an alert, as in FIRE-001", "不是告警代码，如 FIRE-001"),
    (r"not a rule id, as in fire-in-lifts", "不是规则编号，如 fire-in-lifts"),
    (r"not a short plain name", "不是简短的名称"),
    (r"not YAML: (.+)", r"不是 YAML：\1"),
    (r"a rule file has at most (\d+) characters, this one (\d+)", r"规则文件至多 \1 个字符，此文有 \2 个"),
    (r"begin rule (.+) on a line of its own", r"规则 \1 请另起一行"),
    (r"one rule at a time is wanted here, this text holds (\d+)", r"此处一次只写一条规则，文中有 \1 条"),
    (r"write one plan at a time", "一次只写一个预案"),
    (r"rule (\S+) has no parameters", r"规则 \1 没有参数"),
    (r"rule id (\S+) is taken \((.+)\): choose another", r"规则编号 \1 已被占用（\2）：请另取"),
    (r"(\S+) is already judged per (\w+), not per (\w+)", r"\1 已按 \2 判断，不能按 \3"),
    (r"plans of one name: (.+)", r"预案重名：\1"),
    (r"(.+) is no (\w+)", r"\1 不是 \2"),
)  # fmt: skip


def in_chinese(problem: str) -> str:
    """Say a complaint in Chinese; one that no phrase fits stays as it is."""
    for hint, advice in _HINTS:
        if tail := re.search(rf"(?:{hint})\Z", problem, re.DOTALL):
            for phrase, said in _PHRASES:
                if head := re.fullmatch(phrase, problem[: tail.start()], re.DOTALL):
                    return head.expand(said) + tail.expand(advice)
    return problem
