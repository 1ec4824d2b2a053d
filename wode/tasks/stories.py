"""Short stories whose sentences need the ones before them: a task of sentence order.

Training and held-out stories share no content word.
"""

from wode.tasks.reader import Split, read_toml

STORIES = read_toml("stories.toml", Split[dict[str, list[list[str]]]])


def stories(held_out: bool = False) -> list[list[str]]:
    """Stories of three sentences each."""
    return [list(story) for story in STORIES[held_out]["stories"]]
