"""Tasks to prompt a language model with, written for this book: examples apart from test items.

A pair is a question and its answer; where several answers are right they are separated by ``|``
and the first is the one that an example shows. No question, and in classification no content word
of note, is in both `Task.examples` and `Task.tests`.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from wode.prompting import Format

Pair = tuple[str, str]


@dataclass(frozen=True)
class Task:
    """Something to do, described in a sentence; with ``labels`` it is a classification."""

    name: str
    description: str
    format: Format
    examples: Sequence[Pair]
    tests: Sequence[Pair]
    labels: tuple[str, ...] = ()
    named: Format | None = None  # a format that says what question and answer are

    @property
    def chance(self) -> float:
        """What guessing gets right; of a free answer, nothing."""
        return 1 / len(self.labels) if self.labels else 0.0

    def shown(self) -> list[Pair]:
        """The pool of examples, each with one answer."""
        return [(question, answer.split("|")[0]) for question, answer in self.examples]


def right(answer: str, accepted: str) -> bool:
    """Whether an answer is one of those accepted, but for case, an article, a full stop."""
    said = answer.strip().rstrip(".").strip("\"'").lower()
    return said in {one.lower() for one in accepted.split("|")}


def _pairs(text: str) -> list[Pair]:
    """``hot cold; up down`` as pairs; a question of several words is joined by ``_``."""
    found = []
    for item in text.replace("\n", " ").split(";"):
        question, answer = item.split()
        found.append((question.replace("_", " "), answer.replace("_", " ")))
    return found


def _task(
    name: str, description: str, question: str, answer: str, examples: str, tests: str
) -> Task:
    """A task answered freely, in the neutral format; ``question`` and ``answer`` name the parts."""
    named = Format(f"{question}: {{}}\n{answer}:")
    return Task(name, description, Format(), _pairs(examples), _pairs(tests), named=named)


# ---------------------------------------------------------------- free answers

ANTONYMS = _task(
    "antonyms",
    "Write the word with the opposite meaning.",
    "Word",
    "Opposite",
    """hot cold; early late; open closed|shut; rich poor; tall short; fast slow; happy sad|unhappy;
    wet dry; loud quiet|silent|soft; heavy light; empty full; young old; hard soft|easy; thick
    thin; wide narrow; clean dirty; true false; alive dead; sharp dull|blunt; brave
    cowardly|afraid|timid; buy sell; win lose; push pull; begin end|finish; love hate; enter
    leave|exit; laugh cry|weep; north south""",
    """big small|little; up down; left right; day night; black white; good bad|evil; strong weak;
    deep shallow; bright dark|dim|dull; smooth rough; cheap expensive; safe dangerous|unsafe;
    simple complex|complicated|difficult; sweet sour|bitter; near far; inside outside; above
    below|under; first last; male female; friend enemy|foe; war peace; success failure; summer
    winter; question answer; arrive depart|leave; remember forget; accept reject|refuse|decline;
    give take|receive; rise fall|set; build destroy|demolish; increase decrease|reduce; lend
    borrow; teach learn; attack defend|defense; appear disappear|vanish; ancient modern|new;
    polite rude|impolite; guilty innocent; public private; lazy
    hardworking|diligent|industrious|active; major minor; absent present; tight loose; maximum
    minimum; ugly beautiful|pretty; victory defeat; artificial natural|real; horizontal
    vertical; internal external; positive negative""",
)

PAST = _task(
    "past",
    "Write the past tense of the verb.",
    "Verb",
    "Past tense",
    """go went; see saw; take took; give gave; walk walked; eat ate; play played; find found; jump
    jumped; write wrote; cook cooked; run ran; open opened; buy bought; fall fell; cry cried;
    drive drove; stop stopped; swim swam; paint painted; teach taught; smile smiled; hide hid;
    carry carried; build built; dance danced""",
    """come came; make made; know knew; think thought; say said; get got; tell told; feel felt;
    leave left; bring brought; begin began; keep kept; hold held; stand stood; hear heard; meet
    met; sit sat; speak spoke; lead led; grow grew; lose lost; send sent; draw drew; break
    broke; spend spent; rise rose; wear wore; choose chose; sing sang; fly flew; drink drank;
    sleep slept; throw threw; catch caught; fight fought; win won; sell sold; forget forgot; ask
    asked; work worked; call called; need needed; help helped; talk talked; turn turned; start
    started; live lived; move moved; study studied; plan planned""",
)

CAPITALS = _task(
    "capitals",
    "Name the capital of the country.",
    "Country",
    "Capital",
    """France Paris; Japan Tokyo; Egypt Cairo; Canada Ottawa; Italy Rome; Kenya Nairobi; Peru Lima;
    Norway Oslo; Thailand Bangkok; Cuba Havana; Greece Athens; Iraq Baghdad; Chile Santiago;
    Hungary Budapest; Vietnam Hanoi; Morocco Rabat; Finland Helsinki; Nepal Kathmandu; Ghana
    Accra; Jordan Amman; Uruguay Montevideo; Bulgaria Sofia""",
    """Germany Berlin; Spain Madrid; China Beijing; Russia Moscow; England London; Austria Vienna;
    Sweden Stockholm; Poland Warsaw; Portugal Lisbon; Ireland Dublin; Denmark Copenhagen;
    Belgium Brussels; Turkey Ankara; Iran Tehran; India New_Delhi|Delhi; Australia Canberra;
    Brazil Brasilia|Brasília; Argentina Buenos_Aires; Mexico Mexico_City; Colombia
    Bogota|Bogotá; Venezuela Caracas; Ecuador Quito; Pakistan Islamabad; Afghanistan Kabul;
    Syria Damascus; Lebanon Beirut; Israel Jerusalem; Ethiopia Addis_Ababa; Nigeria Abuja;
    Senegal Dakar; Tunisia Tunis; Libya Tripoli; Indonesia Jakarta; Philippines Manila; Malaysia
    Kuala_Lumpur; South_Korea Seoul; North_Korea Pyongyang; Mongolia Ulaanbaatar|Ulan_Bator;
    Ukraine Kyiv|Kiev; Romania Bucharest; Serbia Belgrade; Croatia Zagreb; Iceland
    Reykjavik|Reykjavík; Estonia Tallinn; Latvia Riga; Switzerland Bern|Berne; Scotland
    Edinburgh; Jamaica Kingston; Cambodia Phnom_Penh; Uganda Kampala""",
)

PLURALS = _task(
    "plurals",
    "Write the plural of the noun.",
    "Noun",
    "Plural",
    """cat cats; box boxes; child children; city cities; leaf leaves; foot feet; bus buses; tree
    trees; mouse mice; baby babies; knife knives; man men; dish dishes; tooth teeth; book books;
    hero heroes; sheep sheep; wife wives; fox foxes; story stories; goose geese; river rivers""",
    """dog dogs; car cars; house houses; table tables; apple apples; window windows; watch watches;
    church churches; glass glasses; brush brushes; bench benches; class classes; tax taxes;
    peach peaches; potato potatoes; tomato tomatoes; echo echoes; party parties; country
    countries; lady ladies; family families; berry berries; fly flies; army armies; wolf wolves;
    half halves; loaf loaves; thief thieves; shelf shelves; calf calves; woman women; ox oxen;
    louse lice; fish fish|fishes; deer deer; species species; crisis crises; analysis analyses;
    cactus cacti|cactuses; fungus fungi|funguses; key keys; boy boys; day days; photo photos;
    piano pianos; roof roofs; chief chiefs; person people|persons; phenomenon phenomena;
    stimulus stimuli""",
)

FRENCH = _task(
    "french",
    "Translate the English word into French.",
    "English",
    "French",
    """cheese fromage; dog chien; house maison; water eau; book livre; red rouge; sun soleil; bread
    pain; girl fille; school école; car voiture; blue bleu; milk lait; night nuit; king roi;
    door porte; fish poisson; flower fleur; winter hiver; hand main; summer été; apple pomme""",
    """cat chat; tree arbre; white blanc|blanche; black noir|noire; green vert|verte; mother mère;
    father père; brother frère; sister sœur|soeur; friend ami|amie; day jour|journée; moon lune;
    star étoile; sea mer; mountain montagne; city ville; street rue; bridge pont; church église;
    garden jardin; horse cheval; bird oiseau; cow vache; egg œuf|oeuf; meat viande|chair; wine
    vin; sugar sucre; salt sel; table table; chair chaise; window fenêtre; bed lit; head tête;
    eye œil|oeil; mouth bouche; foot pied; heart cœur|coeur; time temps|heure; year année|an;
    week semaine; spring printemps|ressort; money argent; work travail|travailler; language
    langue|langage; war guerre; peace paix; love amour|aimer; happy
    heureux|heureuse|content|joyeux; big grand|grande|gros; new nouveau|nouvelle|neuf""",
)

COMPARATIVES = _task(
    "comparatives",
    "Write the comparative form of the adjective.",
    "Adjective",
    "Comparative",
    """tall taller; good better; happy happier; big bigger; large larger; bad worse; cold colder;
    easy easier; hot hotter; nice nicer; fast faster; heavy heavier; thin thinner; safe safer;
    old older; far farther; funny funnier; late later; wet wetter; rich richer; angry angrier;
    brave braver""",
    """small smaller; short shorter; long longer; high higher; low lower; young younger; new newer;
    slow slower; warm warmer; cheap cheaper; strong stronger; weak weaker; dark darker; light
    lighter; clean cleaner; deep deeper; sharp sharper; soft softer; loud louder; sweet sweeter;
    early earlier; busy busier; dirty dirtier; pretty prettier; lucky luckier; noisy noisier;
    lazy lazier; hungry hungrier; dry drier|dryer; friendly friendlier; simple simpler; wide
    wider; wise wiser; close closer; cute cuter; rude ruder; strange stranger; fat fatter; sad
    sadder; red redder; slim slimmer; fit fitter; flat flatter; little less|littler; many more;
    much more; narrow narrower; quiet quieter; clever cleverer; bright brighter""",
)


def _additions(seed: int, count: int) -> list[Pair]:
    """Sums of two numbers below 100, as the GPT-3 paper draws them (section 3.9.1)."""
    draw = random.Random(seed)
    numbers = [(draw.randrange(100), draw.randrange(100)) for _ in range(count)]
    return [(f"{a} plus {b}", str(a + b)) for a, b in numbers]


ADDITION = Task(
    "addition",
    "Add the two numbers.",
    Format("Q: What is {}?\nA:"),
    _additions(0, 24),
    [pair for pair in _additions(1, 60) if pair not in _additions(0, 24)][:50],
)


# ---------------------------------------------------------------- classification


def _labelled(text: str) -> list[Pair]:
    """A line a pair: the label, a colon, the question."""
    lines = (line.strip().split(": ", 1) for line in text.strip().splitlines())
    return [(question, label) for label, question in lines]


_REVIEWS_SHOWN = _labelled("""
positive: The soup was rich and the waiter could not have been kinder.
negative: My phone died after two days and nobody answered my letters.
positive: A charming film that kept us smiling all evening.
negative: The hotel room smelled of smoke and the bed was broken.
positive: This bag is light, strong and worth every penny.
negative: The plot made no sense and the actors seemed asleep.
positive: We loved the garden, and the guide knew so many stories.
negative: A cold meal, a long queue and a rude cashier.
positive: The headphones sound wonderful and fit perfectly.
negative: The jacket fell apart the first time I washed it.
positive: Her new album is warm, clever and full of surprises.
negative: I regret buying this lamp; it flickers and hums.
positive: The dentist was gentle and explained each step.
negative: The book drags on for pages without saying anything.
positive: Fast delivery and an excellent camera.
negative: The train was filthy and arrived three hours late.
positive: The children adored the puppet show.
negative: A boring lecture that taught me nothing.
positive: Fresh bread, friendly people, my favourite bakery.
negative: The keyboard has sticky keys and terrible instructions.
positive: Great value, and the colours are beautiful.
negative: The pizza was burnt and tasted of cardboard.
positive: A brilliant performance that moved everybody to tears of joy.
negative: The gym is overcrowded, noisy and badly run.
""")

_REVIEWS_TESTED = _labelled("""
positive: What a delightful little museum, I will certainly return.
negative: The update ruined the app and deleted my notes.
positive: The mattress is so comfortable that I sleep like a baby.
negative: Awful service, and they charged us twice.
positive: An inspiring story, superbly told.
negative: The chocolate was stale and far too expensive.
positive: Our teacher is patient and makes mathematics fun.
negative: The sequel is a lazy, pointless mess.
positive: These boots kept my feet dry and warm all winter.
negative: The tap leaks and the landlord ignores us.
positive: Crisp pictures, easy menus, a superb television.
negative: I walked out of the theatre before the interval.
positive: The cake was moist and everyone asked for the recipe.
negative: The vacuum cleaner is weak and painfully loud.
positive: A peaceful campsite with a stunning view of the lake.
negative: The wine tasted like vinegar.
positive: The mechanic was honest and fixed my car in an hour.
negative: The course was disorganised and a waste of money.
positive: I finished the novel in one night, it is that gripping.
negative: The shirt is itchy and the buttons came off.
positive: The staff went out of their way to help us.
negative: Worst flight of my life, cramped and chaotic.
positive: The tea has a lovely, delicate flavour.
negative: Customer support was useless and arrogant.
positive: A clever game that gets better each time you play.
negative: The painting arrived with a torn canvas.
positive: The orchestra played magnificently.
negative: The bicycle rusted within a week.
positive: A generous breakfast and a spotless bathroom.
negative: The jokes were stale and the singing was dreadful.
positive: This knife is sharp, well balanced and a pleasure to use.
negative: The medicine did not work and upset my stomach.
positive: The island is paradise, clear water and kind people.
negative: The screen cracked for no reason at all.
positive: A thoughtful gift that made my grandmother very happy.
negative: Greasy food, dirty tables, never again.
positive: The printer works flawlessly and is easy to set up.
negative: The documentary was shallow and full of errors.
positive: I recommend this barber to all my friends.
negative: The carpet faded after one summer.
""")


def _renamed(pairs: Sequence[Pair], names: dict[str, str]) -> list[Pair]:
    return [(question, names[label]) for question, label in pairs]


SENTIMENT = Task(
    "sentiment",
    "Is the review positive or negative?",
    Format("Review: {}\nSentiment:"),
    _REVIEWS_SHOWN,
    _REVIEWS_TESTED,
    ("positive", "negative"),
)

FOO_BAR = {"positive": "foo", "negative": "bar"}
RENAMED = Task(
    "renamed",
    "Is the review foo or bar?",
    Format("Review: {}\nLabel:"),
    _renamed(_REVIEWS_SHOWN, FOO_BAR),
    _renamed(_REVIEWS_TESTED, FOO_BAR),
    ("foo", "bar"),
)

_KINDS = {
    "animal": (
        "dog eagle trout spider horse frog",
        "cat lion whale sparrow snake bee elephant rabbit shark goat",
    ),
    "food": (
        "bread soup butter pasta honey rice",
        "cheese pizza cake sausage yogurt jam salad omelette chocolate porridge",
    ),
    "tool": (
        "hammer saw drill wrench shovel pliers",
        "screwdriver axe chisel rake scissors crowbar spanner trowel file mallet",
    ),
    "vehicle": (
        "car tram ferry tractor scooter helicopter",
        "bus train bicycle truck plane boat motorcycle submarine van taxi",
    ),
}


def _kinds(part: int) -> list[Pair]:
    return [(word, kind) for kind, words in _KINDS.items() for word in words[part].split()]


KINDS = Task(
    "kinds",
    "Is it an animal, a food, a tool or a vehicle?",
    Format("Thing: {}\nKind:"),
    _kinds(0),
    _kinds(1),
    tuple(_KINDS),
)

# Each premise with a hypothesis that follows, one that may or may not be, and one it excludes.
_SHOWN = """
A man is cooking dinner in a small kitchen.
A man is preparing food.
The man is cooking for his wife.
The kitchen is empty.

