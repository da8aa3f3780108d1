"""Writes ifeval.json: what IFEval's published checks say of the responses below.

    python3 -m venv /tmp/ifeval && . /tmp/ifeval/bin/activate
    pip install nltk==3.9.1 langdetect==1.0.9 immutabledict==4.3.1 packaging==26.3
    pip install --no-deps lm_eval==0.4.13 llama-index-core==0.14.25
    python tests/reference/ifeval.py

Of lm_eval only `tasks/ifeval` is imported, which is Google's code with few changes. llama-index-core is there because
its wheel holds NLTK's punkt data, which the checks need to count sentences.
"""

import importlib.util
import json
import logging
import sys
import types
from importlib.metadata import version
from pathlib import Path

import langdetect
import nltk

logging.disable()
langdetect.DetectorFactory.seed = 0
llama = importlib.util.find_spec("llama_index").submodule_search_locations[0]
nltk.data.path.insert(0, f"{llama}/core/_static/nltk_cache")
root = importlib.util.find_spec("lm_eval").submodule_search_locations[0]
for name, path in [("lm_eval", root), ("lm_eval.tasks", f"{root}/tasks"), ("lm_eval.tasks.ifeval", f"{root}/tasks/ifeval")]:
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [path]

from lm_eval.tasks.ifeval import instructions_util as util  # noqa: E402
from lm_eval.tasks.ifeval import utils  # noqa: E402

INSTRUCTIONS = [
    ("keywords:existence", {"keywords": ["river", "Stone"]}),
    ("keywords:existence", {"keywords": ["colou?r"]}),
    ("keywords:frequency", {"keyword": "stone", "frequency": 2, "relation": "at least"}),
    ("keywords:frequency", {"keyword": " the ", "frequency": 4, "relation": "less than"}),
    ("keywords:forbidden_words", {"forbidden_words": ["stone", "summer"]}),
    ("keywords:forbidden_words", {"forbidden_words": ["cat"]}),
    ("keywords:letter_frequency", {"letter": "E", "let_frequency": 20, "let_relation": "at least"}),
    ("keywords:letter_frequency", {"letter": "s", "let_frequency": 6, "let_relation": "less than"}),
    ("language:response_language", {"language": "en"}),
    ("language:response_language", {"language": "de"}),
    ("language:response_language", {"language": "hi"}),
    ("language:response_language", {"language": "sw"}),
    ("length_constraints:number_sentences", {"num_sentences": 3, "relation": "at least"}),
    ("length_constraints:number_sentences", {"num_sentences": 6, "relation": "less than"}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 2}),
    ("length_constraints:number_paragraphs", {"num_paragraphs": 1}),
    ("length_constraints:number_words", {"num_words": 30, "relation": "at least"}),
    ("length_constraints:number_words", {"num_words": 12, "relation": "less than"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "The"}),
    ("length_constraints:nth_paragraph_first_word", {"num_paragraphs": 1, "nth_paragraph": 1, "first_word": "yes"}),
    ("detectable_content:number_placeholders", {"num_placeholders": 2}),
    ("detectable_content:postscript", {"postscript_marker": "P.S."}),
    ("detectable_content:postscript", {"postscript_marker": "P.P.S"}),
    ("detectable_content:postscript", {"postscript_marker": "Note:"}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 3}),
    ("detectable_format:number_bullet_lists", {"num_bullets": 1}),
    ("detectable_format:constrained_response", {}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 1}),
    ("detectable_format:number_highlighted_sections", {"num_highlights": 3}),
    ("detectable_format:multiple_sections", {"section_spliter": "Section", "num_sections": 2}),
    ("detectable_format:multiple_sections", {"section_spliter": "Day ", "num_sections": 1}),
    ("detectable_format:json_format", {}),
    ("detectable_format:title", {}),
    ("combination:two_responses", {}),
    ("combination:repeat_prompt", {"prompt_to_repeat": "Write a poem about a river. "}),
    ("startend:end_checker", {"end_phrase": "Is there anything else I can help with?"}),
    ("startend:quotation", {}),
    ("change_case:capital_word_frequency", {"capital_frequency": 3, "capital_relation": "at least"}),
    ("change_case:capital_word_frequency", {"capital_frequency": 1, "capital_relation": "less than"}),
    ("change_case:english_capital", {}),
    ("change_case:english_lowercase", {}),
    ("punctuation:no_comma", {}),
]

