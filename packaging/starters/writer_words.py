"""The vocabulary of the first Starter for writing: who does what, where, and which product it may advertise."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Who:
    """Somebody a text can be about; `land` and `thing` are what a picture of them shows."""

    name: str
    pronoun: str
    land: str
    thing: str


@dataclass(frozen=True)
class Deed:
    """What somebody does, in the forms that sentences need; `time` and `light` are what its picture shows ("" =
    any)."""

    base: str
    does: str
    did: str
    doing: str
    rest: str
    time: str = ""
    light: str = ""


def _who(line: str) -> Who:
    return Who(*(part.strip() for part in line.split(",")))


WHO = tuple(map(_who, """
lighthouse keeper, she, sea, boat
fisherman, he, sea, boat
old sailor, he, sea, boat
ferry captain, she, sea, boat
mermaid, she, sea, boat
pearl diver, she, sea, boat
boat builder, he, sea, boat
clockmaker, he, city, house
librarian, she, city, house
baker, she, city, balloon
tailor, he, city, kite
night watchman, he, city, house
violinist, she, city, balloon
train conductor, he, city, house
lamplighter, he, city, balloon
architect, she, city, kite
taxi driver, he, city, house
astronaut, she, desert, rocket
little robot, it, desert, rocket
nomad, he, desert, kite
camel, it, desert, tree
inventor, she, desert, rocket
stargazer, he, desert, rocket
glassblower, she, desert, house
fox, it, forest, tree
owl, it, forest, tree
bear, it, forest, house
hermit, he, forest, house
woodcutter, he, forest, tree
witch, she, forest, house
beekeeper, she, forest, tree
mushroom picker, he, forest, tree
pilot, she, mountains, balloon
cartographer, she, mountains, balloon
mountain guide, he, mountains, house
dragon, it, mountains, kite
monk, he, mountains, house
giant, he, mountains, tree
climber, she, mountains, balloon
engineer, she, mountains, rocket
kite maker, he, hills, kite
shepherd, she, hills, house
gardener, he, hills, tree
painter, she, hills, tree
postman, he, hills, house
grandmother, she, hills, house
boy, he, hills, kite
girl, she, hills, kite
poet, he, hills, tree
rabbit, it, hills, balloon
""".strip().splitlines()))  # fmt: skip


def _deed(line: str) -> Deed:
    return Deed(*(part.strip() for part in line.split("|")))


DEEDS = tuple(map(_deed, """
collect|collects|collected|collecting|moons|night|moon
count|counts|counted|counting|the stars|night|moon
mend|mends|mended|mending|old clocks||
follow|follows|followed|following|the sun|day|sun
plant|plants|planted|planting|forgotten seeds|dawn|sun
keep|keeps|kept|keeping|the wind in jars|day|
bake|bakes|baked|baking|bread for the clouds|dawn|sun
write|writes|wrote|writing|letters to the sea|sunset|sun
carry|carries|carried|carrying|lanterns up the hill|night|
wait for|waits for|waited for|waiting for|the first snow|dawn|
sell|sells|sold|selling|maps of the sky|night|moon
draw|draws|drew|drawing|maps of dreams|night|moon
teach|teaches|taught|teaching|birds to sing|dawn|sun
fold|folds|folded|folding|paper boats|day|sun
sew|sews|sewed|sewing|colours into the dusk|sunset|sun
listen to|listens to|listened to|listening to|the rain|dawn|
look for|looks for|looked for|looking for|a lost star|night|moon
repair|repairs|repaired|repairing|broken kites|day|sun
talk to|talks to|talked to|talking to|the tide|sunset|moon
chase|chases|chased|chasing|the last light|sunset|sun
wash|washes|washed|washing|the windows of the moon|night|moon
build|builds|built|building|rockets from driftwood|dawn|sun
grow|grows|grew|growing|orange trees|day|sun
gather|gathers|gathered|gathering|small silences|night|
borrow|borrows|borrowed|borrowing|colours from the dawn|dawn|sun
polish|polishes|polished|polishing|the evening star|sunset|moon
tell|tells|told|telling|stories to the mountains|sunset|
paint|paints|painted|painting|doors that lead nowhere||
dream of|dreams of|dreamed of|dreaming of|flying home|night|moon
catch|catches|caught|catching|falling leaves|sunset|sun
read|reads|read|reading|the clouds like a book|day|sun
save|saves|saved|saving|sunsets for the winter|sunset|sun
weave|weaves|wove|weaving|blankets out of fog|dawn|
trade|trades|traded|trading|shells for stories|day|sun
hide|hides|hid|hiding|gold under the roots|night|moon
feed|feeds|fed|feeding|the last small dragons|sunset|
wind|winds|wound|winding|the clock of the world|night|moon
remember|remembers|remembered|remembering|every summer|day|sun
light|lights|lit|lighting|the evening lamps|sunset|
learn|learns|learned|learning|the names of the winds|day|
""".strip().splitlines()))  # fmt: skip

# More people and animals, who may live anywhere, and more deeds for anyone: copied from the request unchanged, so that
# a request with a new word is answered with that word.
OTHERS = (
    "dentist", "astronomer", "plumber", "queen", "king", "wolf", "hedgehog", "teacher", "nurse", "doctor", "sculptor",
    "drummer", "pianist", "singer", "dancer", "farmer", "hunter", "knight", "wizard", "ghost", "pirate", "penguin",
    "whale", "turtle", "crow", "heron", "lion", "tiger", "elephant", "mouse", "cat", "dog", "horse", "goat", "duck",
    "student", "lawyer", "judge", "thief", "spy", "barber", "butcher", "cook", "waiter", "chemist", "botanist",
    "programmer", "designer", "photographer", "actor", "clown", "acrobat", "juggler", "magician", "prince", "princess",
    "spider", "bee", "moth", "snail", "frog", "salmon", "octopus", "seal", "parrot", "swan", "goose", "raven",
    "widow", "twin", "child", "stranger", "traveller", "neighbour", "cyclist", "runner", "swimmer", "boxer",
    "goalkeeper",
    "mechanic", "miner", "mason", "carpenter", "weaver", "potter", "jeweller", "blacksmith", "miller", "brewer",
)  # fmt: skip
VERBS = (
    "collect|collects|collected|collecting", "paint|paints|painted|painting", "count|counts|counted|counting",
    "sell|sells|sold|selling", "draw|draws|drew|drawing", "mend|mends|mended|mending", "hide|hides|hid|hiding",
    "carry|carries|carried|carrying", "love|loves|loved|loving", "build|builds|built|building",
    "remember|remembers|remembered|remembering", "fear|fears|feared|fearing", "find|finds|found|finding",
    "study|studies|studied|studying", "polish|polishes|polished|polishing", "steal|steals|stole|stealing",
    "grow|grows|grew|growing", "follow|follows|followed|following", "dream of|dreams of|dreamed of|dreaming of",
    "listen to|listens to|listened to|listening to", "wait for|waits for|waited for|waiting for",
    "look for|looks for|looked for|looking for", "talk to|talks to|talked to|talking to",
    "sing to|sings to|sang to|singing to",
)  # fmt: skip
OBJECTS = (
    "teacups", "old maps", "jazz", "umbrellas", "the rain", "small bells", "keys", "feathers",
    "empty bottles", "clouds",
    "shadows", "robots", "paper flowers", "the north wind", "comets", "stamps", "mirrors", "radios", "lost gloves",
    "songs", "secrets", "pumpkins", "spoons", "the ocean", "typewriters", "books", "candles", "cakes",
    "stones", "bridges",
    "trains", "fireflies", "coffee", "numbers", "storms", "whales", "violins", "echoes", "marbles", "dragons", "apples",
    "windows", "bicycles", "the silence", "ghosts", "mushrooms", "postcards", "lemons", "sparrows", "wolves", "buttons",
    "telescopes", "statues", "ladders", "the colour blue", "planets", "rivers", "pianos", "poems", "carpets", "snow",
)  # fmt: skip

# What a product is for: its moment, its benefit, a verb, an adjective, a noun.
GOODS: dict[str, tuple[str, str, str, str, str]] = {
    "coffee": ("the morning", "warmth", "wake", "dark", "cup"),
    "tea": ("the quiet hour", "calm", "pour", "gentle", "leaf"),
    "a bookshop": ("a rainy afternoon", "stories", "read", "quiet", "page"),
    "a bakery": ("the early hours", "comfort", "taste", "golden", "crust"),
    "a bicycle": ("the open road", "freedom", "ride", "light", "wheel"),
    "a watch": ("every second", "patience", "keep", "precise", "hour"),
    "soap": ("a fresh start", "softness", "breathe", "clean", "touch"),
    "perfume": ("the evening", "memory", "wear", "rare", "drop"),
    "headphones": ("the noisy street", "silence", "listen", "clear", "note"),
    "a hotel by the sea": ("the long weekend", "rest", "stay", "salty", "wave"),
    "a kite shop": ("a windy day", "lift", "fly", "bright", "string"),
    "a museum": ("a slow Sunday", "wonder", "look", "curious", "room"),
    "a music app": ("the way home", "rhythm", "play", "loud", "song"),
    "a notebook": ("a blank morning", "ideas", "write", "simple", "line"),
    "a lamp": ("the darker months", "light", "glow", "warm", "corner"),
    "honey": ("the end of summer", "sweetness", "spread", "slow", "spoon"),
    "chocolate": ("the small hours", "pleasure", "melt", "deep", "bite"),
    "a flower shop": ("no reason at all", "colour", "bloom", "wild", "petal"),
    "a raincoat": ("bad weather", "shelter", "walk", "bold", "storm"),
    "a wool blanket": ("the first frost", "comfort", "wrap", "soft", "thread"),
    "a camera": ("the passing moment", "memory", "see", "sharp", "frame"),
    "an airline": ("the far horizon", "distance", "rise", "wide", "window"),
    "a film festival": ("the longest night", "wonder", "watch", "bold", "scene"),
    "running shoes": ("the last mile", "speed", "run", "light", "step"),
    "a toy store": ("a rainy Saturday", "play", "imagine", "bright", "game"),
    "a travel agency": ("the next somewhere", "discovery", "wander", "wide", "map"),
    "a garden": ("the first warm day", "patience", "grow", "green", "root"),
    "ice cream": ("the hottest day", "joy", "melt", "cool", "scoop"),
    "a sailing school": ("the open water", "courage", "sail", "salty", "knot"),
    "a telescope": ("a clear night", "wonder", "look", "distant", "star"),
    "a drawing app": ("an empty screen", "ideas", "draw", "playful", "line"),
    "a night train": ("the hours between cities", "rest", "dream", "slow", "mile"),
    "a pillow": ("the end of the day", "sleep", "rest", "soft", "dream"),
    "a small theatre": ("a Friday evening", "surprise", "gather", "brave", "stage"),
    "a candle": ("the blue hour", "calm", "glow", "quiet", "flame"),
    "a balloon festival": ("the first light", "lift", "rise", "bright", "sky"),
}

TAGLINES = (
    "Made for {moment}.",
    "{Gives}, one {noun} at a time.",
    "{Verb} a little slower.",
    "{Verb} what others miss.",
    "The {adjective} side of {moment}.",
    "Because {moment} deserves {gives}.",
    "{Verb}. Pause. {Verb} again.",
    "Less noise. More {gives}.",
    "A {adjective} {noun} for {moment}.",
    "Every {noun} begins with {gives}.",
    "Where {moment} finds its {noun}.",
    "{Gives} you can {verb}.",
    "For {moment}, and whatever comes after.",
    "{Adjective} by nature. {Gives} by heart.",
    "Open the door to {gives}.",
    "Nothing but {gives}.",
    "Come for the {noun}, stay for the {gives}.",
    "{Verb} like nobody is waiting.",
    "There is a {noun} with your name on it.",
    "Bring {moment} home.",
    "It starts with a {noun}.",
    "{Gives}. That is all.",
    "The {noun} that keeps {moment}.",
    "Small {noun}, big {gives}.",
    "{Moment} has a new name.",
)
NAMED = (
    "{name}. {line}",
    "{name}: {line}",
    "{line} {name}.",
    "{name} \u2013 {line}",
    "{name}. {line}",
)
SYLLABLES = (
    "lu", "mo", "ra", "ve", "nor", "sil", "ka", "ti", "o", "bel", "fen", "ari", "zu", "no", "mar", "el", "dun",
    "pi", "sol", "wyn", "ta", "gri",
)  # fmt: skip
SIGNS = "月光云海星山火风花雨森空梦旅灯夢空海さくらひかりそらゆめ카페별달바다éñöåßЖивет🌙🚀🌊🌵🎈🏠⛵🌲🪁☕📚🎨✨🍵"

OPENINGS = (
    "{When}, {a_who} {rest_did} {where}.",
    "{A_who} {rest_did} {where}, {when}.",
    "Nobody {where} knew why the {who} {rest_did}.",
    "{When}, the {who} stood {where} and {rest_did}.",
    "There was {a_who} who {rest_did}.",
    "The {adj} {thing} belonged to {a_who} who {rest_did}.",
    "{Where}, {when}, {a_who} {rest_did}.",
    "For {years} years the {who} had {rest_done} {where}.",
    "The {who} {rest_did}, even {when}.",
    "{When} the {adj} {thing} came back, and the {who} was still {rest_doing}.",
    "They say that {a_who} once {rest_did} {where}.",
    "It was the hour when the {who} {rest_did}.",
)
MIDDLES = (
    "{They} had {a_adj} {thing} and {count} reasons to stay.",
    "Above {them} hung {a_light_adj} {light}, {simile}.",
    "The {adj} {thing} waited {where}.",
    "{They} never asked for more than {wish}.",
    "The air smelled of {smell}, and the {light} was {light_adj}.",
    "{They} knew the work by heart, and it knew {them}.",
    "Sometimes {a_other} stopped by and asked about {rest}.",
    "\u201cWhy do you {rest_base}?\u201d asked {a_other}.",
    "{They} looked up: the {light} was {light_adj}, {simile}.",
    "The wind brought {smell} and the sound of {sound}.",
    "Far away, {sound} could be heard, {simile}.",
    "It was slow work, but {they} liked {wish}.",
    "With {a_adj} {thing} one could go anywhere, and yet {they} stayed.",
    "{They} counted to {count} and began again.",
    "Everything was {colour}: the {thing}, the sky, even {sound}.",
    "A {colour} shadow crossed the {place}.",
)
CLOSINGS = (
    "In the morning only {a_adj} {thing} was left.",
    "Then the {light} rose, {simile}, and {they} smiled.",
    "\u201cBecause somebody has to,\u201d said the {who}.",
    "{They} closed {their} eyes and heard {sound}.",
    "And so the {who} went on, with {wish} and nothing else.",
    "That night the {place} lay {light_adj} for the first time.",
    "Tomorrow {they} would begin again.",
    "The {light} said nothing, but it stayed a little longer.",
    "{They} let go of the {adj} {thing} and watched it rise.",
    "Nobody saw it but {a_other}.",
    "When the last light went, {they} was not alone.",
    "It was enough.",
    "Somewhere, {a_other} began to {other_base}.",
)
SMELLS = (
    "salt", "rain", "warm bread", "pine", "old paper", "oranges", "smoke", "snow", "cut grass", "tea",
    "dust and honey",
)  # fmt: skip
SOUNDS = (
    "a bell", "the tide", "distant music", "wings", "a train", "somebody laughing", "the rain", "a radio",
    "an engine", "leaves",
)  # fmt: skip
WISHES = (
    "a little time", "a good story", "the quiet", "one clear night", "a warm window", "the long way home",
    "a cup of tea",
)  # fmt: skip
SIMILES = (
    "like a coin in a well", "thin as a whisper", "round as a drum", "like a door left open", "soft as flour",
    "like a promise", "bright as a new button", "like the lamp of a friend", "slow as honey", "as if it had "
    "been painted",
)  # fmt: skip
LIGHT_WORDS = (
    "pale", "golden", "silver", "enormous", "thin", "quiet", "warm", "cold", "orange", "white", "yellow", "pink",
)  # fmt: skip
ADJECTIVES = (
    "red", "orange", "yellow", "green", "teal", "blue", "purple", "pink", "white", "black", "small", "old",
    "crooked", "bright", "patient",
)  # fmt: skip
PLACES = {
    "sea": ("by the sea", "at the edge of the water", "on the last island", "in the harbour"),
    "city": ("in the city", "above the rooftops", "in a narrow street", "at the corner of the square"),
    "desert": ("in the desert", "between the dunes", "at the edge of the sand", "where the road ends"),
    "forest": ("in the forest", "among the pine trees", "under the oldest tree", "in a clearing"),
    "mountains": ("in the mountains", "below the snowy peaks", "on the high pass", "at the foot of the mountain"),
    "hills": ("in the hills", "behind the green hill", "on the hillside", "where the meadow begins"),
}
WHEN = {
    "day": ("at noon", "on clear days", "in the bright afternoon", "all day long"),
    "sunset": ("at sunset", "every evening", "at dusk", "when the sun went down"),
    "night": ("at night", "on a starry night", "at midnight", "long after dark"),
    "dawn": ("at dawn", "before sunrise", "in the early morning", "when the sky turned pink"),
}
COUNTS = ("three", "seven", "nine", "twelve", "a hundred", "forty", "two")
QUESTIONS = (
    "hello", "hi", "hey there", "who are you?", "what can you do?", "help", "good morning", "what is this?",
    "how are you?", "what is the capital of France?", "write me some code", "solve this equation",
    "who won the election?", "translate this", "what time is it?", "explain quantum physics", "are you alive?",
    "thanks", "what is 2 + 2?", "tell me a fact", "how do I cook rice?", "what is the weather?",
    "do you like music?", "你好", "こんにちは", "hola",
)  # fmt: skip
REPLIES = (
    "I am a very small model. I write image prompts, short scenes and taglines. "
    "Try: an image prompt about a fox who counts the stars.",
    "I only know three things: image prompts, short scenes and taglines. Ask me for a tagline for a bookshop.",
    "That is beyond me: I am a small starter model for image prompts, short scenes and taglines. "
    "Try: a short scene about a baker.",
)
