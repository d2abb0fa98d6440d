"""Words, substrings and patterns: borders, white space, views, literals, time."""

import random
import re

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from regex import _regex

from screener.policy import literals
from screener.policy.folding import fold, folded_octets
from screener.policy.literals import required_literals
from screener.policy.pattern_time import PatternTime
from screener.policy.patterns import OutOfTime, Pattern, Watch, shape_of
from screener.policy.shapes import MAX_FORMS, required_shapes
from screener.policy.vocabulary import Vocabulary
from screener.policy.words import View, Wordbook


def seen(text: str, entry: str, *, whole: bool = True) -> View | None:
    """In which view a text shows an entry."""
    vocabulary = Vocabulary()
    number = vocabulary.entry(entry, whole=whole)
    for sighting in Wordbook(vocabulary).sightings(text):
        if number in (sighting.words if whole else sighting.anywhere):
            return sighting.view
    return None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a nightjar sang", "nightjar"),
        ("NightJar", "nightjar"),
        ("nightjar", "NIGHTJAR"),
        ("(nightjar)", "nightjar"),
        ("nightjar's", "nightjar"),
        ("_nightjar_", "nightjar"),
        ("project \r\n\t nightjar", "project nightjar"),
        ("project nightjar", "project  nightjar"),
        ("Straße", "strasse"),
        ("costs $$$ now", "$$$"),
        ("learn c++now", "c++"),
        ("die Übung hilft", "übung"),
        ("สวัสดี", "สวัสดี"),
        ("foo nightjar1 nightjar", "nightjar"),
        ("the nightjar² and others", "nightjar"),
        ("the ¹nightjar① and others", "nightjar"),
    ],
)
def test_a_whole_word_is_found(text: str, word: str) -> None:
    assert seen(text, word) is View.WRITTEN


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nightjars", "nightjar"),
        ("anightjar", "nightjar"),
        ("nightjar7", "nightjar"),
        ("éxnightjaré", "nightjar"),
        ("nightjaré", "nightjar"),
        ("énightjar", "nightjar"),
        ("project, nightjar", "project nightjar"),
        ("火災保険", "保険"),
        ("nightjar\u0301", "nightjar"),  # a mark upon its last letter belongs to the word
    ],
)
def test_a_part_of_a_word_is_no_word(text: str, word: str) -> None:
    assert seen(text, word) is None


@pytest.mark.parametrize(
    ("text", "part"), [("nightjars", "jar"), ("火災保険", "保険"), ("Versicherungspolice", "POLICE"), ("a  b", "a b")]
)
def test_contains_knows_no_borders(text: str, part: str) -> None:
    assert seen(text, part, whole=False) is View.WRITTEN


@pytest.mark.parametrize("text", ["night\u200bjar", "ｎｉｇｈｔｊａｒ", "night\u00adjar", "nigh\u2060tjar"])
def test_hidden_words_are_found_in_the_normalised_view(text: str) -> None:
    assert seen(f"a {text}", "nightjar") is View.NORMALISED


@pytest.mark.parametrize(
    "stray",
    [
        "\x01",
        "\x1f",
        "\x7f",
        "\x80",
        "\ufffc",
        "\ue000",
        "\U000f0001",
        "\u0332",
        "\u0336",
        "\u0489",
        "\u20dd",
        "\u05b0",
        "\u0e31",
        "\u0e4c\u0e31",
        "\u0651\u06dc",
        "\u0941",
        "\u093f",
        "\u3099",
    ],
)
@pytest.mark.parametrize(
    "text", ["night{}jar", "{0}nightjar", "n{0}i{0}g{0}h{0}t{0}j{0}a{0}r{0}", "a. {0}nightjar{0}.", "ｎｉｇｈｔ{}jar"]
)
def test_what_parts_no_letters_for_the_eye_hides_no_word(stray: str, text: str) -> None:
    assert seen(text.format(stray), "nightjar") is not None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("N\u0301ightjar cafe\u0301", "café"),
        ("ca\x01fe\u0336\u0301", "café"),
        ("a\ue000jar b\x01c", "jar"),
        ("a שָׁלוֹם b", "שָׁלוֹם"),
        ("xน้ำ ไม้\u0e31 a", "ไม้\u0e31"),
        ("वि\u0941 a", "वि\u0941"),
        ("aกำ", "aกำ"),
    ],
)
def test_letters_with_marks_stay_and_strays_part_words_as_written(text: str, word: str) -> None:
    assert seen(text, word) is not None


