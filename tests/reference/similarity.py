"""Writes similarity.json: what the reference implementations say of pairs of texts.

    python -m venv /tmp/ref && /tmp/ref/bin/pip install sacrebleu==2.6.0 rouge-score==0.1.2 nltk==3.10.4 rapidfuzz==3.14.6
    /tmp/ref/bin/pip install --no-deps allennlp-models==2.10.1
    /tmp/ref/bin/python tests/reference/similarity.py

allennlp-models carries the functions of the official SQuAD 2.0 evaluation script in one file that needs nothing else;
it is loaded by its path, as importing the package would need torch.
"""

import importlib.metadata
import importlib.util
import json
import pathlib
import random
import sys

from nltk.stem.porter import PorterStemmer
from rapidfuzz.distance import Levenshtein
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF

HERE = pathlib.Path(__file__).parent


def squad():
    path = importlib.metadata.distribution("allennlp-models").locate_file("allennlp_models/rc/tools/squad.py")
    spec = importlib.util.spec_from_file_location("squad", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FOX = "The quick brown fox jumps over the lazy dog."
REFUND = "Your refund was issued on 3 May and will reach your account within 5 to 7 business days."
SUMMARY = (
    "The council approved the new budget on Monday.\n"
    "It raises spending on schools by 4.5 percent.\n"
    "Opponents say that taxes will have to rise."
)
GERMAN = "Die Katze saß gestern auf der Matte und schlief tief und fest."
CHINESE = "猫坐在垫子上，昨天睡得很香。"
ARABIC = "جلست القطة على السجادة أمس ونامت نوما عميقا."

# (answer, references)
PAIRS = [
    # Identical, empty, next to nothing.
    (FOX, [FOX]),
    ("", [""]),
    ("", [FOX]),
    (FOX, [""]),
    (" ", ["\n\t"]),
    ("a", ["a"]),
    ("a", ["b"]),
    ("a", ["a b c d e"]),
    ("the", ["The"]),
    ("the", ["a"]),
    ("...", ["..."]),
    ("...", ["!?"]),
    ("yes", ["no", "yes", "maybe"]),
    # English.
    ("The fast brown fox jumped over a lazy dog.", [FOX]),
    ("the quick brown fox jumps over the lazy dog", [FOX]),
    ("THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG!", [FOX]),
    ("dog lazy the over jumps fox brown quick The", [FOX]),
    ("The quick brown fox", [FOX]),
    (FOX + " " + FOX, [FOX]),
    ("the the the the the the the", ["The cat is on the mat.", "There is a cat on the mat."]),
    ("It is a guide to action which ensures that the military always obeys the commands of the party.", [
        "It is a guide to action that ensures that the military will forever heed Party commands.",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party.",
        "It is the practical guide for the army always to heed the directions of the party.",
    ]),
    ("It is to insure the troops forever hearing the activity guidebook that party direct.", [
        "It is a guide to action that ensures that the military will forever heed Party commands.",
        "It is the guiding principle which guarantees the military forces always being under the command of the Party.",
    ]),
    ("We issued your refund on May 3; it takes 5-7 business days to arrive.", [REFUND]),
    ("I am sorry, but I cannot help with refunds.", [REFUND]),
    ("Refunds issued: your accounts will be reached in five days, businesses permitting.", [REFUND]),
    ("The Normans (Norman: Nourmands)", ["Normans", "the Normans", "Norman people"]),
    ("In the 10th and 11th centuries", ["10th and 11th centuries", "in the 10th and 11th centuries"]),
    ("an apple a day", ["apple day", "the apple, the day"]),
    ("Theatre and another athlete", ["theatre athlete"]),
    ("1,234.50 dollars", ["1234.50 dollars", "$1,234.5"]),
    ("At 3 p.m. (U.S. time), 1-2 people; 3.5% of 1,000.", ["At 3 pm US time, 1 - 2 people: 3,5 % of 1.000"]),
    ("co-operation is state-of-the-art", ["cooperation is state of the art", "Co-operation: state-of-the-art."]),
    ("A &quot;quoted&quot; word &amp; &lt;tag&gt;", ["A \"quoted\" word & <tag>"]),
    ("a hyphen-\nated word and a <skipped> one", ["a hyphenated word and a one"]),
    ("ends with a dash-\n", ["ends with a dash-"]),
    ("it's John's; don't!", ["its Johns dont", "it is John's"]),
    ("under_score snake_case_name", ["underscore snake case name"]),
    ("a_b the_end an", ["ab theend"]),
    # Several lines.
    (SUMMARY, [SUMMARY]),
    ("Taxes will have to rise, opponents say.\nThe budget was approved by the council on Monday.", [SUMMARY]),
    ("The council approved a budget.\n\nSchools get more.\nThe council approved a budget.", [SUMMARY]),
    ("The council approved the budget The council approved\nspending rises\n\n", [
        SUMMARY, "The council raised spending.\nThe council approved the budget twice, the council said."]),
    ("a b c d\nb a d c\nc d a b", ["d c b a\na b c d", "a c\nb d"]),
    ("x y z x y z\nz y x", ["x z y\nz x y z"]),
    ("police killed the gunman", ["police kill the gunman", "the gunman kill police"]),
    # Stemming.
    ("running runners ran easily flies dying skies", ["run runner running easy fly die sky"]),
    ("relational conditional rationally hopefulness generalizations", ["relate condition rational hopeful general"]),
    ("The organisers organised an organisation", ["organizers organized organization"]),
    # German.
    ("Die Katze saß gestern auf dem Teppich und schlief fest.", [GERMAN]),
    ("DIE KATZE SASS GESTERN AUF DER MATTE", [GERMAN]),
    ("Über Äpfel, Öl & Straßen: „Grüße“!", ["Ueber Aepfel, Oel und Strassen: \"Gruesse\"!", "über äpfel, öl & straßen: «grüße»"]),
    ("Der Preis beträgt 1.234,50 € (inkl. MwSt.).", ["Der Preis ist 1234,50 EUR inkl. MwSt."]),
    # Chinese, Japanese, Korean.
    (CHINESE, [CHINESE]),
    ("昨天猫坐在垫子上睡觉。", [CHINESE]),
    ("今天天气很好", [CHINESE, "今天的天气真好！"]),
    ("我用 Python 3.11 写了 2,000 行代码。", ["我用Python 3.12写了2000行代码。"]),
    ("猫がマットの上に座った。", ["猫はマットに座っている。"]),
    ("고양이가 매트 위에 앉았다.", ["고양이는 매트에 앉아 있다."]),
    ("“引号”…破折号——全角ＡＢＣ①②", ["\"引号\"……破折号--全角ABC12", "「引号」"]),
    # Arabic, Hebrew, Hindi, Russian, Greek, Turkish.
    (ARABIC, [ARABIC]),
    ("نامت القطة على السجادة؛ نعم، أمس!", [ARABIC]),
    ("العدد ١٢٣٤ يساوي ٥٠٪", ["العدد 1234 يساوي 50%"]),
    ("החתול ישב על המחצלת", ["החתולה ישבה על המחצלת."]),
    ("बिल्ली चटाई पर बैठी थी।", ["बिल्ली चटाई पर सो रही थी।"]),
    ("Кошка сидела на коврике — и спала.", ["Кот сидел на коврике и спал."]),
    ("Η ΓΑΤΑ ΚΑΘΟΤΑΝ ΣΤΟΝ ΔΡΟΜΟΣ", ["η γάτα καθόταν στον δρόμος"]),
    ("İstanbul'da IŞIK ılık", ["istanbul'da ışık ilik"]),
    # Emoji, combining marks, odd characters.
    ("👍🏽 great 🎉🎉", ["👍 great 🎉"]),
    ("👩‍👩‍👧‍👦 family", ["👨‍👩‍👧 family", "family"]),
    ("cafe\u0301 a\u0301 the\u0301", ["café á thé"]),
    ("ﬁnal ﬀ Å K", ["final ff Å K"]),
    ("tab\tand\u00a0nbsp\u3000ideographic\u2028line\u0085next\x1csep", ["tab and nbsp ideographic line next sep"]),
    ("zero\u200bwidth \ufeffbom", ["zerowidth bom"]),
    ("x² + y² = z² ⇒ ½·¾ ≤ €5 ± 3°", ["x^2 + y^2 = z^2 => 1/2 3/4 <= 5 EUR"]),
    ("a.b,c.1,2.d-3-e4-", ["a . b , c.1,2 . d - 3 -e4 -"]),
    ("(((...)))!!!???", ["( ( ( . . . ) ) ) ! ? !"]),
    ("word. word, 3. 4, .5 ,6 7.", ["word . word , 3 . 4 , .5 , 6 7 ."]),
    ("¿Dónde está? ¡Aquí!", ["¿Donde esta? Aqui!"]),
    ("A an the", ["", "the a"]),
    ("٣.٥ ۳،۵ ３.５", ["3.5"]),
    ("Ⅷ ⅷ 一二三 ①", ["VIII 123 1"]),
    # Code.
    ("def f(x):\n    return x + 1\n", ["def f(y):\n    return y+1\n", "lambda x: x + 1"]),
    ("{\"team\": \"billing\", \"tags\": [1, 2]}", ["{\"tags\":[1,2],\"team\":\"billing\"}"]),
    # Very long: [unit, times, end].
    (["The quick brown fox jumps. ", 400, ""], [["The quick brown dog jumped. ", 390, "End."]]),
    (["ab", 3000, ""], [["ba", 2900, ""]]),
    (["漢字かな ", 300, "終"], ["漢字 かな", ["漢かな字 ", 280, ""]]),
    (["line one of many\nother 2 lines\n", 120, ""], [["one line of many\nlines other\n", 100, ""]]),
    (FOX, [["fox dog ", 900, ""]]),
]

# Word soup, to meet many combinations of overlap, order and length.
WORDS = "the a cat cats dog running run runs jumped over nationally nation 3 4.5 mat, mat. (red) blue-green it's".split()


def soup():
    rng = random.Random(7)
    for n in range(40):
        first, second = rng.randint(1, 12), rng.randint(1, 18)
        draw = lambda length: "".join(rng.choice(WORDS) + rng.choice([" ", " ", " ", "\n"]) for _ in range(length))
        yield draw(first), [draw(second) for _ in range(1 + n % 3)]


def text(written):
    return written if isinstance(written, str) else written[0] * written[1] + written[2]


BLEU_CONFIGS = {
    "13a": {},
    "intl": {"tokenize": "intl"},
    "char": {"tokenize": "char"},
    "zh": {"tokenize": "zh"},
    "none": {"tokenize": "none"},
    "lowercase": {"lowercase": True},
    "floor": {"smooth_method": "floor"},
    "floor 0.5": {"smooth_method": "floor", "smooth_value": 0.5},
    "add-k": {"smooth_method": "add-k"},
    "add-k 0.5": {"smooth_method": "add-k", "smooth_value": 0.5},
    "unsmoothed": {"smooth_method": "none"},
    "all orders": {"effective_order": False},
    "bigrams": {"max_ngram_order": 2},
}
CHRF_CONFIGS = {
    "chrF2": {},
    "chrF++": {"word_order": 2},
    "chrF1": {"beta": 1},
    "chrF3": {"beta": 3, "word_order": 1},
    "four": {"char_order": 4},
    "lowercase": {"lowercase": True},
    "whitespace": {"whitespace": True},
    "eps": {"eps_smoothing": True, "word_order": 2},
}
ROUGE = ["rouge1", "rouge2", "rouge3", "rouge4", "rougeL", "rougeLsum"]


def round_trip(value):
    """Enough digits for 1e-12, without those that make the file long."""
    return float(f"{value:.14g}")


def words():
    """Words that meet every rule of the stemmer."""
    stems = "run hop fall fizz hiss fil fail sky dy l nation rat relat condit val hesit digit conform radic differ vil analog"
    stems += " vietnam predic oper feud decis hope call formal sens tripl electr good reviv allow infer air gyroscop adjust"
    stems += " defens irrit replac adopt homo commun activ angular effect bowdler prob ceas control roll geo theo archae"
    stems += " happ enjoy fl tr sp oat ivy troubl conflat siz agre fe tann y yy ayy say syzyg bab abb queu"
    ends = "|s|es|ies|ied|ed|eed|ing|at|ated|ating|bl|bled|iz|ized|y|ying|ational|tional|enci|anci|izer|bli|abli|alli|entli|eli"
    ends += "|ousli|ization|ation|ator|alism|iveness|fulness|ousness|aliti|iviti|biliti|fulli|logi|logy|icate|ative|alize|iciti"
    ends += "|ical|ful|ness|al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ion|sion|tion|ou|ism|ate|iti|ous|ive|ize|e|ll|lle|ss|sses"
    made = [stem + end for stem in stems.split() for end in ends.split("|")]
    irregular = "sky skies dying lying tying news inning innings outing outings canning cannings howe proceed exceed succeed"
    kept = random.Random(3).sample(made, 1500)
    rules = [stem + end for stem in ("nation", "hop") for end in ends.split("|")]
    return irregular.split() + rules + kept + ["1234", "a1b2ing", "ing", "eed", "ied", "ies", "2ed", "yyyyying", "aaaaed"]


def main():
    official = squad()
    pairs = PAIRS + list(soup())
    stemmers = {stem: rouge_scorer.RougeScorer(ROUGE, use_stemmer=stem) for stem in (False, True)}
    rows = []
    for answer_written, references_written in pairs:
        answer, references = text(answer_written), [text(reference) for reference in references_written]
        row = {"answer": answer_written, "references": references_written}
        row["levenshtein"] = [
            [Levenshtein.distance(answer, reference), round_trip(Levenshtein.normalized_similarity(answer, reference))]
            for reference in references
        ]
        row["levenshtein_words"] = [
            round_trip(Levenshtein.normalized_similarity(answer.split(), reference.split())) for reference in references
        ]
        # Scores: per variant [precision, recall, f] of the first reference, and f of all. Long texts: without the stemmer.
        row["rouge"] = {}
        for stem, scorer in stemmers.items():
            first = scorer.score(references[0], answer)
            best = scorer.score_multi(references, answer)
            row["rouge"]["stemmed" if stem else "plain"] = [
                [round_trip(first[kind].precision), round_trip(first[kind].recall), round_trip(first[kind].fmeasure), round_trip(best[kind].fmeasure)]
                for kind in ROUGE
            ]
        row["bleu"] = [
            round_trip(BLEU(**{"effective_order": True, **config}).sentence_score(answer, references).score)
            for config in BLEU_CONFIGS.values()
        ]
        row["chrf"] = [
            round_trip(CHRF(**config).sentence_score(answer, references).score) for config in CHRF_CONFIGS.values()
        ]
        row["squad"] = [
            official.metric_max_over_ground_truths(official.compute_exact, answer, references),
            round_trip(official.metric_max_over_ground_truths(official.compute_f1, answer, references)),
        ]
        rows.append(row)
    stemmer = PorterStemmer()
    packages = ["sacrebleu", "rouge-score", "nltk", "rapidfuzz", "allennlp-models"]
    out = {
        "made_by": "tests/reference/similarity.py",
        "python": sys.version.split()[0],
        "packages": {name: importlib.metadata.version(name) for name in packages},
        "bleu_configs": BLEU_CONFIGS,
        "chrf_configs": CHRF_CONFIGS,
        "rouge_variants": ROUGE,
        "pairs": rows,
        "stems": [[word, stemmer.stem(word)] for word in words()],
    }
    lines = ",\n".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in out.pop("pairs"))
    head = json.dumps(out, ensure_ascii=False, separators=(",", ":"))
    (HERE / "similarity.json").write_text(head[:-1] + ',\n"pairs":[\n' + lines + "\n]}\n", encoding="utf-8")


main()
