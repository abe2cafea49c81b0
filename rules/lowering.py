"""Simple predicates as one plain Python function each: the same answers as CEL, many times faster."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from devices.reading import Reading
from rules.condition import Predicate

TOKEN = re.compile(
    r"""\s*(?:(?P<string>'[^'\\\n]*'|"[^"\\\n]*")(?![\w'"])
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])
    |(?P<name>[A-Za-z_]\w*)(?!['"])
    |(?P<mark>&&|\|\||==|!=|<=|>=|[^\s\w]))""",
    re.VERBOSE,
)
_COMPARE: Mapping[str, type[ast.cmpop]] = {
    "==": ast.Eq,
    "!=": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_DEEPEST = 20  # brackets and denials beyond this are left to CEL


class NotSimpleError(Exception):
    """The shape is not one of those that are lowered."""


def lower(source: str, reading: type[Reading]) -> Predicate:
    """Make a plain function of the predicate; raises NotSimpleError."""
    return _compile(_Lowering(source, reading).predicate())


def kind_of(hint: Any) -> tuple[type, tuple[str, ...]]:
    """The plain type of a field, and its words if it is a choice."""
    if get_origin(hint) is Literal:
        return str, get_args(hint)
    if get_origin(hint) in (Union, type(int | None)):
        return kind_of(next(a for a in get_args(hint) if a is not type(None)))
    return hint, ()


class _Lowering:
    """A recursive descent over the simple shapes; anything else is not simple."""

    def __init__(self, source: str, reading: type[Reading]) -> None:
        hints = get_type_hints(reading)
        self.kinds = {name: kind_of(hints[name])[0] for name in reading.__struct_fields__}
        self.optional = {name for name in self.kinds if type(None) in get_args(hints[name])}
        self.tokens: list[tuple[str, str]] = []
        end = 0
        for match in TOKEN.finditer(source):
            if match.start() != end:
                raise NotSimpleError
            end = match.end()
            group = match.lastgroup or ""
            self.tokens.append((group, match[group]))
        if source[end:].strip():
            raise NotSimpleError
        self.next = 0
        self.depth = 0

    def predicate(self) -> ast.expr:
        """The whole text."""
        found = self.either(wanted=True)
        if self.next != len(self.tokens):
            raise NotSimpleError
        return found

    def either(self, *, wanted: bool) -> ast.expr:
        """One or more, joined by ||; denied, all of them are (De Morgan)."""
        parts = [self.both(wanted=wanted)]
        while self.accept("||"):
            parts.append(self.both(wanted=wanted))
        return _join(ast.Or() if wanted else ast.And(), parts)

    def both(self, *, wanted: bool) -> ast.expr:
        """One or more, joined by &&; denied, any of them is."""
        parts = [self.atom(wanted=wanted)]
        while self.accept("&&"):
            parts.append(self.atom(wanted=wanted))
        return _join(ast.And() if wanted else ast.Or(), parts)

    def atom(self, *, wanted: bool) -> ast.expr:
        """A bracket, a field that is there, a flag, a denial, or a comparison.

        A denial is handed down to what it denies: a field that was left out fits neither a test nor its
        denial, as in CEL, where both are errors.
        """
        for opening, part in (("(", self.bracket), ("has", self.present), ("!", self.denial)):
            if self.accept(opening):
                return part(wanted=wanted)
        group, word = self.peek()
        if word in ("true", "false"):
            self.next += 1
            return _constant((word == "true") is wanted) if not self.compared() else self.fail()
        if group == "name":
            return self.about_field(wanted=wanted)
        literal = self.literal()
        mark = self.mark()
        return self.comparison(self.field(), _TURNED[mark], literal, wanted=wanted)

    def denial(self, *, wanted: bool) -> ast.expr:
        """What follows a `!`, which binds closer than a comparison."""
        if self.peek()[1] not in ("(", "!", "has"):
            return _is(self.flag(), wanted=not wanted)
        self.deeper()
        return self.atom(wanted=not wanted)

    def bracket(self, *, wanted: bool) -> ast.expr:
        """What stands in brackets, up to the closing one."""
        self.deeper()
        inner = self.either(wanted=wanted)
        self.expect(")")
        return inner

    def present(self, *, wanted: bool) -> ast.expr:
        """`(data.x)` behind `has`."""
        self.expect("(")
        name = self.field()
        self.expect(")")
        return ast.Compare(_get(name), [ast.IsNot() if wanted else ast.Is()], [ast.Constant(None)])

    def about_field(self, *, wanted: bool) -> ast.expr:
        """What begins with data.x."""
        name = self.field()
        if self.accept("in"):
            self.expect("[")
            words = [] if self.accept("]") else self.words()
            if self.kinds[name] is not str or not all(isinstance(w, str) for w in words):
                raise NotSimpleError
            return self.test(name, _among(name, frozenset(words)), wanted=wanted, fits_none=False)
        if self.compared():
            return self.comparison(name, self.mark(), self.literal(), wanted=wanted)
        if self.kinds[name] is not bool:
            raise NotSimpleError
        return _is(name, wanted=wanted)

    def words(self) -> list[Any]:
        """The literals of a list, to its end."""
        words = [self.literal()]
        while self.accept(","):
            words.append(self.literal())
        self.expect("]")
        return words

    def comparison(self, name: str, mark: str, literal: Any, *, wanted: bool) -> ast.expr:
        """Compare like with like; CEL keeps the rest."""
        kind = self.kinds[name]
        same = (kind in (int, float) and type(literal) in (int, float)) or kind is type(literal)
        if not same or (kind is bool and mark not in ("==", "!=")):
            raise NotSimpleError
        test = ast.Compare(_get(name), [_COMPARE[mark]()], [ast.Constant(literal)])
        return self.test(name, test, wanted=wanted, fits_none=mark != "==")

    def test(self, name: str, test: ast.expr, *, wanted: bool, fits_none: bool) -> ast.expr:
        """A test or its denial, of a field that is there; `fits_none`: Python could take None for a fit."""
        found = test if wanted else ast.UnaryOp(ast.Not(), test)
        if name not in self.optional or (wanted and not fits_none):
            return found
        known = ast.Compare(_get(name), [ast.IsNot()], [ast.Constant(None)])
        return _join(ast.And(), [known, found])

    def literal(self) -> Any:
        """A word, a number, true or false."""
        sign = -1 if self.accept("-") else 1
        group, word = self.peek()
        self.next += 1
        if group == "number":
            # beyond 2**53 a whole number and a float differ in ways that CEL and Python settle differently
            if len(word) > 15:  # noqa: PLR2004
                raise NotSimpleError
            return sign * (float(word) if re.search(r"[.eE]", word) else int(word))
        if group == "string" and sign == 1:
            return word[1:-1]
        if word in ("true", "false") and sign == 1:
            return word == "true"
        raise NotSimpleError

    def field(self) -> str:
        """`data.x`, and no more of a path."""
        self.expect("data")
        self.expect(".")
        _, name = self.peek()
        self.next += 1
        if name not in self.kinds or self.peek()[1] in (".", "[", "("):
            raise NotSimpleError
        return name

    def flag(self) -> str:
        """`data.x` of a field that is true or false, compared with nothing."""
        name = self.field()
        if self.kinds[name] is not bool or self.compared():
            raise NotSimpleError
        return name

    def compared(self) -> bool:
        """Whether a comparison follows."""
        return self.peek()[1] in _COMPARE

    def mark(self) -> str:
        """The comparison that must follow."""
        word = self.peek()[1]
        if word not in _COMPARE:
            raise NotSimpleError
        self.next += 1
        return word

    def deeper(self) -> None:
        """Go into a bracket or a denial, but not for ever."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotSimpleError

    def fail(self) -> ast.expr:
        """Give up."""
        raise NotSimpleError

    def peek(self) -> tuple[str, str]:
        """The next token, empty at the end."""
        return self.tokens[self.next] if self.next < len(self.tokens) else ("", "")

    def accept(self, word: str) -> bool:
        """Take the next token if it is this one."""
        group, found = self.peek()
        if found != word or group == "string":
            return False
        self.next += 1
        return True

    def expect(self, word: str) -> None:
        """Take the next token, which must be this one."""
        if not self.accept(word):
            raise NotSimpleError


def _constant(answer: bool) -> ast.expr:  # noqa: FBT001
    return ast.Constant(answer)


def _get(name: str) -> ast.expr:
    return ast.Attribute(ast.Name("reading", ast.Load()), name, ast.Load())


def _is(name: str, *, wanted: bool) -> ast.expr:
    return ast.Compare(_get(name), [ast.Is()], [ast.Constant(wanted)])


def _among(name: str, words: frozenset[str]) -> ast.expr:
    listed: Any = words  # any constant that compiles will do; the stub knows no frozensets
    return ast.Compare(_get(name), [ast.In()], [ast.Constant(listed)])


def _join(kind: ast.boolop, parts: list[ast.expr]) -> ast.expr:
    return parts[0] if len(parts) == 1 else ast.BoolOp(kind, parts)


def _compile(test: ast.expr) -> Predicate:
    """Make a function of the tree: built node by node from known shapes, so no text is ever run."""
    arguments = ast.arguments(
        posonlyargs=[], args=[ast.arg("reading")], kwonlyargs=[], kw_defaults=[], defaults=[]
    )
    tree = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, test)))
    made: Predicate = eval(compile(tree, "<predicate>", "eval"), {"__builtins__": {}})  # noqa: S307
    return made