Two girls are riding horses along the beach.
Some girls are near the sea.
The girls are sisters.
The girls are asleep at home.

An old woman is feeding pigeons in the park.
A woman is outdoors.
The woman comes here every day.
There are no birds in the park.

The students are taking an exam in silence.
The students are being tested.
The exam is about history.
The students are shouting loudly.

A boy in a red coat is building a snowman.
A child is playing with snow.
The snowman has a carrot nose.
It is a hot day in July.

Three workers are repairing the roof of a church.
People are working on a building.
The roof was damaged by a storm.
The workers are digging a tunnel.

A black dog is chasing a ball across the grass.
An animal is running.
The dog belongs to a farmer.
The dog is lying still.

The band is playing on a stage in front of a large crowd.
People are watching musicians.
The concert is free.
Nobody came to hear the band.
"""
_TESTED = """
A woman is reading a newspaper on the train.
A woman is travelling.
The woman is going to work.
The woman is driving a car.

Several children are swimming in a lake.
Some children are in the water.
The children are on holiday.
The lake is frozen solid.

A waiter is carrying six glasses on a tray.
Someone is carrying glasses.
The glasses are full of wine.
The waiter's hands are empty.

A farmer is milking a cow in the barn.
A person is with an animal.
The farmer owns ten cows.
The barn is on fire and everyone has left.