RESPONSES = [
    # Plain prose.
    "The river runs past a stone bridge. In summer, children jump from it into the water. Their parents watch them "
    "from the meadow, where the grass is high and the shade of the old trees is cool.",
    "Yes, of course. The colour of the stone is grey.",
    "",
    "   \n\n  ",
    "12345",
    "...",
    # A chat model's frame around what was asked for.
    "Sure! Here is the JSON you asked for:\n{\"name\": \"river\", \"stones\": [1, 2, 3]}",
    "```json\n{\"name\": \"river\", \"stones\": [1, 2, 3], \"open\": true}\n```",
    "```JSON\n[1, 2\n```",
    "  {\"a\": \"\\ud83d\\ude00\", \"b\": 1e5, \"c\": null}  ",
    "\"A string is JSON as well.\"",
    "{\"not a number\": NaN}",
    # Markdown.
    "# The river\n\n* **Source**: a spring\n* *Length*: 40 km\n* Mouth: the sea\n\nThat is all.",
    "- one\n- two\n  - three\n\n*four* and **five** and ***six***",
    "* one\n** two\n*\nthree\n-four",
    "Here it is:\n- one\n*Any other questions?*",
    "*first* highlight, ** **, **second** and *third*\n*not\nthis*",
    # Paragraphs.
    "One paragraph about the river.\n\n***\n\nAnother one about a stone.",
    "***\nOnly one full paragraph.\n***",
    "One.\n***\n\n***\nTwo.",
    "First comes this.\n\n\"The second, then.\"",
    "First comes this.\n\n\n\nThe third break is empty.",
    "'Yes! That is one paragraph.\nAnd one line more.",
    # Two answers.
    "A river is long.\n\n******\n\nA river is water that moves.",
    "The same.\n******\nThe same.",
    "******\nOne.\n******\nTwo.\n******",
    # Letters.
    "Dear [name],\n\nPlease come to [address] by [date].\n\nYours,\nM. Stone\n\nP.S. Bring the cat.\nP. P. S. And the categories.",
    "See you soon.\np.s. no capitals here\np.p.s nor here. NOTE: a note",
    # Titles, sections and endings.
    "<<The River>>\n\nSection 1\nIt begins small.\n\nSection 2\nIt grows.\n\nSECTION 3\nIt ends.",
    "<< >> and <<>> are empty\n<<x\n>>",
    "Day 1: walk. Day2: rest.\nIs there anything else I can help with?",
    "\"I like rivers. Is there anything else I can help with?\"",
    "My answer is maybe. I cannot tell.",
    "Write a poem about a river. The river is a road, the road is a river.",
    "WRITE A POEM ABOUT A RIVER.\nO river!",
    # Case.
    "THE RIVER RUNS PAST AN OLD BRIDGE AND INTO THE SEA BEYOND THE HILLS, WHERE IT ENDS.",
    "the river runs past an old bridge and into the sea beyond the hills, where it ends.",
    "I CAN'T SAY. NASA and the U.S. sent AT&T an e-mail; I'M sure the TV was ON/OFF.",
    "WE CANNOT: (YES), \"NO\" --- A-B. It's an iPhone. 'TWAS OK! USA?",
    # Abbreviations, initials and numbers inside sentences.
    "Dr. Smith met Mrs. Jones at 5 p.m. on Jan. 5. They talked about J. R. Tolkien, e.g. his maps. It cost $3.50. However, "
    "the U.S. Government paid.",
    "1. First, wash it.\n2. Then dry it.\n3. Review it.\n\nDone! Really?! Yes... And no. \"Why?\" she asked. (It rained.) Bye",
    "Visit www.river.org. Version 2.0 is out! He works at Acme Inc. He likes it. See p. 5 etc. Thanks",
    "Wait... what? Well . . . I see. \"He said 'no.'\" Then he left.",
    # Other languages.
    "Der Fluss fließt an einer alten Brücke vorbei und mündet hinter den Hügeln ins Meer. Im Sommer springen Kinder ins "
    "Wasser.",
    "नदी एक पुराने पुल के पास से बहती है और पहाड़ियों के पीछे समुद्र में मिल जाती है। गर्मियों में बच्चे पानी में कूदते हैं।",
    "Mto unapita karibu na daraja la zamani na kuingia baharini nyuma ya vilima. Wakati wa kiangazi watoto wanaruka ndani ya "
    "maji, na wazazi wao wanawaangalia kutoka kwenye nyasi.",
    "La rivière passe devant un vieux pont et se jette dans la mer derrière les collines.",
    "川は古い橋のそばを流れ、丘の向こうで海に注ぎます。夏には子供たちが水に飛び込みます。",
    "Река протекает мимо старого моста и впадает в море за холмами. Летом дети прыгают в воду.",
    "河流经过一座古老的桥，在山后流入大海。夏天，孩子们跳进水里。",
]

