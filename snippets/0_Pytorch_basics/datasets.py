"""What the page `datasets` includes: pictures and labels in two folders, one list of names."""

import os
from pathlib import Path

from PIL import Image
from torch.utils.data import Dataset


class FolderDataset(Dataset):
    def __init__(self, images, labels):
        self.images, self.labels = images, labels
        self.names = sorted(os.listdir(images))  # one name per item

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        name = self.names[index]  # "0002.png"
        image = Image.open(f"{self.images}/{name}").convert("L")
        label = Path(self.labels, name).with_suffix(".txt").read_text()
        return image, int(label)