The football team is celebrating its victory.
The team has won.
The team won by two goals.
The team lost the match.

A girl with long hair is painting a picture of a tree.
A girl is making art.
The girl wants to become a painter.
The girl is bald.

Two men are playing chess under an umbrella.
Two people are playing a game.
It is raining.
The men are boxing.

A doctor is examining a small boy.
A child is being looked at by a doctor.
The boy has a fever.
The doctor is alone.

A cyclist is climbing a steep mountain road.
Someone is riding uphill.
The cyclist is in a race.
The cyclist is resting in bed.

The library is closed on Sunday.
One cannot visit the library on Sunday.
The library is open on Saturday.
The library is open every day of the week.

A fisherman is mending his net on the pier.
A man is repairing something.
The net was torn by a big fish.
The fisherman is far out at sea.

The baby is sleeping in its mother's arms.
A baby is being held.
The baby is a boy.
The baby is crying alone.

A tall man is changing a light bulb without a ladder.
A man is replacing a bulb.
The man is an electrician.
The man is too short to reach anything.

A crowd is waiting outside the bakery before dawn.
People are waiting.
The bakery sells the best bread in town.
No one is near the bakery.
"""
_VERDICTS = ("true", "unknown", "false")


def _inferences(text: str) -> list[Pair]:
    found = []
    for block in text.strip().split("\n\n"):
        premise, *hypotheses = block.splitlines()
        for hypothesis, verdict in zip(hypotheses, _VERDICTS, strict=True):
            found.append((f"{premise}\nStatement: {hypothesis}", verdict))
    return found


INFERENCE = Task(
    "inference",
    "Given the text, is the statement true, false or unknown?",
    Format("Text: {}\nAnswer:"),
    _inferences(_SHOWN),
    _inferences(_TESTED),
    _VERDICTS,
)

TASKS: dict[str, Task] = {
    task.name: task
    for task in (
        ANTONYMS,
        PAST,
        PLURALS,
        COMPARATIVES,
        CAPITALS,
        FRENCH,
        ADDITION,
        SENTIMENT,
        RENAMED,
        KINDS,
        INFERENCE,
    )
}
