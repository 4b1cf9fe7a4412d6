"""Small changes to a module, each of which a test should notice."""

import ast
import copy
from collections.abc import Callable, Iterator
from typing import NamedTuple


class Mutant(NamedTuple):
    """One change: where it is in the source as written, what it is, and the changed module, ready to be compiled.

    `function` is the first line, decorators included, of the function it is in: 0 outside of any.
    """

    line: int
    column: int
    function: int
    words: str
    tree: ast.Module


class _Change(NamedTuple):
    words: str
    apply: Callable[[ast.AST], None]  # changes a node in place


_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.RShift: ast.LShift,
    ast.LShift: ast.RShift,
}
_CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
_LEFT_OUT = (ast.JoinedStr, ast.Assert, ast.Import, ast.ImportFrom)  # words, and what the type checker asks for


def mutants_of(source: str) -> list[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    functions = _functions(tree)
    spots = [(node, number, change) for number, node in enumerate(_nodes(tree)) for change in _changes(node)]
    return [_mutant(tree, node, number, change, functions.get(node, 0)) for node, number, change in spots]


def _functions(tree: ast.Module) -> dict[ast.AST, int]:
    """The first line of the innermost function around each node."""
    around: dict[ast.AST, int] = {}
    for function in ast.walk(tree):  # outer ones come first
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min((function.lineno, *(one.lineno for one in function.decorator_list)))
            around |= dict.fromkeys(ast.walk(function), first)
    return around


def _mutant(tree: ast.Module, node: ast.AST, number: int, change: _Change, function: int) -> Mutant:
    changed = copy.deepcopy(tree)
    found = next(one for index, one in enumerate(_nodes(changed)) if index == number)
    before = _short(node)
    change.apply(found)
    line, column = getattr(node, "lineno", 0), getattr(node, "col_offset", 0)
    return Mutant(line, column, function, f"{change.words}: {before}", ast.fix_missing_locations(changed))


def _short(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        node = node.test
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 90 else f"{text[:87]}..."


def _nodes(node: ast.AST) -> Iterator[ast.AST]:
    """What runs: no annotations, no docstrings, no text that people read, no assertions."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, _LEFT_OUT) and not _is_words(child):
                yield from _nodes(child)


def _is_words(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[_Change]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            for other in _COMPARISONS[type(operator)]:
                yield _Change(f"{type(operator).__name__} -> {other.__name__}", _comparison(at, other))
    elif isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        other_operator = _ARITHMETIC[type(node.op)]
        yield _Change(f"{type(node.op).__name__} -> {other_operator.__name__}", _set("op", other_operator))
    elif isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        other_operator = _ARITHMETIC[type(node.op)]
        yield _Change(f"{type(node.op).__name__}= -> {other_operator.__name__}=", _set("op", other_operator))
    elif isinstance(node, ast.BoolOp):
        other_word = ast.Or if isinstance(node.op, ast.And) else ast.And
        yield _Change(f"{type(node.op).__name__} -> {other_word.__name__}", _set("op", other_word))
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _Change("the other truth", _set_value(not node.value))
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _Change("one more", _set_value(node.value + 1))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _CALLS:
        yield _Change(f"{node.func.id} -> {_CALLS[node.func.id]}", _call(_CALLS[node.func.id]))
    elif isinstance(node, ast.If):
        yield _Change("never", _test(False))
        yield _Change("always", _test(True))
    elif isinstance(node, ast.IfExp):
        yield _Change("turned round", _negate)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield _Change("left out", _leave_out)
    elif isinstance(node, ast.Break | ast.Continue):
        other_way = "continue" if isinstance(node, ast.Break) else "break"
        yield _Change(f"{other_way} instead", _jump)


def _comparison(at: int, operator: type[ast.cmpop]) -> Callable[[ast.AST], None]:
    def apply(node: ast.AST) -> None:
        assert isinstance(node, ast.Compare)
        node.ops[at] = operator()

    return apply


def _set(name: str, make: type[ast.AST]) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, name, make())


def _set_value(value: float) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, "value", value)


def _call(name: str) -> Callable[[ast.AST], None]:
    def apply(node: ast.AST) -> None:
        assert isinstance(node, ast.Call)
        assert isinstance(node.func, ast.Name)
        node.func.id = name

    return apply


def _test(value: bool) -> Callable[[ast.AST], None]:
    return lambda node: setattr(node, "test", ast.Constant(value))


def _negate(node: ast.AST) -> None:
    assert isinstance(node, ast.IfExp)
    node.test = ast.UnaryOp(ast.Not(), node.test)


def _leave_out(node: ast.AST) -> None:
    assert isinstance(node, ast.Expr)
    node.value = ast.Constant(None)


def _jump(node: ast.AST) -> None:
    """A statement cannot become another class through its parent here: the node itself is turned into the other one."""
    node.__class__ = ast.Continue if isinstance(node, ast.Break) else ast.Break