@pytest.mark.parametrize("text", ["\uf0b7 nightjar \uf04a", "nightjar \x85", "naïve: a\tb\x0bc"])
def test_a_bullet_in_private_use_makes_no_view_of_its_own(text: str) -> None:
    assert len(Wordbook(Vocabulary()).sightings(text)) == 1


def test_words_parted_only_as_written_are_found_there() -> None:
    """Taking a zero-width space out joins two words; the view as written still parts them."""
    assert seen("big\u200bnightjar", "nightjar") is View.WRITTEN


@pytest.mark.parametrize("filler", "\u3164\u115f\u1160\uffa0")
def test_a_filler_is_a_blank_to_some_and_nothing_to_others(filler: str) -> None:
    assert seen(f"project{filler}nightjar", "project nightjar") is View.WRITTEN
    assert seen(f"a night{filler}jar", "nightjar") is View.NORMALISED


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Bugün İSTANBUL'da", "istanbul"), ("SINAV SONUÇLARI", "sınav"), ("ihale ilanı", "İHALE İLANI"), ("I\u0307HALE", "ihale"),
        ("ΝΕΑ ΠΡΟΣΦΟΡΑ", "προσφορά"), ("νέα προσφορά", "ΠΡΟΣΦΟΡΑ"), ("ΟΔΟΣ", "οδός"), ("елка", "ёлка"),
        ("كـــتاب جديد", "كتاب"), ("کتاب", "كتاب"), ("שָׁלוֹם", "שלום"), ("don\u2019t", "don't"), ("e\u2011mail", "e-mail"),
        ("e-mail", "e\u2013mail"), ('צה"ל', "צה״ל"),
    ],
)  # fmt: skip
def test_what_a_language_writes_in_several_ways_is_one(text: str, word: str) -> None:
    assert seen(text, word) is not None


@pytest.mark.parametrize(
    "text", ["これはnightjarです", "这是nightjar吗", "นี่คือnightjarครับ", "이것은nightjar입니다", "ｎｉｇｈｔｊａｒを"]
)
def test_a_word_ends_where_a_script_without_blanks_begins(text: str) -> None:
    assert seen(text, "nightjar") is not None
    assert seen("夜鷹nightjars", "nightjar") is None
    assert seen("nightjars夜鷹だ", "夜鷹") is None


@pytest.mark.parametrize("gap", ["\n", "\r\n  ", " ", "\u3000"])
def test_lines_of_scripts_without_blanks_end_within_words(gap: str) -> None:
    assert seen(f"これは火災保{gap}険のご案内", "火災保険のご案内", whole=False) is View.NORMALISED
    assert seen(f"見よ{gap}夜鷹{gap}を", "夜鷹") is View.WRITTEN
    assert seen(f"night{gap}jar", "nightjar", whole=False) is None


def test_an_entry_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing to look for"):
        Vocabulary().entry("\u200b", whole=True)


def test_a_needle_may_be_a_word_for_one_rule_and_a_part_for_another() -> None:
    vocabulary = Vocabulary()
    number = vocabulary.entry("jar", whole=False)
    assert vocabulary.entry("JAR", whole=True) == number
    (sighting,) = Wordbook(vocabulary).sightings("nightjar")
    assert number in sighting.anywhere
    assert number not in sighting.words


def test_overlapping_needles_are_all_seen() -> None:
    vocabulary = Vocabulary()
    numbers = {vocabulary.entry(word, whole=True) for word in ("she", "he", "she sells", "sells")}
    (sighting,) = Wordbook(vocabulary).sightings("Now he and she sells")
    assert set(sighting.words) == numbers