LANGUAGES = {
    "ar": "يمر النهر بجانب جسر قديم ويصب في البحر خلف التلال، وفي الصيف يقفز الأطفال في الماء.",
    "bg": "Реката минава покрай стар мост и се влива в морето зад хълмовете, а през лятото децата скачат във водата.",
    "bn": "নদীটি একটি পুরানো সেতুর পাশ দিয়ে বয়ে যায় এবং পাহাড়ের পিছনে সমুদ্রে মিশে যায়।",
    "de": "Der Fluss fließt an einer alten Brücke vorbei und mündet hinter den Hügeln ins Meer.",
    "en": "The river runs past an old bridge and into the sea beyond the hills, and children jump into the water.",
    "es": "El río pasa junto a un puente viejo y desemboca en el mar detrás de las colinas, donde juegan los niños.",
    "fa": "رودخانه از کنار پل قدیمی می‌گذرد و پشت تپه‌ها به دریا می‌ریزد و در تابستان کودکان به آب می‌پرند.",
    "fi": "Joki virtaa vanhan sillan ohi ja laskee mereen kukkuloiden takana, ja kesällä lapset hyppäävät veteen.",
    "fr": "La rivière passe devant un vieux pont et se jette dans la mer derrière les collines.",
    "gu": "નદી એક જૂના પુલ પાસેથી વહે છે અને ટેકરીઓ પાછળ સમુદ્રમાં ભળી જાય છે.",
    "he": "הנהר עובר ליד גשר ישן ונשפך לים מאחורי הגבעות, ובקיץ ילדים קופצים למים.",
    "hi": "नदी एक पुराने पुल के पास से बहती है और पहाड़ियों के पीछे समुद्र में मिल जाती है, और बच्चे पानी में कूदते हैं।",
    "it": "Il fiume passa accanto a un vecchio ponte e sfocia nel mare dietro le colline, dove giocano i bambini.",
    "ja": "川は古い橋のそばを流れ、丘の向こうで海に注ぎます。",
    "kn": "ನದಿಯು ಹಳೆಯ ಸೇತುವೆಯ ಬಳಿ ಹರಿಯುತ್ತದೆ ಮತ್ತು ಬೆಟ್ಟಗಳ ಹಿಂದೆ ಸಮುದ್ರವನ್ನು ಸೇರುತ್ತದೆ.",
    "ko": "강은 오래된 다리를 지나 언덕 너머 바다로 흘러갑니다. 여름에는 아이들이 물에 뛰어듭니다.",
    "ml": "നദി ഒരു പഴയ പാലത്തിനരികിലൂടെ ഒഴുകി കുന്നുകൾക്കപ്പുറം കടലിൽ ചേരുന്നു.",
    "mr": "नदी एका जुन्या पुलाजवळून वाहते आणि टेकड्यांच्या मागे समुद्राला मिळते, आणि उन्हाळ्यात मुले पाण्यात उड्या मारतात.",
    "ne": "नदी एउटा पुरानो पुल नजिकैबाट बग्छ र पहाडहरू पछाडि समुद्रमा मिल्छ, अनि गर्मीमा केटाकेटीहरू पानीमा हाम फाल्छन्।",
    "pa": "ਨਦੀ ਇੱਕ ਪੁਰਾਣੇ ਪੁਲ ਦੇ ਕੋਲੋਂ ਵਗਦੀ ਹੈ ਅਤੇ ਪਹਾੜੀਆਂ ਦੇ ਪਿੱਛੇ ਸਮੁੰਦਰ ਵਿੱਚ ਮਿਲ ਜਾਂਦੀ ਹੈ।",
    "pl": "Rzeka płynie obok starego mostu i wpada do morza za wzgórzami, a latem dzieci skaczą do wody.",
    "pt": "O rio passa ao lado de uma ponte velha e deságua no mar atrás das colinas, onde as crianças brincam.",
    "ru": "Река протекает мимо старого моста и впадает в море за холмами, а летом дети прыгают в воду.",
    "sw": "Mto unapita karibu na daraja la zamani na kuingia baharini nyuma ya vilima, na watoto wanaruka ndani ya maji.",
    "ta": "ஆறு ஒரு பழைய பாலத்தின் அருகே பாய்ந்து மலைகளுக்குப் பின்னால் கடலில் கலக்கிறது.",
    "te": "నది ఒక పాత వంతెన పక్కన ప్రవహించి కొండల వెనుక సముద్రంలో కలుస్తుంది.",
    "th": "แม่น้ำไหลผ่านสะพานเก่าและลงสู่ทะเลหลังเนินเขา และในฤดูร้อนเด็กๆ กระโดดลงน้ำ",
    "uk": "Річка протікає повз старий міст і впадає в море за пагорбами, а влітку діти стрибають у воду.",
    "ur": "دریا ایک پرانے پل کے پاس سے گزرتا ہے اور پہاڑیوں کے پیچھے سمندر میں جا گرتا ہے، اور بچے پانی میں کودتے ہیں۔",
    "vi": "Con sông chảy qua một cây cầu cũ và đổ ra biển sau những ngọn đồi, và vào mùa hè trẻ em nhảy xuống nước.",
}

