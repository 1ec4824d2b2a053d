"""What the page `sentence-order` includes: a judge that knows a list of words, and nothing else."""

CUES = "he she it they his her its their this that these those so then but there therefore one"


def leans(sentence: str) -> bool:
    """Does it begin with a word that leans on the sentence before?"""
    return sentence.split()[0].lower().strip(",") in CUES.split()
