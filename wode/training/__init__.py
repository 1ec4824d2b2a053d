"""Training in seven steps, and what surrounds them: several processes, fine-tuning, evaluation."""

from wode.training.evaluation import MetricsLog, accuracy
from wode.training.loop import pick_device, seed_everything, seven_steps, train
from wode.training.weighing import averaged_over, check_labels, label_count

__all__ = [
    "MetricsLog",
    "accuracy",
    "averaged_over",
    "check_labels",
    "label_count",
    "pick_device",
    "seed_everything",
    "seven_steps",
    "train",
]
