"""Laws of languages: whatever a publisher writes, what is left can be held against what people speak."""

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from plays.roster.languages import LANGUAGES_AT_MOST, spoken
from plays.roster.person import Language

LANGUAGE: TypeAdapter[str] = TypeAdapter(Language)
codes = st.from_regex(r"[a-z]{2,3}", fullmatch=True)
tags = st.one_of(st.text(max_size=12), codes, st.builds("{}-{}".format, codes, st.text(max_size=6)), codes.map(str.upper))
law = settings(max_examples=500, deadline=None)


@law
@given(st.lists(tags, max_size=30))
def test_only_codes_that_people_may_have_are_left_each_once_and_taking_them_again_changes_nothing(written: list[str]) -> None:
    found = spoken(written)
    assert all(LANGUAGE.validate_python(code) == code for code in found)
    assert len(found) == len(set(found)) <= LANGUAGES_AT_MOST
    assert spoken(found) == found


@law
@given(codes, st.sampled_from(("", "-AT", "_latn_RS", "-1996")), st.booleans())
def test_region_script_and_case_make_no_difference(code: str, more: str, shout: bool) -> None:
    written = f"{code}{more}"
    assert spoken([written.upper() if shout else written, code]) == [code]


def test_a_name_of_a_language_is_no_tag() -> None:
    assert spoken(["German", "", "d", "de", "english", "en-GB"]) == ["de", "en"]