def test_the_excerpt_shows_what_stands_around() -> None:
    vocabulary = Vocabulary()
    number = vocabulary.entry("nightjar", whole=True)
    (sighting,) = Wordbook(vocabulary).sightings("x" * 100 + " a nightjar sang " + "é" * 100)
    shown = sighting.excerpt(sighting.words[number])
    assert shown.startswith("…x")
    assert " a nightjar sang é" in shown
    assert shown.endswith("é…")
    assert "\ufffd" not in shown


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"invoice\s+\d+", ("invoice",)),
        (r"(?:wire|bank) transfer", (" transfer",)),
        (r"viagra|cialis", ("viagra", "cialis")),
        (r"v[i1]agra", ("agra",)),
        (r"(?i:abc)+def", ("abc",)),
        (r"abc?", ()),
        (r"(abc)?", ()),
        (r"\d+", ()),
        (r"\p{L}+foo", ()),  # syntax of `regex`
        (r"(?:foobar){e<=1}", ()),  # fuzzy: foobaz matches too
        (r"[[:alpha:]]foo", ()),
        (r"(?<!x)longest word|longest", ("longest word", "longest")),
        (r"(?:a|b)needle(?:c|d)", ("needle",)),
        (r"(?x) needle # comment", ()),
    ],
)
def test_required_literals(pattern: str, expected: tuple[str, ...]) -> None:
    assert tuple(map(str.strip, required_literals(pattern))) == tuple(map(str.strip, expected))


PIECES = st.sampled_from(
    ["abc", "inv", "ICE", "ſoß", "kelvin", "i", " ", "  x", "\\s", "\\d", "[a-c]", "(?:foo|bar)", "(?:foo|ba)?", "(foo)+", "x{2}",
     "y{1,3}", "z*", "é", "Ünd", "ж", "保険", "\\b", "^", "$", "(?=abc)", "(?!abc)", "(?i:k)", "\\.", "\\n", "(?:one|two|three)"]
)  # fmt: skip
SCRAPS = (
    *("abc", "ABC", "inv", "İNV", "ıce", "ice", "SOẞ", "soß", "K", "elvin", "kelvin", "foo", "BAR", "ba", "x", "xx", "y", "z", "1"),
    *("É", "é", "ünd", "Ж", "保険", ".", "one", "TWO", "i", "I", " ", "\n", "\u00a0", "\u2028"),
)
TEXTS = st.lists(st.sampled_from(SCRAPS), max_size=12).map("".join)


@given(st.lists(PIECES, min_size=1, max_size=5).map("".join), TEXTS)
@example("abc def", "xABC   def")
@example("visit", "VİSIT")
@settings(max_examples=1500, deadline=None)
def test_no_match_without_one_of_the_literals(pattern: str, text: str) -> None:
    """The promise of the module, against `regex` itself."""
    vocabulary = Vocabulary()
    compiled = Pattern.compile(pattern, vocabulary)
    (sighting, *_) = Wordbook(vocabulary).sightings(text)
    if compiled.search(text, Watch.start(PatternTime(1.0, 20.0))) is not None and not sighting.unfiltered and compiled.needles:
        assert not compiled.needles.isdisjoint(sighting.anywhere)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (r"\b\d{3}-\d{2}-\d{4}\b", ("000-00-0000",)),
        (r"\d{4}[ -]\d{4}", ("0000 0000", "0000-0000")),
        (r"[A-Z]{2}\d{2} ?\d{4}", ("000000", "00 0000")),
        (r"(\d{2}[.:]){3}", ("00.00.00", "00.00:00", "00:00.00", "00:00:00")),  # the third would be too many
        (r"\$\s*\d+", ("$",)),
        (r"\d+", ("0",)),
        (r"\d{3}-\d|\(\d{3}\)", ("000-0", "(000)")),
        (r"\d{3}x|\d{5}[^-]", ("000", "00000")),
        (r"\d(?!x)-(?<=-)\d", ("0-0",)),  # what is only looked at takes no place
        (r"(?:\d\d)?", ()),
        (r"\w+", ()),
        (r"[\d\s]{3}", ()),
        (r"[^0-9]-", ("-",)),
        (r"\d{3}|", ()),
        (r"[[:digit:]]-", ()),  # syntax of `regex`
        ("٣-٣", ("-",)),
        (r"((()|\d){60}){60}", ()),
        (r"((\d{60}){60}){60}", ("0" * 64,)),
    ],
)
def test_required_shapes(pattern: str, expected: tuple[str, ...]) -> None:
    assert required_shapes(pattern) == expected