TEXTS = [
    "Mr. Brown met Dr. Black. Prof. Lee did not come.",
    "He moved to the U.S. in May. The U.S. is large. He left the U.S. However, he came back.",
    "Apples, pears, etc. are fruit. Bread, milk, etc. The shop was closed.",
    "i.e. this one, e.g. that one. No. 5 is alive.",
    "J. K. Rowling and J.R.R. Tolkien wrote books. So did I. The end.",
    "Plan A. The plan. Plan B. Smith has it.",
    "It is 3.14. Then 2,000.5! And 7? yes",
    "1. One\n2. two\n3. Three. 4. Four",
    "1) One. 2) Two! 3) Three?",
    "Hello!!! How are you??? Fine...",
    "He said \"Stop!\" and left. \"Why?\" \"Because.\"",
    "(One.) [Two.] {Three.} 'Four.' Five.",
    "Visit example.com. Mail me@example.com! See http://a.b/c?d=e. Bye.",
    "No end",
    "One.Two.Three. Four",
    "One.\n\nTwo!\n\nThree?\n\n",
    "Ph.D. students, M.B.A. holders. At 5 p.m. We left. At 6 a.m. they came.",
    "Wait... The end. Wait... and see. Wait . . . Now. Go.. Stop.",
    "What?! No way! ... Really.",
    "A.B. C.D. e.f. G",
    "*Bold.* **Bolder!** _Under._ `Code.` Next.",
    "“Curly.” She said. ‘Single!’ He said. «Chevron.» They said.",
    "She works for Acme Inc. and Foo Corp. Bar Ltd. is next vs. Baz Co. Then it ended.",
    "Dash--ed. Dash -- ed! Semi; colon: end.",
    "Sept. 5 was a Wed. The next was a Thurs. It rained.",
    "漢字。仮名。 English. मैं। हाँ।",
    "Tab\tbed. New\r\nline. Non\u00a0breaking. Thin\u2009space.",
    "'TWAS THE NIGHT. DON'T GIMME THAT! I WANNA GO. GONNA? D'YE? MORE'N",
    "A,B C:D E;F G#H I@J K$L M%N O&P Q*R S/T U-V W_X Y+Z",
    "HTML5 and H2O, 3D, B2B, X-RAY, e-MAIL, I/O, (ABC), [DEF], <GHI>, {JKL}, \"MNO\", 'PQR', ``STU''",
    "It's A's. THEY'RE, WE'VE, HE'LL, SHE'D. DOGS' BONES' END'",
    "ÉCOLE ÀÉ straße STRASSE Ǆ ǅ ΑΒΓ ПРИВЕТ x̄",
]


def follow(test, response):
    example = utils.InputExample(0, [id for id, _ in INSTRUCTIONS], "", [kwargs for _, kwargs in INSTRUCTIONS])
    return "".join(str(int(followed)) for followed in test(example, response).follow_instruction_list)


def text(text):
    capitals = sum(word.isupper() for word in nltk.word_tokenize(text))
    return {
        "text": text,
        "sentences": util._get_sentence_tokenizer().tokenize(text),
        "words": util.count_words(text),
        "capitals": capitals,
    }


out = {
    "package": "lm_eval",
    "version": version("lm_eval"),
    "with": {name: version(name) for name in ("nltk", "langdetect", "llama-index-core")},
    "instructions": [{"id": id, "kwargs": kwargs} for id, kwargs in INSTRUCTIONS],
    "responses": [
        {
            "response": response,
            "strict": follow(utils.test_instruction_following_strict, response),
            "loose": follow(utils.test_instruction_following_loose, response),
        }
        for response in RESPONSES
    ],
    "languages": [{"text": text, "language": langdetect.detect(text)} for text in LANGUAGES.values()],
    "texts": [text(t) for t in TEXTS],
}
for code, found in zip(LANGUAGES, out["languages"]):
    assert code == found["language"], (code, found)
path = Path(__file__).with_suffix(".json")
path.write_text(json.dumps(out, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
