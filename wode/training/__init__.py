"""Training in seven steps, and what surrounds them: several processes, fine-tuning, evaluation."""

from wode.training.evaluation import MetricsLog, accuracy
from wode.training.loop import check_labels, pick_device, seed_everything, seven_steps, train

__all__ = [
    "MetricsLog",
    "accuracy",
    "check_labels",
    "pick_device",
    "seed_everything",
    "seven_steps",
    "train",
]