SHAPE_PIECES = st.sampled_from(
    ["\\d", "\\d{2}", "\\d{1,3}", "[ -]", "[-.\\d]", "\\s", " ?", "-", "[A-K]", "(?:\\d-?){2}", "(?:-|\\d\\s)", "(?:\\d|-\\w|)",
     "\\b", "^", "$", "(?!-)", "\\w", "\\n", "\\$", "(\\d)", "\\1?", "(?>\\d+)", ".", "[^-]", "(?i:k)", "(?a:\\d)", "\u00a0", "٣",
     "[٣-٥]", "²"]
)  # fmt: skip
SHAPE_SCRAPS = (
    *(
        "1",
        "23",
        "4",
        "-",
        "--",
        ".",
        " ",
        "\n",
        "\t",
        "\x1c",
        "\x85",
        "\u00a0",
        "\u2003",
        "\u3000",
        "$",
        "k",
        "K",
        "\u212a",
        "é",
        "保",
        "²",
    ),
    *("٣", "５", "\U0001d7d9", "\U00010d45"),  # digits; the last is new in Unicode 16
)


@given(
    st.lists(SHAPE_PIECES, min_size=1, max_size=6).map("".join),
    st.lists(st.sampled_from(SHAPE_SCRAPS), max_size=12).map("".join),
)
@example(r"\d-\d", "٣-5")
@example(r"\d\s-", "1\u3000-")
@example(r"\d-\d", "²-3-5")
@settings(max_examples=3000, deadline=None)
def test_no_match_without_one_of_the_shapes(pattern: str, text: str) -> None:
    """The promise of `shapes`, against `regex` itself."""
    vocabulary = Vocabulary()
    try:
        compiled = Pattern.compile(pattern, vocabulary)
    except ValueError:  # \\1 without a group
        return
    if compiled.search(text, Watch.start(PatternTime(1.0, 20.0))) is not None:
        forms, shape = required_shapes(pattern), shape_of(text)
        assert not forms or shape is None or any(form.encode("ascii") in shape for form in forms)
        (sighting, *_) = Wordbook(vocabulary).sightings(text)
        assert not compiled.needles or not compiled.needles.isdisjoint(sighting.anywhere)


def test_shapes_are_few() -> None:
    assert len(required_shapes(r"\d[-.]" * 40)) <= MAX_FORMS


def test_what_stands_for_itself_in_a_shape_has_no_case() -> None:
    """Every character of ASCII but the letters matches itself alone, in `regex`, whatever the case."""
    flags = regex.IGNORECASE | regex.UNICODE
    others = [code for code in range(0x80) if not chr(code).isalpha()]
    assert [code for code in others if list(_regex.get_all_cases(flags, code)) != [code]] == []  # type: ignore[attr-defined]


def test_every_character_has_its_place_in_a_shape() -> None:
    """Each digit of `regex` is a 0 in its shape and each blank a blank, or the shape proves nothing."""
    kinds = {"0": regex.compile(r"\d"), " ": regex.compile(r"\s")}
    wrong = []
    for code in range(0x110000):
        shape = shape_of(chr(code))
        for symbol, kind in kinds.items():
            if kind.match(chr(code)) and shape not in (symbol.encode("ascii"), None):
                wrong.append(code)
    assert wrong == []


def test_a_pattern_without_words_is_asked_only_where_its_shape_is() -> None:
    vocabulary = Vocabulary()
    pattern = Pattern.compile(r"\b\d{3}-\d{2}-\d{4}\b", vocabulary)
    book = Wordbook(vocabulary)
    for text, asked in (("tel. 030-12-34", False), ("078-05-1120", True), ("a9078-05-1120b", True), ("٣٤٥-05-1120", True)):
        (sighting, *_) = book.sightings(text)
        assert pattern.needles.isdisjoint(sighting.anywhere) is not asked


@given(st.text(st.sampled_from("aZ \n\t\x1c\x1f\x0b\x00\x7fé"), max_size=30))
@example("  a \r\n\t   b  ")
def test_folded_octets_are_the_folded_text(text: str) -> None:
    assert folded_octets(text) == fold(text).encode()


def test_the_letters_of_literals_fold_like_their_case_partners() -> None:
    """Every letter a literal may hold folds to what each letter that `regex` takes for it folds to (but see `unfiltered`)."""
    flags = regex.IGNORECASE | regex.UNICODE
    odd = []
    for code in range(0x110000):
        char = chr(code)
        if not literals._steady(char):
            continue
        partners = [
            chr(other)
            for other in _regex.get_all_cases(flags, code)  # type: ignore[attr-defined]  # nowhere else to ask
            if isinstance(other, int)
        ]
        odd += [(char, other) for other in partners if other.casefold() != char.casefold() and other not in "ıİ"]
    assert odd == []


@given(TEXTS, TEXTS)
@settings(max_examples=500, deadline=None)
def test_folding_keeps_what_a_text_holds(text: str, part: str) -> None:
    """Whatever stands in a text stands, folded, in the folded text: literals may be looked for there."""
    assert fold(part) in fold(text + part + text)


def test_a_catastrophic_pattern_runs_out_of_time() -> None:
    pattern = Pattern.compile(r"(?:\w+\s?)+[:;]", Vocabulary())
    watch = Watch.start(PatternTime(0.02, 0.4))
    with pytest.raises(OutOfTime, match=r"took longer than 0\.02 s"):
        pattern.search("aaaa " * 2_000, watch)
    assert watch.left < 0.4


def test_a_second_try_says_how_many_times_as_long_it_took() -> None:
    pattern = Pattern.compile(r"(?:\w+\s?)+[:;]", Vocabulary())
    with pytest.raises(OutOfTime, match=r"longer than 0\.02 s \(rules\.pattern_time, 2 times as long at the second try\)"):
        pattern.search("aaaa " * 2_000, Watch.start(PatternTime(0.01, 0.4).times(2)))


def test_all_patterns_of_a_mail_together_run_out_of_time() -> None:
    pattern = Pattern.compile("x", Vocabulary())
    with pytest.raises(OutOfTime, match="together"):
        pattern.search("x", Watch(PatternTime(), left=0.0))


@pytest.mark.parametrize("text", ["(", "[a", "a{2,1}", "(?P<n>a)(?P<n>", "*", r"\g<x>", "x" * 10_001, "(?<=a"])
def test_a_bad_pattern_is_a_value_error_for_people(text: str) -> None:
    with pytest.raises(ValueError, match="pattern") as caught:
        Pattern.compile(text, Vocabulary())
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


@given(st.text(max_size=40))
@settings(max_examples=400, deadline=None)
def test_any_pattern_compiles_or_is_a_value_error(text: str) -> None:
    try:
        Pattern.compile(text, Vocabulary())
    except ValueError as error:
        assert "pattern" in str(error)


@pytest.mark.parametrize(("pattern", "expected"), [(".*", True), ("a?", True), ("x|", True), ("^$", False), ("a", False)])
def test_a_pattern_that_matches_all_is_known(pattern: str, expected: bool) -> None:
    assert Pattern.compile(pattern, Vocabulary()).matches_all is expected


def test_ten_thousand_words_are_found_as_a_plain_search_finds_them() -> None:
    chooser = random.Random(7)
    words = {"".join(chooser.choices("abcde", k=chooser.randint(2, 6))) for _ in range(3000)}
    vocabulary = Vocabulary()
    numbers = {vocabulary.entry(word, whole=True): word for word in words}
    text = " ".join("".join(chooser.choices("abcde", k=chooser.randint(2, 7))) for _ in range(400))
    (sighting,) = Wordbook(vocabulary).sightings(text)
    assert {numbers[number] for number in sighting.words} == words & set(re.findall(r"\w+", text))
